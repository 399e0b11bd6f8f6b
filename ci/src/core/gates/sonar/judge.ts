import type { SonarCondition } from "../../config/sonar.js"
import type { Finding, GateResult } from "../../run.js"
import { counted, errorGate, failedGate, inconclusiveGate, passedGate } from "../gate.js"
import type { GateCondition, GateStatus, SonarIssue, SonarTask } from "./answers.js"
import { issueFindings } from "./issues.js"

export interface SonarInput {
  readonly task: SonarTask
  readonly gate: GateStatus | null
  /** By metric; what was not measured is not there. */
  readonly measures: Readonly<Record<string, string>>
  readonly issues: readonly SonarIssue[]
  /** The conditions that the gate must have judged; null for a server of one's own, which knows its gate. */
  readonly expected: readonly SonarCondition[] | null
}

// Without a hotspot there is nothing to review, and SonarQube then has no such measure.
const ABSENT_WHEN_NONE: Readonly<Record<string, string>> = { security_hotspots_reviewed: "security_hotspots" }
const RATINGS = ["A", "B", "C", "D", "E"]

/** The verdict on an analysis: SonarQube's gate decides, and what it was not told is never a pass. */
export function judgeSonar({ task, gate, measures, issues, expected }: SonarInput): GateResult {
  if (task.status !== "SUCCESS") return errorGate(`SonarQube did not work the analysis in: task ${task.status}${task.errorMessage === undefined ? "" : `: ${task.errorMessage.replace(/\s+/g, " ")}`}`)
  if (gate === null || gate.status === "NONE") return errorGate("SonarQube has no quality gate for the project: give it one, or set a default")
  const failing = gate.conditions.filter(({ status }) => status === "ERROR")
  const findings = [...failing.map(conditionFinding), ...issueFindings(issues)]
  if (failing.length > 0) return failedGate(`quality gate failed: ${failing.map(describeCondition).join("; ")}`, findings)
  if (gate.status !== "OK") return errorGate(`SonarQube's quality gate says ${gate.status}, which this module does not know`, findings)
  if (!(Number(measures["ncloc"]) > 0)) return errorGate("SonarQube found no line of code to analyse: look at `sonar.sources` and `sonar.exclusions` in delivery.yaml", findings)
  const missing = expected === null ? [] : unjudged(expected, gate, measures)
  if (missing.length > 0) {
    const reason = `the quality gate has no data for ${missing.join(", ")}: no report says it. Mend the reports, or give \`sonar.gate\` in delivery.yaml without it`
    return inconclusiveGate(reason, findings)
  }
  const code = `${counted(Number(measures["ncloc"]), "line")} of code`
  const judged = gate.conditions.length === 0 ? "none of its conditions had new code to judge" : gate.conditions.map(describeMeasure).join(", ")
  return passedGate(`quality gate passed: ${judged}; ${code}, ${counted(issues.length, "issue")}`, findings)
}

function unjudged(expected: readonly SonarCondition[], gate: GateStatus, measures: Readonly<Record<string, string>>): readonly string[] {
  const judged = new Set(gate.conditions.filter(({ actualValue }) => actualValue !== undefined).map(({ metricKey }) => metricKey))
  return expected.map(({ metric }) => metric).filter((metric) => {
    const counting = ABSENT_WHEN_NONE[metric]
    return !judged.has(metric) && !(counting !== undefined && measures[counting] === "0")
  })
}

function conditionFinding(condition: GateCondition): Finding {
  return { severity: "high", rule: `sonarqube/gate/${condition.metricKey}`, message: describeCondition(condition), file: null, line: null }
}

function describeCondition(condition: GateCondition): string {
  const limit = value(condition.metricKey, condition.errorThreshold)
  return `${describeMeasure(condition)}, ${condition.comparator === "LT" ? "at least" : "at most"} ${limit} is required`
}

const describeMeasure = ({ metricKey, actualValue }: GateCondition): string => `${metricKey} ${value(metricKey, actualValue)}`

/** Ratings are told by their letters. */
function value(metric: string, number: string | undefined): string {
  if (number === undefined) return "unknown"
  return metric.endsWith("_rating") ? (RATINGS[Math.round(Number(number)) - 1] ?? number) : number
}
