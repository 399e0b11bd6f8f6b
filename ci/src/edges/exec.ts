import { dag, type Container, ReturnType } from "@dagger.io/dagger"
import type { Command } from "../core/config/commands.js"
import type { ExecOutcome } from "../core/gates/exec.js"

/** A command that has run, with the container as it left it. */
export interface ExecResult extends ExecOutcome {
  readonly container: Container
  /** The engine gave an earlier run's result. */
  readonly cached: boolean
}

// The run's id enters through a variable that is no part of the cache key: a result that holds another id is an earlier run's.
// The time limit does too, or stages of different limits would each install the same dependencies, at the same time.
const WRAPPER = "/delivery/exec"
const RAN_BY = "/delivery/ran-by"
const WRAPPER_SCRIPT = `#!/bin/sh
printf %s "$DELIVERY_RUN_ID" >${RAN_BY}
exec timeout -k 10 "$DELIVERY_TIMEOUT_SECONDS" "$@"
`

/**
 * Runs one command to its end, whatever its exit code; it is stopped after `timeoutSeconds` and then ends with 124 or 137.
 * A red result is never taken from the cache: it is run again.
 */
export async function runCommand(container: Container, argv: Command, options: { runId: string; timeoutSeconds: number }): Promise<ExecResult> {
  const first = await execOnce(container, argv, options)
  if (first.exitCode === 0 || !first.cached) return first
  return execOnce(container.withEnvVariable("DELIVERY_AGAIN", options.runId), argv, options)
}

/** Runs all commands one after another, each on what the one before left, also after a failed one. */
export async function runCommands(
  container: Container,
  commands: readonly Command[],
  options: { runId: string; timeoutSeconds: number },
): Promise<readonly ExecResult[]> {
  const results: ExecResult[] = []
  for (const argv of commands) {
    results.push(await runCommand(results.at(-1)?.container ?? container, argv, options))
  }
  return results
}

/** An effect: runs each time, whatever ran before. */
export function uncached(container: Container, nonce: string): Container {
  return container.withEnvVariable("DELIVERY_NONCE", nonce)
}

let nonceCount = 0

/** Different in every call of every run. */
export function nextNonce(runId: string): string {
  nonceCount += 1
  return `${runId}-${Date.now()}-${nonceCount}`
}

async function execOnce(container: Container, argv: Command, options: { runId: string; timeoutSeconds: number }): Promise<ExecResult> {
  const ran = container
    .withNewFile(WRAPPER, WRAPPER_SCRIPT, { permissions: 0o755 })
    .withVolatileVariable("DELIVERY_RUN_ID", options.runId)
    .withVolatileVariable("DELIVERY_TIMEOUT_SECONDS", String(options.timeoutSeconds))
    .withExec([WRAPPER, ...argv], { expect: ReturnType.Any })
  const exitCode = await ran.exitCode()
  const [stdout, stderr, ranBy] = await Promise.all([ran.stdout(), ran.stderr(), ran.file(RAN_BY).contents()])
  return { argv, exitCode, stdout, stderr, container: ran, cached: ranBy !== options.runId }
}

/** What the commands wrote, as one text to keep. */
export function commandLog(results: readonly ExecOutcome[]): string {
  return results.map(({ argv, exitCode, stdout, stderr }) => `$ ${argv.join(" ")}\n${stdout}${stderr}[exit code ${exitCode}]\n`).join("\n")
}

/** A directory with one text file. */
export function textFile(path: string, text: string) {
  return dag.directory().withNewFile(path, text)
}
