import type { ServiceConfig } from "../config/services.js"
import type { GateResult } from "../run.js"
import { judgeSurroundings, lastLine, lastLines, programName, type ExecOutcome } from "./exec.js"
import { errorGate, failedGate, passedGate } from "./gate.js"
import { START_REPORT } from "./start-script.js"

/** What a started service was asked for. */
export type StartExpectation = Pick<ServiceConfig, "health" | "port" | "startSeconds">

/** Whether `build` starts the service once: one that has a command for it and a port to be asked at. */
export function isStarted({ recipe, port, startSeconds }: Pick<ServiceConfig, "recipe" | "port" | "startSeconds">): boolean {
  return recipe.start.length > 0 && port !== null && startSeconds > 0
}

// A stack of Node.js is as long, and its message stands above it.
const LINES_OF_SERVICE = 15
const KILLED_EXIT_CODE = 137
const ADVICE = "`health`, `port`, `commands.start` and `startSeconds` of delivery.yaml say what is started and asked (`startSeconds: 0` starts nothing)"

/**
 * The gate of a service that was started once. `exec` is the check's own: its stdout is the service's log, its stderr the check's report.
 * The service's command is judged, not the check's, so `argv` names the service's.
 */
export function judgeStart(exec: ExecOutcome, expected: StartExpectation): GateResult {
  const [, outcome, code = "", millis = "", detail = ""] = START_REPORT.exec(exec.stderr) ?? []
  const seconds = (Number(millis) / 1000).toFixed(1)
  const asked = `GET ${expected.health} on port ${expected.port}`
  const command = programName(exec)
  switch (outcome) {
    case "answered":
      return passedGate(`answered ${expected.health} after ${seconds} s`)
    case "exited":
      return unsuited(exec, Number(code)) ?? failedGate(`${command} starts and exits ${code} after ${seconds} s without an answer to ${asked}${logOf(exec)}`)
    case "unanswered": {
      const [said = "", listening = ""] = detail.split("; listening: ")
      return failedGate(`${command} did not answer ${asked} with 200 within ${expected.startSeconds} s: ${said}${portsOf(listening, expected.port)}. ${ADVICE}${logOf(exec)}`)
    }
    default:
      return judgeSurroundings(exec, expected.startSeconds) ?? errorGate(`the start check of ${command} ended with ${exec.exitCode} and no result: ${lastLine(exec)}`)
  }
}

/** A command that is not there, or was killed from outside, says nothing about the service; any other end is its own. */
function unsuited(exec: ExecOutcome, code: number): GateResult | null {
  if (code === KILLED_EXIT_CODE) return errorGate(`${programName(exec)} was killed (${KILLED_EXIT_CODE}) while it started, perhaps out of memory${logOf(exec)}`)
  return code === 126 || code === 127 ? judgeSurroundings({ ...exec, stderr: "", exitCode: code }, 0) : null
}

/** Where the service listens instead; nothing where the port is right. */
function portsOf(listening: string, port: number | null): string {
  const ports = [...new Set(listening.trim().split(" "))].filter((each) => each !== "")
  if (ports.length === 0 || ports.includes(String(port))) return ""
  return `, but on ${ports.join(", ")}`
}

function logOf({ stdout }: ExecOutcome): string {
  return stdout.trim() === "" ? ". It wrote nothing" : `. Its last lines:\n${lastLines(stdout, LINES_OF_SERVICE)}`
}
