import { dag, type Directory } from "@dagger.io/dagger"
import type { EnvironmentConfig } from "../core/config/environments.js"
import { errorGate, inconclusiveGate } from "../core/gates/gate.js"
import { renderRelease, type Release } from "../core/release.js"
import type { GateResult, RunRecord } from "../core/run.js"
import { deployedState, type EnvironmentState } from "../core/signing/deployed-where.js"
import { judgeSubjects } from "../core/signing/verify-images.js"
import { renderReleaseAnswer } from "../core/signing/release-answer.js"
import { describeSigner, NO_SIGNING } from "../core/signing/signer.js"
import { kubeConnection, kubeRequest } from "./kube-request.js"
import type { Run } from "./run.js"
import { remoteRelease, trustedSigner, verifyRelease, type Verification } from "./verified-release.js"

const CLUSTER_TIMEOUT_MS = 10_000

/** The answer to a person, and the run that keeps it. */
export interface AnsweredRelease {
  readonly text: string
  readonly record: RunRecord
  readonly evidence: Directory
}

/** Says what is known of a release, from the registry and from the clusters that the call has credentials for. Writes nothing. */
export async function answerForRelease(run: Run): Promise<AnsweredRelease> {
  const started = Date.now()
  const stored = await remoteRelease(run)
  const { release } = stored
  const signer = trustedSigner(run)
  const { config } = run.checkout
  const verification: Verification = signer === null ? { gate: unverifiable(), verdicts: [], log: "" } : await verifyRelease(run, stored, signer).catch(brokenVerification)
  const named = Object.values(config.environments).filter(({ kubeconfig }) => kubeconfig !== null)
  const environments = await Promise.all(named.map((environment) => stateOf(run, release, environment)))
  const { verdicts, log } = verification
  // Nobody was about to write anything here.
  const gate = signer === null || verdicts.length === 0 ? verification.gate : judgeSubjects(verdicts, signer, { refused: "not accepted" })
  const text = renderReleaseAnswer({ project: config.project, ref: stored.ref, release, signer: signer === null ? null : describeSigner(signer), verdicts, environments })
  const durationSeconds = Math.round((Date.now() - started) / 100) / 10
  const evidence = dag.directory().withNewFile("release.json", renderRelease(release)).withNewFile("verify-release.txt", text).withNewFile("logs/verify-release.log", `${log}\n`)
  const row = { stage: "verify-release", service: null, environment: null, cached: false, durationSeconds, evidence: ["release.json", "verify-release.txt", "logs/verify-release.log"], ...gate }
  const { verdict, reason } = gate
  return { text: `${text}\n`, record: { schemaVersion: 1, ...run.header, release: release.commit, verdict, reason, durationSeconds, stages: [row] }, evidence }
}

/** Without a name to trust nothing is proven, and nothing is refuted either. */
const unverifiable = (): GateResult => inconclusiveGate(`the release is there, and nobody can say who made it: ${NO_SIGNING}`)

const brokenVerification = (error: unknown): Verification => ({ gate: errorGate(error instanceof Error ? error.message : String(error)), verdicts: [], log: "" })

async function stateOf(run: Run, release: Release, { name, kubeconfig, namespace }: EnvironmentConfig): Promise<EnvironmentState> {
  const secret = run.credentials.get(kubeconfig ?? "")
  if (secret === undefined) return { name, state: `not known: this call did not bring ${kubeconfig}` }
  const chart = run.checkout.config.chart?.release ?? ""
  try {
    const connection = await kubeConnection(await secret.plaintext())
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments?labelSelector=${encodeURIComponent(`app.kubernetes.io/instance=${chart}`)}`
    const { status, body } = await kubeRequest(connection, "GET", path, { timeoutMs: CLUSTER_TIMEOUT_MS })
    return { name, state: status === 200 ? deployedState(release, body) : `not known: the API server answered ${status}` }
  } catch (error) {
    return { name, state: `not known: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)}` }
  }
}
