import { isObject } from "../audit/report.js"

/** What is known of a vulnerability database. */
export interface DatabaseFacts {
  /** The texts of its metadata.json and sample.json; null where there is none. */
  readonly metadata: string | null
  readonly sample: string | null
  /** What went wrong when it was to be renewed; null when it was. */
  readonly notRenewed: string | null
}

export interface DatabaseLimits {
  readonly maxAgeDays: number
  /** A sample shows how the gate works and no more: nothing leaves this machine on its word. */
  readonly sampleAllowed: boolean
  /** Hours since a time as 2026-11-20T00:00:00Z; not a number for what is none. */
  readonly hoursSince: (time: string) => number
}

export interface JudgedDatabase {
  /** Why there can be no verdict with it; null when there can. */
  readonly problem: string | null
  /** What the row must say of it. */
  readonly remarks: readonly string[]
}

const SCHEMA_VERSION = 2
// Clocks differ; a day ahead is more than that.
const FUTURE_HOURS = 24

/** Whether a verdict can rest on a database. An old one finds nothing new, and says so to nobody. */
export function judgeDatabase({ metadata, sample, notRenewed }: DatabaseFacts, { maxAgeDays, sampleAllowed, hoursSince }: DatabaseLimits): JudgedDatabase {
  const facts = objectOf(metadata)
  if (metadata === null) return unusable(`there is no vulnerability database${notRenewed === null ? "" : `: ${notRenewed}`}`)
  const updatedAt = facts?.["UpdatedAt"]
  if (facts === null || typeof updatedAt !== "string") return unusable("the vulnerability database's metadata.json cannot be read")
  if (facts["Version"] !== SCHEMA_VERSION) return unusable(`the vulnerability database has schema ${String(facts["Version"])}, expected ${SCHEMA_VERSION}`)
  if (sample !== null) return judgeSample(sample, sampleAllowed)
  const hours = hoursSince(updatedAt)
  if (!Number.isFinite(hours) || hours < -FUTURE_HOURS) return unusable(`the vulnerability database was made at ${updatedAt}: expected a time in the past`)
  const days = Math.floor(hours / 24)
  if (hours > maxAgeDays * 24) return unusable(`the vulnerability database is ${days} days old (made ${updatedAt}), more than ${maxAgeDays} (scan.maxDatabaseAgeDays)${notRenewed === null ? "" : `: ${notRenewed}`}`)
  return { problem: null, remarks: notRenewed === null ? [] : [`the vulnerability database of ${updatedAt} could not be renewed: ${notRenewed}`] }
}

/** Its age says nothing: it is a sample at any. */
function judgeSample(text: string, allowed: boolean): JudgedDatabase {
  const advisories = objectOf(text)?.["advisories"]
  if (typeof advisories !== "number" || advisories < 1) return unusable("the sample database does not say how many advisories it has")
  const words = `sample database, ${advisories} advisories, not a security statement`
  return allowed ? { problem: null, remarks: [words] } : { problem: `${words}: only environment local takes it. Give the module a real one (images.trivy-db in delivery.yaml)`, remarks: [] }
}

const unusable = (problem: string): JudgedDatabase => ({ problem, remarks: [] })

function objectOf(text: string | null): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text ?? "")
    return isObject(value) ? value : null
  } catch {
    // Not JSON: judged as unreadable.
    return null
  }
}
