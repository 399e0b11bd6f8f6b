import type { AuditException } from "../../config/audit.js"
import type { Finding } from "../../run.js"
import type { Vulnerability } from "./report.js"

/** Vulnerabilities as delivery.yaml wants them seen. */
export interface ExceptedVulnerabilities {
  /** Those that no exception covers today. */
  readonly open: readonly Vulnerability[]
  readonly excepted: readonly { readonly vulnerability: Vulnerability; readonly exception: AuditException }[]
  /** Exceptions that are over and cover something in `open`. */
  readonly expired: readonly AuditException[]
  /** Exceptions that concern any of the vulnerabilities, over or not. */
  readonly matched: readonly AuditException[]
}

/** `today` as 2026-11-23; an exception counts to the end of its last day. */
export function applyExceptions(vulnerabilities: readonly Vulnerability[], exceptions: readonly AuditException[], today: string): ExceptedVulnerabilities {
  const isValid = (exception: AuditException): boolean => today <= exception.until
  const judged = vulnerabilities.map((vulnerability) => {
    const matching = exceptions.filter((exception) => concerns(exception, vulnerability))
    return { vulnerability, matching, exception: matching.find(isValid) }
  })
  const open = judged.filter(({ exception }) => exception === undefined)
  return {
    open: open.map(({ vulnerability }) => vulnerability),
    excepted: judged.flatMap(({ vulnerability, exception }) => (exception === undefined ? [] : [{ vulnerability, exception }])),
    expired: [...new Set(open.flatMap(({ matching }) => matching))],
    matched: [...new Set(judged.flatMap(({ matching }) => matching))],
  }
}

function concerns({ id, package: packageName }: AuditException, vulnerability: Vulnerability): boolean {
  const isNamed = vulnerability.ids.some((known) => known.toUpperCase() === id.toUpperCase())
  return isNamed && (packageName === undefined || packageName === vulnerability.packageName)
}

/**
 * The exceptions that no service needs. An exception is the whole file's, so only when the audits of all services are known
 * is there an answer; null stands for an audit that could not be read.
 */
export function uselessExceptions(exceptions: readonly AuditException[], matchedByService: readonly (readonly AuditException[] | null | undefined)[]): readonly Finding[] {
  const known = matchedByService.filter((matched) => matched !== null && matched !== undefined)
  if (known.length < matchedByService.length) return []
  const useless = exceptions.filter((exception) => !known.some((matched) => matched.includes(exception)))
  return useless.map(({ id, package: packageName }) => {
    const what = packageName === undefined ? id : `${id} in ${packageName}`
    return { severity: "info", rule: "audit.exceptions", message: `exception for ${what} matches nothing; remove it`, file: "delivery.yaml", line: null }
  })
}
