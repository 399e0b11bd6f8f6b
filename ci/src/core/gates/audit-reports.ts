import type { Finding, Severity } from "../run.js"
import { lastLine, type ExecOutcome } from "./exec.js"

/** What an audit tool could tell. */
export type AuditReport =
  | { readonly kind: "read"; readonly findings: readonly Finding[] }
  | { readonly kind: "unavailable"; readonly detail: string }
  | { readonly kind: "unreadable"; readonly detail: string }

interface NpmVulnerability {
  readonly name: string
  readonly severity: string
  readonly range?: string
  readonly via?: readonly (string | { readonly title?: string; readonly url?: string })[]
}

interface NpmOutput {
  readonly vulnerabilities?: Readonly<Record<string, NpmVulnerability>>
  readonly metadata?: { readonly dependencies?: { readonly total?: number } }
  readonly message?: string
  readonly statusCode?: number
  readonly error?: { readonly code?: string; readonly summary?: string }
}

/** npm says what it could not reach in the place of its report. */
const NPM_UNREACHABLE = /^(E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH|NETUNREACH)|ERR_SOCKET_TIMEOUT|ENOAUDIT|ENDPOINT)/

/** `npm audit --json`. */
export function npmReport(exec: ExecOutcome): AuditReport {
  const output = parseJson(exec.stdout) as NpmOutput | null
  if (output?.vulnerabilities !== undefined) {
    return { kind: "read", findings: Object.values(output.vulnerabilities).map(npmFinding) }
  }
  const failure = npmFailure(output)
  if (failure !== null) return { kind: "unavailable", detail: failure }
  return { kind: "unreadable", detail: output?.error?.summary ?? lastLine(exec) }
}

function npmFailure(output: NpmOutput | null): string | null {
  if (output?.statusCode !== undefined) return output.message ?? `status ${output.statusCode}`
  if (output?.error?.code !== undefined && NPM_UNREACHABLE.test(output.error.code)) {
    return output.error.summary || output.error.code
  }
  return output?.message !== undefined && /request to .* failed|network|endpoint/i.test(output.message) ? output.message : null
}

function npmFinding(entry: NpmVulnerability): Finding {
  const advisory = (entry.via ?? []).find((via) => typeof via !== "string")
  const title = advisory?.title ?? `through ${(entry.via ?? []).filter((via) => typeof via === "string").join(", ")}`
  const message = `${entry.name} ${entry.range ?? ""}: ${title}`.replace(/\s+/g, " ")
  return { severity: asSeverity(entry.severity), rule: advisory?.url ?? entry.name, message, file: "package-lock.json", line: null }
}

interface PipDependency {
  readonly name: string
  readonly version?: string
  readonly skip_reason?: string
  readonly vulns?: readonly { readonly id: string; readonly fix_versions?: readonly string[] }[]
}

const PIP_UNREACHABLE = /ConnectionError|Max retries exceeded|ServiceError|Could not connect|Read timed out|HTTPError/i

/** `pip-audit --format json`. It ends with 0 also when it could look up nothing, so every dependency is checked. */
export function pipReport(exec: ExecOutcome): AuditReport {
  const output = parseJson(exec.stdout) as { readonly dependencies?: readonly PipDependency[] } | null
  const dependencies = output?.dependencies
  if (dependencies === undefined) {
    const detail = lastLine(exec)
    return { kind: PIP_UNREACHABLE.test(exec.stderr) ? "unavailable" : "unreadable", detail }
  }
  const findings = dependencies.flatMap(pipFindings)
  const skipped = dependencies.filter((dependency) => dependency.skip_reason !== undefined)
  if (findings.length === 0 && (skipped.length > 0 || dependencies.length === 0)) {
    const first = skipped[0]?.skip_reason ?? "no dependency was listed"
    return { kind: "unavailable", detail: `${skipped.length} of ${dependencies.length} dependencies were not looked up: ${first}` }
  }
  return { kind: "read", findings }
}

// pip-audit gives no severity; what is not known to be harmless counts as high.
function pipFindings(dependency: PipDependency): Finding[] {
  return (dependency.vulns ?? []).map((vulnerability) => {
    const fix = vulnerability.fix_versions?.[0]
    const message = `${dependency.name} ${dependency.version ?? ""}: ${vulnerability.id}${fix === undefined ? "" : `, fixed in ${fix}`}`
    return { severity: "high", rule: vulnerability.id, message, file: "requirements.txt", line: null }
  })
}

function asSeverity(word: string): Severity {
  return word === "critical" || word === "high" || word === "moderate" || word === "low" || word === "info" ? word : "high"
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the caller reports what the tool printed instead.
    return null
  }
}
