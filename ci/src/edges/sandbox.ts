import { dag, ReturnType, type Container, type Directory } from "@dagger.io/dagger"
import { isIsolated, type ScanIsolation } from "../core/gates/scan/isolation.js"
import {
  INPUT_FOLDER,
  ISOLATION_WAYS,
  NAMESPACE_COMMAND,
  NOTHING_FILE,
  NOTHING_PROGRAM,
  OPEN_COMMAND,
  SANDBOX_ENDINGS,
  SANDBOX_INPUT,
  SANDBOX_NETWORK,
  SANDBOX_OUTPUT,
  sandboxDockerfile,
  sandboxScript,
  type IsolationWay,
} from "../core/scan/sandbox.js"
import { containerOf } from "./image-container.js"
import { once } from "./run.js"
import { readEndings, stepOutcomes } from "../core/steps/endings.js"
import type { Step, StepOutcome } from "../core/steps/step.js"

/** What commands in a sandbox left. */
export interface SandboxRun {
  readonly outcomes: Readonly<Record<string, StepOutcome>>
  readonly isolation: ScanIsolation
  /** The engine gave an earlier run's result. */
  readonly cached: boolean
  /** The files that the commands wrote. */
  readonly output: Directory
}

export interface SandboxJob {
  readonly image: string
  /** Files with what the commands see, read-only, in its folder `input`. */
  readonly files: Directory
  readonly steps: readonly Step[]
  readonly timeoutSeconds: number
  /** Makes it run again although the same has run before. */
  readonly again?: string
}

/** The best way that this engine has, by what a process sees that was started so. Asked once a call; the engine remembers the answers. */
const wayOf = new Map<string, () => Promise<IsolationWay>>()

/** Runs commands without network where that can be had without more rights for them; what they really had is in the result. */
export async function runSandbox(job: SandboxJob): Promise<SandboxRun> {
  const chosen = wayOf.get(job.image) ?? once(() => chooseWay(job.image))
  wayOf.set(job.image, chosen)
  const began = Math.floor(Date.now() / 1000)
  return readOutput(job, await chosen(), await launch(job, await chosen()), began)
}

async function chooseWay(image: string): Promise<IsolationWay> {
  for (const way of ISOLATION_WAYS) {
    const output = await launch({ image, files: dag.directory(), steps: [], timeoutSeconds: 30 }, way).catch(() => null)
    if (output !== null && isIsolated(await textOf(output, SANDBOX_NETWORK))) return way
  }
  return "open"
}

/** Its output folder; throws when the engine could not start it so. */
async function launch({ image, files, steps, timeoutSeconds, again = "" }: SandboxJob, way: IsolationWay): Promise<Directory> {
  const script = `${sandboxScript(steps, timeoutSeconds)}${again === "" ? "" : `# ${again}\n`}`
  const context = files.withNewFile(`${INPUT_FOLDER}/run`, script, { permissions: 0o755 })
  if (way === "network-none") {
    const build = context.withNewFile(NOTHING_FILE, NOTHING_PROGRAM, { permissions: 0o755 }).withNewFile("Dockerfile", sandboxDockerfile(image))
    return build.dockerBuild().directory(SANDBOX_OUTPUT).sync()
  }
  const container: Container = containerOf(image).withoutEntrypoint().withUser("0").withMountedDirectory(SANDBOX_INPUT, context.directory(INPUT_FOLDER), { readOnly: true })
  const command = way === "namespace" ? NAMESPACE_COMMAND : OPEN_COMMAND
  return container.withExec([...command], { expect: ReturnType.Any }).directory(SANDBOX_OUTPUT).sync()
}

async function readOutput({ steps }: SandboxJob, way: IsolationWay, output: Directory, began: number): Promise<SandboxRun> {
  const [text, network] = await Promise.all([SANDBOX_ENDINGS, SANDBOX_NETWORK].map((path) => textOf(output, path)))
  // Without endings nothing was run: each step then reads as killed.
  const endings = readEndings(text ?? "") ?? { mark: "", ranAt: Number.NaN, ranBy: "", ended: new Map() }
  const outcomes = Object.fromEntries(stepOutcomes(steps, endings).map((outcome) => [outcome.name, outcome]))
  return { outcomes, isolation: { way, network: network ?? null }, cached: endings.ranAt < began, output }
}

/** The text of a file; null when there is none. */
export async function textOf(folder: Directory, path: string): Promise<string | null> {
  return (await folder.exists(path)) ? folder.file(path).contents() : null
}
