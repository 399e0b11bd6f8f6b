import { judgeDrift } from "../../core/deploy/drift.js"
import { helmManifestArguments, kubectlDryRunArguments, kubectlLiveArguments } from "../../core/deploy/helm.js"
import { objectsOf } from "../../core/deploy/kube-object.js"
import { diffObjects, renderDiff } from "../../core/deploy/object-diff.js"
import { routeDrift, withRoutes } from "../../core/deploy/route-drift.js"
import { lastLines } from "../../core/gates/exec.js"
import { errorGate } from "../../core/gates/gate.js"
import { nextNonce, runCommand, textFile, uncached } from "../exec.js"
import { kubeTools } from "../target.js"
import type { Run, StageOutput } from "../run.js"
import { readDeliveryState } from "./delivery-state.js"
import { environmentTools } from "./environment-tools.js"
import { helmRevisions } from "./helm-storage.js"

const MANIFEST_FOLDER = "/work/manifest"
const DRIFT_LIMIT_SECONDS = 120

/** Holds the cluster against what was deployed there last; writes nothing and needs no sources. */
export async function findDrift(run: Run, environment: string): Promise<StageOutput> {
  const tools = await environmentTools(run, environment, "drift")
  const { target, release, call } = tools
  const last = (await helmRevisions({ connection: target.connection, release })).at(-1)
  if (last === undefined) return { gate: errorGate(`${environment}: release ${release.name} is not deployed, so nothing can have drifted`) }
  const manifest = await call(helmManifestArguments(release, last.revision))
  if (manifest.exitCode !== 0) return { gate: errorGate(`helm get manifest: ${lastLines(manifest.stderr, 2)}`) }
  const container = uncached(kubeTools(run.checkout, target), nextNonce(run.header.runId)).withNewFile(`${MANIFEST_FOLDER}/all.yaml`, manifest.stdout)
  const limits = { runId: run.header.runId, timeoutSeconds: DRIFT_LIMIT_SECONDS }
  const live = await runCommand(container, kubectlLiveArguments(release.namespace, MANIFEST_FOLDER), limits)
  const wanted = await runCommand(container, [...kubectlDryRunArguments(release.namespace, MANIFEST_FOLDER), "--output=json"], limits)
  const broken = [live, wanted].find(({ exitCode }) => exitCode !== 0)
  if (broken !== undefined) return { gate: errorGate(`${broken.argv.slice(0, 2).join(" ")}: ${lastLines(broken.stderr, 3).replaceAll("\n", " ")}`) }
  const found = objectsOf(live.stdout)
  const objects = withRoutes(diffObjects(found, objectsOf(wanted.stdout), []), routeDrift(found, new Map()))
  const { records } = await readDeliveryState(target.connection, release.namespace, release.name)
  const record = records.findLast(({ revision }) => revision === last.revision) ?? null
  return { gate: judgeDrift({ environment, revision: last.revision, status: last.status, objects, record }), evidence: textFile(`logs/drift-${environment}.log`, `${renderDiff(objects)}\n`) }
}
