import { AUDIT_LEVELS } from "../../config/audit.js"
import type { DatedException } from "../../config/exceptions.js"
import type { ScanConfig } from "../../config/scan.js"
import { SEVERITIES, type Finding, type GateResult } from "../../run.js"
import { applyExceptions } from "../exceptions.js"
import { counted, failedGate, passedGate } from "../gate.js"
import type { ScannedFault } from "./found.js"
import { NOTHING_MENDS } from "./trivy-report.js"

export interface ScanLimits extends Pick<ScanConfig, "level" | "ignoreUnfixed" | "licenses"> {
  readonly exceptions: readonly DatedException[]
  /** Such as 2026-11-23. */
  readonly today: string
}

export interface ScanOutcome {
  readonly gate: GateResult
  /** The exceptions that concern it; null when that is not known. */
  readonly matched: readonly DatedException[] | null
}

const NOUNS: Readonly<Record<ScannedFault["kind"], readonly [string, string]>> = {
  vulnerability: ["vulnerability", "vulnerabilities"],
  misconfiguration: ["misconfiguration", "misconfigurations"],
  secret: ["secret", "secrets"],
  licence: ["licence", "licences"],
  weakness: ["insecure place", "insecure places"],
}

/** The verdict on what was found; `remarks` stand in the row whatever it is. */
export function judgeFaults(faults: readonly ScannedFault[], limits: ScanLimits, what: string, remarks: readonly string[]): ScanOutcome {
  const told = onceEach(faults).map((fault) => ({ ...fault, spared: sparedBy(fault, limits) }))
  const { open, excepted, expired, matched } = applyExceptions(told.filter(({ spared }) => spared === null), limits.exceptions, limits.today)
  const spared = told.filter((fault) => fault.spared !== null)
  const bySeverity = open.toSorted((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity))
  const worst = SEVERITIES.slice(0, AUDIT_LEVELS.length - AUDIT_LEVELS.indexOf(limits.level))
  const blocking = bySeverity.filter(({ severity }) => worst.includes(severity))
  const findings = [
    ...bySeverity.map((fault) => findingOfFault(fault)),
    ...excepted.map(({ found, exception }) => findingOfFault(found, `excepted until ${exception.until}: ${exception.reason}`)),
    ...spared.map((fault) => findingOfFault(fault, fault.spared ?? "")),
  ]
  const over = expired.map(({ id, until }) => `exception for ${id} expired on ${until}`)
  const [first] = blocking
  if (first !== undefined) {
    const place = first.path === null ? "" : `${first.path}${first.line === null ? "" : `:${first.line}`}: `
    return { gate: failedGate([`${countedKinds(blocking)} of level ${limits.level} or worse: ${place}${first.message}`, ...over, ...remarks].join("; "), findings), matched }
  }
  const below = open.length === 0 ? [] : [`${counted(open.length, "finding")} below level ${limits.level}`]
  const not = excepted.length === 0 ? [] : [`${counted(excepted.length, "finding")} excepted`]
  return { gate: passedGate([what, ...below, ...not, ...over, ...remarks].filter((part) => part !== "").join("; "), findings), matched }
}

function sparedBy({ kind, spared }: ScannedFault, { ignoreUnfixed, licenses }: ScanLimits): string | null {
  if (kind === "licence" && licenses === "report") return "licences are only reported"
  return spared === NOTHING_MENDS && !ignoreUnfixed ? null : spared
}

/** What is found in a chart for several environments is one fault. */
function onceEach(faults: readonly ScannedFault[]): readonly ScannedFault[] {
  const groups = new Map<string, ScannedFault[]>()
  for (const fault of faults) {
    const key = JSON.stringify([fault.kind, fault.rule, fault.path, fault.line, fault.packageName, fault.message, fault.spared])
    groups.set(key, [...(groups.get(key) ?? []), fault])
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const environments = [...new Set(group.flatMap(({ renderedFor }) => renderedFor ?? []))]
    return [environments.length === 0 ? first : { ...first, message: `${first.message} (rendered for ${environments.join(", ")})` }]
  })
}

function findingOfFault({ severity, rule, message, path = null, line }: ScannedFault, why?: string): Finding {
  return why === undefined ? { severity, rule, message, file: path, line } : { severity: "info", rule, message: `${message}; ${severity}, ${why}`, file: path, line }
}

/** `2 vulnerabilities, 1 secret` */
function countedKinds(faults: readonly ScannedFault[]): string {
  const parts = Object.entries(NOUNS).map(([kind, [one, many]]) => {
    const count = faults.filter((fault) => fault.kind === kind).length
    return count === 0 ? "" : `${count} ${count === 1 ? one : many}`
  })
  return parts.filter((part) => part !== "").join(", ")
}
