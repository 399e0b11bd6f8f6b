import type { Command } from "../config/commands.js"
import type { GateResult } from "../run.js"
import { errorGate, failedGate, passedGate } from "./gate.js"

/** How a command ended. */
export interface ExecOutcome {
  readonly argv: Command
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** `timeout` ends with 124, or 137 after it had to kill; an engine that kills for memory gives 137 too. */
const TIMEOUT_EXIT_CODES = [124, 137]
const NOT_FOUND_EXIT_CODE = 127
const NOT_EXECUTABLE_EXIT_CODE = 126
// 128 and the signal's number. Beyond, as 255, it is the program's own: yamllint's for a broken configuration.
const SIGNAL_EXIT_CODES = { above: 128, below: 193 }

/** The gate of a command whose exit code says it all: build, package. */
export function judgeExec(exec: ExecOutcome, timeoutSeconds: number): GateResult {
  const broken = judgeSurroundings(exec, timeoutSeconds)
  if (broken !== null) return broken
  if (exec.exitCode === 0) return passedGate("")
  return failedGate(`${programName(exec)} ended with ${exec.exitCode}: ${lastLine(exec)}`)
}

/** The first command that did not pass decides; all of them have run. */
export function judgeExecs(execs: readonly ExecOutcome[], timeoutSeconds: number): GateResult {
  const results = execs.map((exec) => judgeExec(exec, timeoutSeconds))
  const worst = results.find((result) => result.verdict === "error") ?? results.find((result) => result.verdict === "failed")
  return worst ?? (results.length === 0 ? errorGate("no command to run") : passedGate(""))
}

/** An end that says nothing about the software: timeout, killed, not installed. Null when it ran to its end. */
export function judgeSurroundings(exec: ExecOutcome, timeoutSeconds: number): GateResult | null {
  const name = programName(exec)
  if (exec.exitCode === TIMEOUT_EXIT_CODES[0]) return errorGate(`${name} did not end within ${timeoutSeconds} s and was stopped`)
  if (exec.exitCode === TIMEOUT_EXIT_CODES[1]) {
    return errorGate(`${name} was killed (137): it ran past ${timeoutSeconds} s or out of memory`)
  }
  if (exec.exitCode === NOT_FOUND_EXIT_CODE) return errorGate(`${name} was not found in the image: ${lastLine(exec)}`)
  if (exec.exitCode === NOT_EXECUTABLE_EXIT_CODE) return errorGate(`${name} cannot be executed: ${lastLine(exec)}`)
  if (exec.exitCode < 0 || (exec.exitCode > SIGNAL_EXIT_CODES.above && exec.exitCode < SIGNAL_EXIT_CODES.below)) return errorGate(`${name} was killed by a signal (${exec.exitCode})`)
  return null
}

/** The end of a log, without the blank lines that end it. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n")
}

/** The remarks of npm and pnpm after the tool's last word. */
const NOISE = /^npm (warn|notice|error A complete log)|^npm error\s*$|^[ []ELIFECYCLE\b|^\s*$/i

// npm tells the cause first, then a stack and advice that fits no case.
const NPM_CAUSE = /^npm error code E[^]*?^npm error (?!code |errno |syscall |path )(?:network )?(\S.*)$/m

/** The last line that a command had to say, on stderr rather than on stdout; of npm's own errors the one with the cause. */
export function lastLine(exec: ExecOutcome): string {
  const cause = NPM_CAUSE.exec(exec.stderr)?.[1]
  if (cause !== undefined) return cause.trim().slice(0, 200)
  const said = (text: string): string[] => text.split("\n").filter((line) => !NOISE.test(line))
  const line = said(exec.stderr).at(-1) ?? said(exec.stdout).at(-1) ?? "no output"
  return line.trim().slice(0, 200)
}

/** Without the variables that `env` sets for it. */
export function programName({ argv }: ExecOutcome): string {
  const start = argv[0] === "env" ? argv.findIndex((word, index) => index > 0 && !word.includes("=")) : 0
  return argv.slice(start, start + 3).join(" ")
}
