import { availableParallelism } from "node:os"
import type { Container, Directory } from "@dagger.io/dagger"
import { isBelow } from "../../core/changed-services.js"
import { errorGate } from "../../core/gates/gate.js"
import { renderCases, renderCobertura, renderLcov } from "../../core/gates/test-reports.js"
import { isRed, type TestRun } from "../../core/gates/test-runs.js"
import { judgeTests, type TestsGateResult } from "../../core/gates/tests.js"
import { stagesAtOnce } from "../../core/schedule.js"
import { mapAtMost } from "../at-most.js"
import { commandLog, textFile, type ExecResult } from "../exec.js"
import { limits, serviceOf, type StageWork } from "../run.js"
import { prepareService, type PreparedService } from "../service-container.js"
import { runBesideServices } from "../test-services.js"

/** One run of the test command, with where it stands among the others. */
interface TestStageRun extends TestRun {
  readonly exec: ExecResult
  readonly shard: number
  readonly tryNumber: number
}

/**
 * Runs the service's tests, in shards and with a database beside them if it says so; what they say in JUnit decides, and their
 * reports are kept. Green results come from the cache also with services: the same tests on the same images would say the same.
 */
export const test: StageWork = async (run, planned, attempt) => {
  const service = serviceOf(run, planned)
  const prepared = await prepareService(run, service, planned.timeoutSeconds)
  const [command, ...more] = prepared.recipe.test
  if (command === undefined || more.length > 0) return { gate: errorGate(`${service.name}: expected one test command, got ${prepared.recipe.test.length}`) }
  const { shards: count, flakyRetries, services } = service.tests

  const began = Date.now()
  const secondsLeft = (): number => planned.timeoutSeconds - (Date.now() - began) / 1000
  let outOfTime = false

  const runShard = async (shard: number): Promise<readonly TestStageRun[]> => {
    const argv = command.map((word) => word.replaceAll("{shard}", String(shard)).replaceAll("{shards}", String(count)))
    const tries: TestStageRun[] = []
    for (;;) {
      const tryNumber = tries.length + 1
      // The first try may come from the cache; a further one is there to see whether the same tests say something else.
      const instance = `${service.name} ${shard}${tryNumber > 1 || attempt > 0 ? ` ${run.header.runId} ${attempt} ${tryNumber}` : ""}`
      const container = sharded(prepared, shard, count).withEnvVariable("DELIVERY_INSTANCE", instance)
      const left = secondsLeft()
      const exec = await runBesideServices(run, { container, services, instance, argv }, { ...limits(run, planned), timeoutSeconds: Math.max(1, Math.ceil(left)) })
      const tookSeconds = left - secondsLeft()
      tries.push({ exec, shard, tryNumber, ...(await readReports(exec.container, prepared)) })
      if (tries.length > flakyRetries || !(await isRed(tries, planned.timeoutSeconds))) return tries
      // Broken off, it would take the first try's verdict with it.
      if (secondsLeft() < tookSeconds) {
        outOfTime = true
        return tries
      }
    }
  }

  // As many at once as there are cores, like the stages of a run: more would only wait for each other.
  const shards = await mapAtMost(stagesAtOnce(0, availableParallelism()), Array.from({ length: count }, (_, index) => index + 1), runShard)
  const changes = run.changes?.filter(({ path }) => isBelow(path, service.path)) ?? null
  const place = { folder: prepared.workdir, path: service.path }
  const gate = await judgeTests({ shards, timeoutSeconds: planned.timeoutSeconds, limits: service.tests, changes, place, outOfTime })
  run.tested.set(service.name, { ...gate, place })
  const runs = shards.flat()
  return { gate, cached: runs.every(({ exec }) => exec.cached), evidence: await testEvidence(service.name, runs, gate) }
}

/** A report that lay in the checkout must not pass for one of this run. */
function sharded({ container, recipe, workdir }: PreparedService, shard: number, count: number): Container {
  const reports = Object.values(recipe.reports).map((path) => `${workdir}/${path}`)
  return container.withoutFiles(reports).withEnvVariable("SHARD_INDEX", String(shard)).withEnvVariable("SHARD_COUNT", String(count))
}

async function readReports(container: Container, { recipe, workdir }: PreparedService): Promise<Omit<TestRun, "exec">> {
  const { junit, cobertura, lcov } = recipe.reports
  const [junitText, coberturaText, lcovText] = await Promise.all([junit, cobertura, lcov].map((path) => textOrNull(container, `${workdir}/${path}`)))
  return { junit: junitText ?? null, cobertura: coberturaText ?? null, lcov: lcovText ?? null }
}

async function textOrNull(container: Container, path: string): Promise<string | null> {
  return (await container.exists(path)) ? container.file(path).contents() : null
}

/** What a single run wrote is kept as it is; of several there is the sum, and each run's JUnit beside it. */
async function testEvidence(service: string, runs: readonly TestStageRun[], { cases, coverage }: TestsGateResult): Promise<Directory> {
  const [only, ...others] = runs
  const log = runs.map(({ exec, shard, tryNumber }) => `${others.length > 0 ? `# shard ${shard}, try ${tryNumber}\n` : ""}${commandLog([exec])}`)
  let evidence = textFile(`logs/test-${service}.log`, log.join("\n"))
  const keep = (path: string, text: string | null | undefined): void => {
    if (text !== null && text !== undefined) evidence = evidence.withNewFile(path, text)
  }
  const merged = others.length > 0
  keep(`test/${service}/junit.xml`, merged ? await renderCases(cases) : only?.junit)
  const lines = merged && coverage !== null && coverage.files.size > 0 ? coverage : null
  keep(`coverage/${service}/cobertura.xml`, merged ? lines && (await renderCobertura(lines)) : only?.cobertura)
  keep(`coverage/${service}/lcov.info`, merged ? lines && renderLcov(lines) : only?.lcov)
  for (const { shard, tryNumber, junit } of merged ? runs : []) keep(`test/${service}/shard-${shard}-try-${tryNumber}.xml`, junit)
  return evidence
}
