import { dag } from "@dagger.io/dagger"
import { UsageError } from "../../core/errors.js"
import { judgeLoad } from "../../core/gates/load.js"
import { lastLines } from "../../core/gates/exec.js"
import { commandLog, nextNonce, runCommand, textFile, uncached } from "../exec.js"
import { containerOf } from "../image-container.js"
import { environmentOf, limits, type StageWork } from "../run.js"

const SCENARIO = "scenarios/documents.ts"
const SUMMARY = "/out/summary.json"

/** Loads an environment through its gateway with k6; thresholds decide. */
export const perf: StageWork = async (run, planned) => {
  const { config, source, image } = run.checkout
  const environment = environmentOf(run, planned)
  const target = await run.target(environment.name)
  if (config.perf === null) throw new UsageError("delivery.yaml: expected `perf.path` with the load tests, got none")
  if (target.gatewayUrl === null) throw new UsageError(`environment ${environment.name}: expected \`baseUrl\` in delivery.yaml, got none; a load test needs a target that was meant`)
  const { vus, duration, profile } = run.perfOptions
  const variables = {
    BASE_URL: target.gatewayUrl,
    ENVIRONMENT: environment.name,
    SUMMARY_PATH: SUMMARY,
    K6_AUTO_EXTENSION_RESOLUTION: "false",
    ...(vus > 0 ? { VUS: String(vus) } : {}),
    ...(duration === "" ? {} : { DURATION: duration }),
    ...(profile === "" ? {} : { PROFILE: profile }),
  }
  let container = target
    .connect(containerOf(image("k6")))
    .withoutEntrypoint()
    .withUser("0")
    .withDirectory("/perf", source.directory(config.perf.path))
    .withDirectory("/out", dag.directory())
    .withWorkdir("/perf")
  for (const [name, value] of Object.entries(variables)) container = container.withEnvVariable(name, value)
  const argv = ["k6", "run", "--no-usage-report", "--quiet", SCENARIO]
  const result = await runCommand(uncached(container, nextNonce(run.header.runId)), argv, limits(run, planned))
  const summary = (await result.container.exists(SUMMARY)) ? await result.container.file(SUMMARY).contents() : null
  const gate = judgeLoad({
    exitCode: result.exitCode,
    summary,
    minimumRequests: environment.budgets.minimumRequests,
    timeoutSeconds: planned.timeoutSeconds,
    logTail: lastLines(result.stderr || result.stdout, 5),
  })
  const log = textFile(`logs/perf-${environment.name}.log`, commandLog([result]))
  return { gate, evidence: summary === null ? log : log.withNewFile(`perf/${environment.name}/summary.json`, summary) }
}
