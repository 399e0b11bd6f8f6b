import { ConfigError, type DeliveryError } from "./errors.js"
import type { Finding, RunHeader, RunRecord } from "./run.js"

/** The row of a run that ended before its first stage. */
export const CONFIGURATION_STAGE = "configuration"

/** run.json of a call that cannot be carried out: one row that says why, with a finding for each problem. */
export function refusedRun(header: RunHeader, error: DeliveryError): RunRecord {
  const findings = error instanceof ConfigError ? error.problems.map(problemFinding) : []
  const [reason = error.message] = error.message.split("\n")
  const row = { stage: CONFIGURATION_STAGE, service: null, environment: null, verdict: "error", skipKind: null, cached: false, durationSeconds: 0, evidence: [] } as const
  return { schemaVersion: 1, ...header, verdict: "error", reason, durationSeconds: 0, stages: [{ ...row, reason: error.message, findings }] }
}

function problemFinding({ file, line, where, expected, got, fix }: ConfigError["problems"][number]): Finding {
  return { severity: "high", rule: where === "" ? file : where, message: `expected ${expected}, got ${got}. ${fix}`, file, line }
}

/** The project's name, read so that it is found in a delivery.yaml that is otherwise broken: it names the runs' store. */
export function projectName(deliveryYaml: string | null): string {
  const name = /^project:[ \t]*["']?([A-Za-z0-9][A-Za-z0-9._-]*)/m.exec(deliveryYaml ?? "")?.[1]
  return name ?? "unnamed"
}
