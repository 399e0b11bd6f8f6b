import { sickPodFindings, sickPods } from "../../core/deploy/diagnosis.js"
import { helmHistoryArguments, helmRollbackArguments, helmUninstallArguments, helmUpgradeArguments, lastDeployedRevision } from "../../core/deploy/helm.js"
import { lastLines } from "../../core/gates/exec.js"
import { errorGate, failedGate, passedGate } from "../../core/gates/gate.js"
import type { Command } from "../../core/config/commands.js"
import type { GateResult } from "../../core/run.js"
import { commandLog, nextNonce, runCommand, textFile, uncached, type ExecResult } from "../exec.js"
import { helmTools, type HelmTools } from "../helm-release.js"
import { waitForWorkloads } from "../rollout.js"
import { limits, type StageWork } from "../run.js"
import { verifyBeforeWrite } from "../verified-release.js"

const LOG_LINES = 20
const UNINSTALL_SECONDS = 60
// A roll-out gets this share of the stage's time; the way back needs some too.
const ROLLOUT_SHARE = 0.5

/** Brings the release to the cluster and waits until it serves; a roll-out that does not ends on the last healthy revision. */
export const deploy: StageWork = async (run, planned) => {
  const verified = await verifyBeforeWrite(run, planned)
  if (verified.stop !== null) return verified.stop
  const tools = await helmTools(run, planned)
  const { release } = tools
  const log: ExecResult[] = []
  const call = async (argv: Command): Promise<ExecResult> => {
    const result = await runCommand(uncached(tools.container, nextNonce(run.header.runId)), argv, limits(run, planned))
    log.push(result)
    return result
  }
  const output = (gate: GateResult) => ({ gate, evidence: textFile(`logs/deploy-${planned.environment}.log`, commandLog(log)) })

  const history = await call(helmHistoryArguments(release))
  const before = history.exitCode === 0 ? lastDeployedRevision(history.stdout) : null
  if (history.exitCode !== 0 && !history.stderr.includes("not found")) return output(errorGate(`helm history: ${lastLines(history.stderr, 3)}`))
  const timeoutSeconds = Math.round(planned.timeoutSeconds * ROLLOUT_SHARE)
  const upgrade = await call(helmUpgradeArguments(release, timeoutSeconds))
  if (upgrade.exitCode === 0) return output(passedGate(`release ${release.name} serves in ${release.namespace}`))

  const diagnosis = await diagnose(tools, call)
  const ending = await goBack(tools, call, before, timeoutSeconds)
  if (diagnosis.findings.length === 0) return output(errorGate(`helm: ${lastLines(upgrade.stderr, 3)}; ${ending}`))
  return output(failedGate(`${diagnosis.reason}; ${ending}`, diagnosis.findings))
}

/** To the last healthy revision, which must prove itself again; a first installation is taken away. */
async function goBack({ release, target }: HelmTools, call: (argv: Command) => Promise<ExecResult>, revision: number | null, timeoutSeconds: number): Promise<string> {
  const back = revision === null ? await call(helmUninstallArguments(release, UNINSTALL_SECONDS)) : await call(helmRollbackArguments(release, revision, timeoutSeconds))
  if (back.exitCode !== 0) return `AND THE WAY BACK FAILED: ${lastLines(back.stderr, 2)}`
  if (revision === null) return "the first installation was uninstalled"
  const missing = await waitForWorkloads(target.connection, release, timeoutSeconds)
  return missing === null ? `rolled back to revision ${revision}, which serves again` : `AND THE WAY BACK FAILED: revision ${revision} is not healthy ${missing}`
}

/** Asks the cluster why, while the sick pods are still there. */
async function diagnose({ release }: HelmTools, call: (argv: Command) => Promise<ExecResult>) {
  const pods = await call(["kubectl", "get", "pods", "-n", release.namespace, "-l", `app.kubernetes.io/instance=${release.name}`, "-o", "json"])
  const events = await call(["kubectl", "get", "events", "-n", release.namespace, "--sort-by=.metadata.creationTimestamp", "-o", "json"])
  if (pods.exitCode !== 0 || events.exitCode !== 0) return { reason: "", findings: [] }
  const sick = sickPods(pods.stdout, events.stdout)
  const logs = new Map<string, string>()
  for (const { pod } of sick) {
    const current = await call(["kubectl", "logs", "-n", release.namespace, pod, "--all-containers", `--tail=${LOG_LINES}`])
    const previous = current.stdout.trim() === "" ? await call(["kubectl", "logs", "-n", release.namespace, pod, "--previous", `--tail=${LOG_LINES}`]) : current
    logs.set(pod, previous.stdout)
  }
  return { reason: sick.map(({ pod, cause }) => `pod ${pod}: ${cause}`).join("; "), findings: sickPodFindings(sick, logs) }
}
