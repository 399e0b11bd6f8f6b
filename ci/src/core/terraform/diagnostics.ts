import { asList, asText, isObject, isText, jsonLines, jsonObject, type JsonObject } from "../gates/audit/report.js"

/** What tofu complains about. */
export interface TofuDiagnostic {
  readonly severity: "error" | "warning"
  readonly summary: string
  readonly detail: string
  readonly file: string | null
  readonly line: number | null
}

/** JSON lines, or one JSON object, as tofu prints them with -json. Lines that are none are passed over. */
export function readTofu(text: string): readonly JsonObject[] {
  const whole = jsonObject(text)
  return whole === null ? jsonLines(text) : [whole]
}

/** Every diagnostic of `validate -json`, or of a command that prints JSON lines. Files are named relative to the folder it ran in. */
export function tofuDiagnostics(messages: readonly JsonObject[]): readonly TofuDiagnostic[] {
  return messages.flatMap((message) => [...asList(message["diagnostics"]), message["diagnostic"]]).flatMap((found) => {
    if (!isObject(found) || !isText(found["summary"])) return []
    const range = isObject(found["range"]) ? found["range"] : {}
    const start = isObject(range["start"]) ? range["start"]["line"] : null
    return [{ severity: found["severity"] === "warning" ? "warning" : "error", summary: asText(found["summary"]), detail: asText(found["detail"]).replace(/\s+/g, " ").trim(), file: isText(range["filename"]) ? asText(range["filename"]) : null, line: typeof start === "number" ? start : null }]
  })
}

/** How many runs of `tofu test -json` ended how; null when it did not come to its end. */
export function testSummary(messages: readonly JsonObject[]): { readonly passed: number; readonly failed: number; readonly skipped: number } | null {
  const summary = messages.map((message) => message["test_summary"]).find(isObject)
  if (summary === undefined) return null
  const count = (key: string): number => (typeof summary[key] === "number" ? summary[key] : 0)
  return { passed: count("passed"), failed: count("failed") + count("errored"), skipped: count("skipped") }
}

// In tofu's words: what speaks of its surroundings and not of the code. Ordered from the nearer to the more general.
const AROUND_TOFU: readonly (readonly [RegExp, string])[] = [
  [/acquiring the state lock/i, "somebody else holds the state's lock; wait for that run, or take the lock away with `tofu force-unlock` once you know that it ended"],
  [/Failed to (query available provider packages|install provider|resolve provider packages)|could not connect to registry|Registry service unreachable|provider registry .* does not have/i, "the provider is out of reach"],
  [/Module not (installed|found)|Failed to download module|Could not download module/i, "a module is out of reach"],
  [/No valid credential sources|failed to refresh cached credentials|ExpiredToken|InvalidClientTokenId|AccessDenied|UnauthorizedOperation/i, "AWS does not let this call in"],
  [/Failed to (get existing workspaces|load state|save state)|Error (loading|refreshing) state|Backend initialization required|error configuring S3 Backend/i, "the state cannot be read"],
  [/i\/o timeout|connection refused|no such host|TLS handshake|RequestError/i, "a service cannot be reached"],
  [/plugin (crashed|did not respond)|Failed to load plugin schemas|Unrecognized remote plugin/i, "the provider broke down"],
]

/** What went wrong around tofu, in words; null when it is the code's own fault. */
export function surroundingsFault(text: string): string | null {
  return AROUND_TOFU.find(([pattern]) => pattern.test(text.replace(/\s+/g, " ")))?.[1] ?? null
}

/** Of `text`, what follows the first word `Error:`, in one line. */
export function firstError(text: string): string {
  return (/Error: ([^]*?)(?:\n\s*\n\s*\n|$)/.exec(text)?.[1] ?? text).replace(/[│╷╵]/g, " ").replace(/\s+/g, " ").trim().slice(0, 300)
}
