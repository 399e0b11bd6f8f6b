import type { GateResult } from "../run.js"
import { judgeSurroundings, lastLine, lastLines, programName, type ExecOutcome } from "./exec.js"
import { errorGate, failedGate, passedGate } from "./gate.js"

const LOG_LINES = 6

/** How the package managers tell that a registry wants to know who asks. */
const CREDENTIALS: readonly RegExp[] = [
  /^.*\b(?:E401|E403|ENEEDAUTH|ERR_PNPM_FETCH_40[13])\b.*$/m, // npm, pnpm
  /^.*\bYN0041\b.*$/m, // yarn 4: invalid authentication
  /^.*\b(?:401|403)\b[^\n]*\b(?:Unauthorized|Forbidden|Client Error|Error)\b.*$/im, // pip, uv, poetry, yarn 1
  /^.*\bERROR: HTTP error 40[13]\b.*$/m, // pip
  /^.*\bUser for [^\n]*: *$/m, // pip asks for a name, and nobody answers
]

/** A manifest that no package manager can read. */
const BROKEN_MANIFEST: readonly RegExp[] = [
  /^.*\b(?:EJSONPARSE|ERR_PNPM_JSON_PARSE)\b.*$/m,
  /^.*\b(?:JSON\.parse|Failed to parse|Invalid TOML|TOML parse error|TOMLDecodeError|SyntaxError: [^\n]*JSON)\b.*$/m,
  /^.*\bERROR: Invalid requirement\b.*$/m,
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
  if (firstMatch(CREDENTIALS, output) !== null) {
    return errorGate(`${what}: a registry refused it for want of credentials. Give the package manager a registry that this machine may read, and its token.${logOf(broken)}`)
  }
  if (firstMatch(context.lockProblems, output) !== null) {
    return failedGate(`${what}: the lock file is missing or out of step with its manifest. Run the package manager's install and commit the lock file.${logOf(broken)}`)
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
  return text.trim() === "" ? ` ${lastLine(exec)}` : ` It said:\n${lastLines(text, LOG_LINES)}`
}
