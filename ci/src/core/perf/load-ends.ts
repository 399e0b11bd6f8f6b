import { counted, errorGate, failedGate } from "../gates/gate.js"
import type { GateResult } from "../run.js"
import { checksOf, counterOf, parseK6Summary, type K6Summary } from "./k6-summary.js"
import type { LoadEvidence, LoadPhase } from "./load-result.js"

/** How k6 ends: errext/exitcodes of its source. */
const K6_EXIT = { passed: 0, thresholdsCrossed: 99, signal: 105, exception: 107, stoppedByScript: 108, markedFailed: 110 }
const TIMEOUT = [124, 137]

/** Why the load was not even tried; null when the iterations before it were fine. */
export function brokenWarmUp({ exitCode, log, summary: text }: LoadPhase): GateResult | null {
  if (exitCode === K6_EXIT.passed) return null
  if (exitCode === null || TIMEOUT.includes(exitCode)) return errorGate(`the iterations before the load did not come to their end: ${lastWords(log)}`)
  if (exitCode !== K6_EXIT.thresholdsCrossed) return errorGate(scriptFault(exitCode, log))
  const summary = parseK6Summary(text)
  const failing = summary === null ? [] : checksOf(summary).filter(({ fails }) => fails > 0)
  // A script that throws because the answer was wrong tells of the answer; its checks came before.
  if (failing.length === 0) return errorGate(`the script throws in every iteration: ${exceptionOf(log)}`)
  const answers = [...new Set(linesOf(log, "warm-up: "))].slice(0, 3)
  return failedGate(`the target answers, but not as the checks want: ${failing.map(({ name }) => name).join(", ")}; got ${answers.join("; ") || "no answer"}. Is the address the product's?`)
}

/** Why the load has no figures to judge; null when it has. `seconds` is how far it got. */
export function brokenLoad({ plan, load, timeoutSeconds }: LoadEvidence, summary: K6Summary | null, seconds: number): GateResult | null {
  const { exitCode, log } = load
  const far = `${Math.round(seconds)} of ${Math.round(plan.shape.seconds)} s`
  if (exitCode === null) return errorGate(`interrupted after ${far}; the reports tell what was measured until then`)
  if (TIMEOUT.includes(exitCode)) return errorGate(`k6 was stopped at the stage's limit of ${timeoutSeconds} s, after ${far}: raise stages.perf.timeoutSeconds`)
  if (exitCode === K6_EXIT.signal) return errorGate(`k6 was interrupted by a signal after ${far}`)
  const judged = [K6_EXIT.passed, K6_EXIT.thresholdsCrossed, K6_EXIT.markedFailed].includes(exitCode)
  if (!judged) return errorGate(scriptFault(exitCode, log))
  if (summary === null) return errorGate(`k6 ended with ${exitCode} and left no summary that can be read: ${lastWords(log)}`)
  return exceptionGate(summary, log)
}

/** A script that throws tells nothing about the target, unless the limits say so already. */
function exceptionGate(summary: K6Summary, log: string): GateResult | null {
  const exceptions = counterOf(summary, "script_exceptions")
  const iterations = counterOf(summary, "iterations")
  if (exceptions === 0) return null
  if (exceptions >= iterations) return errorGate(`the script throws in every iteration: ${exceptionOf(log)}`)
  const crossed = Object.entries(summary.metrics).some(([name, { thresholds = {} }]) => name !== "script_exceptions" && Object.values(thresholds).some(({ ok }) => !ok))
  return crossed ? null : errorGate(`the script threw in ${exceptions} of ${counted(iterations, "iteration")}: ${exceptionOf(log)}`)
}

/** The cause in k6's words, without its stack. */
function scriptFault(exitCode: number, log: string): string {
  const unreachable = /unreachable: ([^\n]+)/.exec(log)?.[1]
  if (unreachable !== undefined) return unreachable.trim()
  const what = exitCode === K6_EXIT.stoppedByScript ? "the script stopped the test" : exitCode === K6_EXIT.exception ? "the script is broken" : `k6 ended with ${exitCode}`
  return `${what}: ${lastWords(log)}`
}

const exceptionOf = (log: string): string => linesOf(log, "exception: ")[0] ?? lastWords(log)

const linesOf = (log: string, mark: string): readonly string[] => log.split("\n").flatMap((line) => (line.startsWith(mark) ? [line.slice(mark.length).trim()] : []))

/** The last line that is no line of a stack. */
function lastWords(log: string): string {
  const lines = log.split("\n").filter((line) => line.trim() !== "" && !/^\s+at |^\s*$/.test(line) && !/^(warm-up|slow): /.test(line))
  return lines.at(-1)?.trim().slice(0, 300) ?? "k6 said nothing"
}
