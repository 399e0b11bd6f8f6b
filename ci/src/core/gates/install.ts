import type { GateResult } from "../run.js"
import { judgeSurroundings, lastLine, lastLines, programName, type ExecOutcome } from "./exec.js"
import { errorGate, failedGate, passedGate } from "./gate.js"

const LINES_OF_INSTALL = 6

/** How the package managers tell that a registry wants to know who asks; each line was said by a real one. pip says no more than that there is no such package. */
const CREDENTIALS: readonly RegExp[] = [
  /\bcode (?:E401|E403|ENEEDAUTH)\b/, // npm
  /\bERR_PNPM_FETCH_40[13]\b/, // pnpm
  /\bRequest failed \\?"40[13]\b/, // yarn 1
  /\bYN0041\b|\bResponse Code: 40[13]\b/, // yarn 4
  /\b401 Unauthorized\b|\b403 Forbidden\b/, // uv, and pip where it names the status
  /\bAuthorization error accessing\b/, // poetry
]

/** A manifest that the package manager cannot read. */
const BROKEN_MANIFEST: readonly RegExp[] = [
  /^.*\b(?:EJSONPARSE|ERR_PNPM_JSON_PARSE)\b.*$/m,
  /^.*\b(?:Failed to parse|Invalid TOML file|TOML parse error)\b.*$/m,
  /^.*\bInvalid requirement\b.*$/m,
]

/** What the judge knows of the service besides its commands. */
export interface InstallContext {
  readonly service: string
  readonly timeoutSeconds: number
  /** What the package manager says when manifest and lock file do not belong together. */
  readonly lockProblems: readonly RegExp[]
}

/**
 * The gate of an install, before whatever stage needs it: what the tree says wrongly is `failed`; a registry, a network
 * or an image that does not do its part is `error`.
 */
export function judgeInstall(execs: readonly ExecOutcome[], context: InstallContext): GateResult {
  const broken = execs.find(({ exitCode }) => exitCode !== 0)
  if (broken === undefined) return passedGate("")
  const output = `${broken.stderr}\n${broken.stdout}`
  const what = `${context.service}: dependencies were not installed: ${programName(broken)} ended with ${broken.exitCode}`
  const surroundings = judgeSurroundings(broken, context.timeoutSeconds)
  if (surroundings !== null) return errorGate(`${context.service}: dependencies were not installed: ${surroundings.reason}`)
  if (firstMatch(CREDENTIALS, output) !== null) return errorGate(`${what}: a package registry wants credentials, and none were given.${logOf(broken)}`)
  if (firstMatch(context.lockProblems, output) !== null) {
    return failedGate(`${what}: the lock file is missing or does not fit its manifest. Install on your machine and commit the lock file.${logOf(broken)}`)
  }
  const manifest = firstMatch(BROKEN_MANIFEST, output)
  if (manifest !== null) return failedGate(`${what}: a manifest cannot be read: ${manifest}`)
  return errorGate(`${what}:${logOf(broken)}`)
}

function firstMatch(patterns: readonly RegExp[], output: string): string | null {
  const line = patterns.map((pattern) => pattern.exec(output)?.[0]).find((found) => found !== undefined)
  return line === undefined ? null : line.trim().slice(0, 200)
}

function logOf(exec: ExecOutcome): string {
  const text = exec.stderr.trim() === "" ? exec.stdout : exec.stderr
  return text.trim() === "" ? ` ${lastLine(exec)}` : ` It said:\n${lastLines(text, LINES_OF_INSTALL)}`
}
