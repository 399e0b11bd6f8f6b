import type { Container, Directory } from "@dagger.io/dagger"
import { dag } from "@dagger.io/dagger"
import { judgeTests } from "../../core/gates/tests.js"
import { errorGate } from "../../core/gates/gate.js"
import { commandLog, runCommand, textFile } from "../exec.js"
import { limits, serviceOf, type StageWork } from "../run.js"
import { prepareService } from "../service-container.js"

/** Runs the service's tests; what they say in JUnit decides, and their reports are kept. */
export const test: StageWork = async (run, planned) => {
  const service = serviceOf(run, planned)
  const { container, recipe, workdir } = await prepareService(run, service, planned.timeoutSeconds)
  const [argv, ...more] = recipe.test
  if (argv === undefined || more.length > 0) return { gate: errorGate(`${service.name}: expected one test command, got ${recipe.test.length}`) }
  const reports = Object.values(recipe.reports)
  // A report that lay in the checkout must not pass for one of this run.
  const result = await runCommand(container.withoutFiles(reports.map((path) => `${workdir}/${path}`)), argv, limits(run, planned))
  const [junit, cobertura, lcov] = await Promise.all([recipe.reports.junit, recipe.reports.cobertura, recipe.reports.lcov].map((path) => textOrNull(result.container, `${workdir}/${path}`)))
  const gate = await judgeTests({
    exec: result,
    timeoutSeconds: planned.timeoutSeconds,
    junit: junit ?? null,
    cobertura: cobertura ?? null,
    lcov: lcov ?? null,
    minimumCoveragePercent: service.tests.minimumCoveragePercent,
  })
  let evidence: Directory = textFile(`logs/test-${service.name}.log`, commandLog([result]))
  if (junit != null) evidence = evidence.withNewFile(`test/${service.name}/junit.xml`, junit)
  if (cobertura != null) evidence = evidence.withNewFile(`coverage/${service.name}/cobertura.xml`, cobertura)
  if (lcov != null) evidence = evidence.withNewFile(`coverage/${service.name}/lcov.info`, lcov)
  return { gate, cached: result.cached, evidence: dag.directory().withDirectory("/", evidence) }
}

async function textOrNull(container: Container, path: string): Promise<string | null> {
  return (await container.exists(path)) ? container.file(path).contents() : null
}
