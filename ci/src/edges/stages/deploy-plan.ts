import { helmDryRunArguments, helmLintArguments, helmTemplateArguments, kubectlDryRunArguments } from "../../core/deploy/helm.js"
import { lastLines } from "../../core/gates/exec.js"
import { awaitingApprovalGate, errorGate, failedGate, passedGate } from "../../core/gates/gate.js"
import { commandLog, runCommands, textFile } from "../exec.js"
import { helmTools, namespaceManifest } from "../helm-release.js"
import { environmentOf, limits, type StageWork } from "../run.js"
import { verifyBeforeWrite } from "../verified-release.js"

const RENDERED = "/work/rendered"

/** Lints the chart with the environment's values and lets the API server judge every object, before anything is written but the namespace. */
export const deployPlan: StageWork = async (run, planned) => {
  // Without an approval nothing may be written there, not even the namespace; and there is no way yet to give one.
  if (environmentOf(run, planned).approval === "required") return { gate: awaitingApprovalGate(planned.environment ?? "") }
  const verified = await verifyBeforeWrite(run, planned)
  if (verified.stop !== null) return verified.stop
  const { container, release } = await helmTools(run, planned)
  const commands = [
    helmLintArguments(release),
    ["kubectl", "apply", "--server-side", "-f", "/work/namespace.json"],
    helmDryRunArguments(release),
    helmTemplateArguments(release, RENDERED),
    kubectlDryRunArguments(release.namespace, RENDERED),
  ]
  const results = await runCommands(container.withNewFile("/work/namespace.json", namespaceManifest(release.namespace)), commands, limits(run, planned))
  const evidence = textFile(`logs/deploy-plan-${planned.environment}.log`, commandLog(results))
  const [linted, applied, ...dryRuns] = results
  const words = (text: string): string => lastLines(text, 4).replaceAll("\n", " ").slice(0, 500)
  if (linted !== undefined && linted.exitCode !== 0) return { gate: failedGate(`helm lint: ${words(linted.stdout + linted.stderr)}`), evidence }
  if (applied === undefined || applied.exitCode !== 0) return { gate: errorGate(`namespace ${release.namespace}: ${words(applied?.stderr ?? "")}`), evidence }
  const refused = dryRuns.find(({ exitCode }) => exitCode !== 0)
  if (refused !== undefined) {
    const said = words(refused.stderr)
    // What the API server refuses is a fault of the chart; that it cannot be asked is not.
    return { gate: /connection refused|i\/o timeout|unreachable|no such host/i.test(said) ? errorGate(said) : failedGate(`dry run: ${said}`), evidence }
  }
  return { gate: passedGate(`${verified.words}; chart linted; the API server accepts every object`), evidence }
}
