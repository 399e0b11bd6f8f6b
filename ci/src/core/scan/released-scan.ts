import type { DatabaseFacts } from "../gates/scan/database.js"
import type { ReleasedScan } from "../release.js"

/** When an image was scanned, also where the result came from an earlier run, and how old the advisories were then. */
export function releasedScan(report: string | null, { metadata, sample }: Pick<DatabaseFacts, "metadata" | "sample">): ReleasedScan {
  return { scannedAt: textAt(report, "CreatedAt"), databaseUpdatedAt: textAt(metadata, "UpdatedAt"), sampleDatabase: sample !== null }
}

function textAt(json: string | null, key: string): string | null {
  try {
    const value = (JSON.parse(json ?? "null") as Readonly<Record<string, unknown>> | null)?.[key]
    return typeof value === "string" ? value : null
  } catch {
    return null
  }
}
