import type { Finding, GateResult } from "../run.js"

/** Small makers of gate results, so that every gate says the same thing the same way. */
export function passedGate(reason: string, findings: readonly Finding[] = []): GateResult {
  return { verdict: "passed", skipKind: null, reason, findings }
}

export function failedGate(reason: string, findings: readonly Finding[] = []): GateResult {
  return { verdict: "failed", skipKind: null, reason, findings }
}

export function errorGate(reason: string, findings: readonly Finding[] = []): GateResult {
  return { verdict: "error", skipKind: null, reason, findings }
}

export function inconclusiveGate(reason: string, findings: readonly Finding[] = []): GateResult {
  return { verdict: "inconclusive", skipKind: null, reason, findings }
}

export function unavailableGate(reason: string): GateResult {
  return { verdict: "skipped", skipKind: "unavailable", reason, findings: [] }
}

/** The gate of a stage that found, only once it looked, that there is nothing for it to do. */
export function notConfiguredGate(reason: string): GateResult {
  return { verdict: "skipped", skipKind: "not-configured", reason, findings: [] }
}

/** A finding that is in no file. */
export function placelessFinding(severity: Finding["severity"], rule: string, message: string): Finding {
  return { severity, rule, message, file: null, line: null }
}

/** `1 test failed`, `3 tests failed`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`
}
