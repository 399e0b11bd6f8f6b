import type { DatedException } from "../config/exceptions.js"
import { matchesGlob } from "../glob.js"
import type { Finding } from "../run.js"

/** What an exception can name. */
export interface Exceptable {
  /** All its names: GHSA-…, CVE-…, PYSEC-…, or the one of a check or rule. */
  readonly ids: readonly string[]
  readonly packageName: string | null
  /** Relative to the repository; null where a file says nothing. */
  readonly path?: string | null
}

/** What was found, as delivery.yaml wants it seen. */
export interface ExceptedFindings<Found extends Exceptable> {
  /** Those that no exception covers today. */
  readonly open: readonly Found[]
  readonly excepted: readonly { readonly found: Found; readonly exception: DatedException }[]
  /** Exceptions that are over and cover something in `open`. */
  readonly expired: readonly DatedException[]
  /** Exceptions that concern anything found, over or not. */
  readonly matched: readonly DatedException[]
}

/** `today` as 2026-11-23; an exception counts to the end of its last day. */
export function applyExceptions<Found extends Exceptable>(all: readonly Found[], exceptions: readonly DatedException[], today: string): ExceptedFindings<Found> {
  const isValid = (exception: DatedException): boolean => today <= exception.until
  const judged = all.map((found) => {
    const matching = exceptions.filter((exception) => concerns(exception, found))
    return { found, matching, exception: matching.find(isValid) }
  })
  const open = judged.filter(({ exception }) => exception === undefined)
  return {
    open: open.map(({ found }) => found),
    excepted: judged.flatMap(({ found, exception }) => (exception === undefined ? [] : [{ found, exception }])),
    expired: [...new Set(open.flatMap(({ matching }) => matching))],
    matched: [...new Set(judged.flatMap(({ matching }) => matching))],
  }
}

function concerns({ id, package: packageName, path }: DatedException, found: Exceptable): boolean {
  const isNamed = found.ids.some((known) => known.toUpperCase() === id.toUpperCase())
  const isThere = path === undefined || (typeof found.path === "string" && matchesGlob(found.path, path))
  return isNamed && isThere && (packageName === undefined || packageName === found.packageName)
}

/**
 * The exceptions of a section that nothing needs. An exception is the whole file's, so only when all rows that use it are
 * known is there an answer; null stands for a row that could not be judged.
 */
export function uselessExceptions(section: "audit" | "sast" | "scan" | "terraform", exceptions: readonly DatedException[], matchedByRow: readonly (readonly DatedException[] | null | undefined)[]): readonly Finding[] {
  const known = matchedByRow.filter((matched) => matched !== null && matched !== undefined)
  if (known.length < matchedByRow.length) return []
  const useless = exceptions.filter((exception) => !known.some((matched) => matched.includes(exception)))
  return useless.map((exception) => ({ severity: "info", rule: `${section}.exceptions`, message: `exception for ${whatOf(exception)} matches nothing; remove it`, file: "delivery.yaml", line: null }))
}

const whatOf = ({ id, package: packageName, path }: DatedException): string => [id, ...[packageName, path].filter((place) => place !== undefined)].join(" in ")
