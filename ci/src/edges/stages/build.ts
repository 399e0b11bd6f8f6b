import type { Directory } from "@dagger.io/dagger"
import { judgeBuild, tooLarge } from "../../core/gates/build.js"
import { errorGate, failedGate, passedGate } from "../../core/gates/gate.js"
import { isStarted, judgeStart } from "../../core/gates/start.js"
import { stepsOf } from "../../core/steps/step.js"
import { commandLog, runSteps, textFile } from "../exec.js"
import { containerOf } from "../image-container.js"
import { limits, serviceOf, type Run, type StageOutput, type StageWork } from "../run.js"
import { prepareService } from "../service-container.js"
import { START_STEP, startStep, withStartTools } from "../start-service.js"

/** Builds the service from its sources and starts it once, all in one exec; the artifacts that it promises must be there and not empty. */
export const build: StageWork = async (run, planned) => {
  const service = serviceOf(run, planned)
  const { container, recipe, workdir } = await prepareService(run, service, planned.timeoutSeconds)
  const [start, ...more] = isStarted(service) ? recipe.start : []
  if (more.length > 0) return { gate: errorGate(`${service.name}: expected one start command, got ${recipe.start.length}`) }
  const building = stepsOf(recipe.build, { needed: true })
  const steps = start === undefined ? building : [...building, startStep(service, start)]
  const { outcomes, container: built, cached } = await runSteps(start === undefined ? container : withStartTools(run, container), steps, limits(run, planned))
  const end = (gate: StageOutput["gate"], output: Partial<StageOutput> = {}): StageOutput => ({ gate, cached, evidence: textFile(`logs/build-${service.name}.log`, commandLog(outcomes)), ...output })
  const started = outcomes.find(({ name }) => name === START_STEP)
  const gate = judgeBuild(outcomes.filter((outcome) => outcome !== started), planned.timeoutSeconds)
  if (gate.verdict !== "passed") return end(gate)

  const missing = await missingArtifact(built.directory(workdir), recipe.artifacts)
  if (missing !== null) return end(failedGate(`${service.path}/${missing}: expected files from the build, got none`))

  const reasons: string[] = []
  if (started !== undefined) {
    const answer = judgeStart(started, service)
    if (answer.verdict !== "passed") return end(answer)
    reasons.push(answer.reason)
  }

  if (!run.keepsArtifacts || recipe.artifacts.length === 0) return end(passedGate(reasons.join("; ")))
  const files = built.directory(workdir).filter({ include: recipe.artifacts.flatMap((path) => [path, `${path}/**`]) })
  const refused = tooLarge(await sizeBytes(run, files))
  if (refused !== null) return end(passedGate([...reasons, refused].join("; ")))
  return end(passedGate(reasons.join("; ")), { artifacts: { path: `artifacts/${service.name}`, files } })
}

async function missingArtifact(folder: Directory, artifacts: readonly string[]): Promise<string | null> {
  const found = await Promise.all(artifacts.map(async (path) => [...(await folder.glob(path)), ...(await folder.glob(`${path}/**`))]))
  return artifacts.find((_, index) => !found[index]?.some((file) => !file.endsWith("/"))) ?? null
}

async function sizeBytes(run: Run, files: Directory): Promise<number> {
  const measured = await containerOf(run.checkout.image("debian")).withMountedDirectory("/artifacts", files).withExec(["du", "-sb", "/artifacts"]).stdout()
  return Number.parseInt(measured, 10)
}
