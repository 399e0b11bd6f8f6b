import { dag, type Directory } from "@dagger.io/dagger"
import { CHECK_SERVER, START_CHECK_SERVER } from "../../core/charts/check-server.js"
import { CHECK_FOLDERS, checkSteps, guardManifest, type CheckStep } from "../../core/charts/check-steps.js"
import { judgeChartsCheck } from "../../core/charts/judge-check.js"
import type { Config } from "../../core/config/model.js"
import { namespaceObject } from "../../core/deploy/namespace.js"
import { joinPath } from "../../core/detect/tree.js"
import { standInRelease } from "../../core/lint-files/stand-in.js"
import { releaseValues } from "../../core/release.js"
import { commandLog, runKept } from "../exec.js"
import { filesAlone } from "../files-alone.js"
import { containerOf } from "../image-container.js"
import { chartOf, emptyDirectory, limits, type Run, type StageWork } from "../run.js"
import { STAGING_ADDRESS } from "../staging-registry.js"

// One step that hangs must not use up the time of all.
const CHECK_STEP_SHARE = 0.3

/** Lints and renders the chart for every environment and has an API server that runs nothing take the objects, under the policies of the clusters. */
export const chartsCheck: StageWork = async (run, planned) => {
  const { config } = run.checkout
  const { chart, tree, policiesAreChart } = await checkedFiles(run)
  const environments = Object.values(config.environments)
  const steps = checkSteps({ chart, environments, policies: config.policies, policiesAreChart })
  const container = containerOf(run.checkout.image(run.imageProfile === "mirror" ? "kubernetes-airgap" : "k3s"))
    .withoutEntrypoint()
    .withUser("0")
    .withFile("/usr/local/bin/helm", dag.container().from(run.checkout.image("helm")).file("/usr/bin/helm"))
    .withDirectory(CHECK_FOLDERS.tree, tree)
    .withDirectory("/work", madeFiles(config))
    .withDirectory("/work", await definitions(run))
  const timeoutSeconds = Math.round(planned.timeoutSeconds * CHECK_STEP_SHARE)
  const limited = [CHECK_SERVER, ...steps].map((step) => ({ ...step, timeoutSeconds }))
  const { outcomes, cached, container: left } = await runKept(container, [limited], limits(run, planned), { before: START_CHECK_SERVER })
  const gate = judgeChartsCheck(steps, new Map(outcomes.map((outcome) => [outcome.name, outcome])), joinPath(chart.path), planned.timeoutSeconds)
  return { gate, cached, evidence: await checkEvidence(left.directory(CHECK_FOLDERS.rendered), steps, commandLog(outcomes)) }
}

/** Only what the check reads: a change of any other file runs nothing again. */
async function checkedFiles(run: Run) {
  const { config, source } = run.checkout
  const chart = chartOf(run)
  const { policies } = config
  const folders = [chart.path, ...(policies === null ? [] : [policies.path])].map((path) => `${joinPath(path)}/**`)
  const values = [...Object.values(config.environments).flatMap((environment) => environment.values), ...(policies?.values ?? [])].map((path) => joinPath(path))
  const tree = await filesAlone(source, [...folders, ...values])
  return { chart, tree, policiesAreChart: policies !== null && (await tree.exists(joinPath(policies.path, "Chart.yaml"))) }
}

/** What a release would bring, with digests that stand in for those of images that nobody has built yet. */
function madeFiles(config: Config): Directory {
  const relative = (folder: string, name: string): string => `${folder}/${name}.json`.replace("/work/", "")
  return Object.values(config.environments).reduce((files, { name, namespace, strategy }) => {
    const registry = name === "local" ? STAGING_ADDRESS : config.registry?.address
    return files
      .withNewFile(relative(CHECK_FOLDERS.releases, name), JSON.stringify(releaseValues(standInRelease(config, registry), config, strategy)))
      .withNewFile(relative(CHECK_FOLDERS.namespaces, name), JSON.stringify(namespaceObject(namespace, { project: config.project, environment: name })))
      .withNewFile(relative(CHECK_FOLDERS.guards, name), guardManifest(namespace))
  }, emptyDirectory())
}

/** As texts: files of the module have the time of their checkout, and nothing would come from the cache. */
async function definitions({ platform }: Run): Promise<Directory> {
  const more = await platform.directory("definitions").entries()
  const texts = await Promise.all(more.map(async (name): Promise<[string, string]> => [name, await platform.file(`definitions/${name}`).contents()]))
  const gateway = await platform.file("manifests/10-gateway-api-crds.yaml").contents()
  return texts.reduce(
    (files, [name, text]) => files.withNewFile(`${CHECK_FOLDERS.moreDefinitions}/${name}`.replace("/work/", ""), text),
    emptyDirectory().withNewFile(`${CHECK_FOLDERS.definitions}/gateway-api.yaml`.replace("/work/", ""), gateway),
  )
}

async function checkEvidence(rendered: Directory, steps: readonly CheckStep[], log: string): Promise<Directory> {
  const written = new Set(await rendered.entries().catch(() => []))
  const files = steps.flatMap(({ kind, environment }) => (kind === "render" && environment !== null && written.has(`${environment}.yaml`) ? [`${environment}.yaml`] : []))
  return files.reduce((folder, name) => folder.withFile(`charts/${name}`, rendered.file(name)), emptyDirectory().withNewFile("logs/charts-check.log", log))
}
