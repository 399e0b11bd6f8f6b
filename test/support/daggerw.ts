import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { cacheDirectory } from "../../airgap/lib/paths.mjs"
import { runCommand, startCommand, type CommandOptions, type Ended, type RunningCommand } from "./command.js"

export const ROOT = resolve(import.meta.dirname, "../..")

type CallOptions = Omit<CommandOptions, "cwd">

/** `./daggerw …` from the root of the repository. */
export function daggerw(argv: readonly string[], options: CallOptions = {}): Promise<Ended> {
  return runCommand(["./daggerw", ...argv], { cwd: ROOT, ...options })
}

/** `./daggerw call …`, not awaited. */
export function startCall(argv: readonly string[], options: CallOptions = {}): RunningCommand {
  return startCommand(["./daggerw", "call", ...argv], { cwd: ROOT, ...options })
}

export function call(argv: readonly string[], options: CallOptions = {}): Promise<Ended> {
  return startCall(argv, options).ended
}

/** The same call without daggerw: the CLI that it would take, on the engine that it would take. */
export function plainCall(argv: readonly string[], options: CallOptions = {}): Promise<Ended> {
  const which = execFileSync("./daggerw", ["--which"], { cwd: ROOT, encoding: "utf8" })
  const cli = /^CLI: (\S+) /m.exec(which)?.[1]
  if (cli === undefined) throw new Error(`./daggerw --which: expected a line "CLI: path (…)", got\n${which}`)
  const env = { DO_NOT_TRACK: "1", DAGGER_NO_NAG: "1", DAGGER_PROGRESS: "logs", ...(which.startsWith("engine: kit") ? kitEngine() : {}), ...options.env }
  return runCommand([cli, "call", ...argv], { cwd: ROOT, ...options, env })
}

function kitEngine(): Readonly<Record<string, string>> {
  const ready = join(cacheDirectory, "run/ready")
  const address = existsSync(ready) ? readFileSync(ready, "utf8").split("\n")[2] : undefined
  if (address === undefined) throw new Error("the kit's engine does not run; a call through daggerw starts it")
  return { _EXPERIMENTAL_DAGGER_RUNNER_HOST: address }
}

/** A run id that no other run has. */
export function newRunId(what: string): string {
  return `test-${what}-${randomBytes(4).toString("hex")}`
}

/** The line that tells the verdict, such as `test: failed — …`; empty when there is none. */
export function closingLine({ output }: Ended): string {
  return output.split("\n").findLast((line) => /^[a-z-]+: (passed|failed|error|inconclusive|awaiting-approval)\b/.test(line)) ?? ""
}
