import type { GateResult } from "../run.js"
import type { WantedRuntime } from "../toolchains/toolchain.js"
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
  /\b(?:EJSONPARSE|ERR_PNPM_JSON_PARSE)\b/,
  /\b(?:Failed to parse|Invalid TOML file|TOML parse error)\b/,
  /\bInvalid requirement\b/,
]

/** What the judge knows of the service besides its commands. */
export interface InstallContext {
  readonly service: string
  readonly timeoutSeconds: number
  /** What the package manager says when manifest and lock file do not belong together. */
  readonly lockProblems: readonly RegExp[]
  readonly runtime?: WantedRuntime | null
}

/**
 * The gate of an install, before whatever stage needs it: what the tree says wrongly is `failed`; a registry, a network
 * or an image that does not do its part is `error`.
 */
export function judgeInstall(execs: readonly ExecOutcome[], context: InstallContext): GateResult {
  const broken = execs.find(({ exitCode }) => exitCode !== 0)
  if (broken === undefined) return judgeRuntime(execs, context)
  const output = `${broken.stderr}\n${broken.stdout}`
  const what = `${context.service}: dependencies were not installed: ${programName(broken)} ended with ${broken.exitCode}`
  const surroundings = judgeSurroundings(broken, context.timeoutSeconds)
  if (surroundings !== null) return errorGate(`${context.service}: dependencies were not installed: ${surroundings.reason}`)
  const refusal = linesFrom(CREDENTIALS, output)
  if (refusal !== null) return errorGate(`${what}: a package registry wants credentials, and none were given. It said:\n${refusal}`)
  const lock = linesFrom(context.lockProblems, output)
  if (lock !== null) return failedGate(`${what}: the lock file is missing or does not fit its manifest. Install on your machine and commit the lock file. It said:\n${lock}`)
  const manifest = linesFrom(BROKEN_MANIFEST, output)
  if (manifest !== null) return failedGate(`${what}: a manifest cannot be read. It said:\n${manifest}`)
  return errorGate(`${what}:${logOf(broken)}`)
}

/** An image of another version than the tree asks for would check what nobody runs. */
function judgeRuntime(execs: readonly ExecOutcome[], { service, runtime }: InstallContext): GateResult {
  const asked = execs.find(({ argv }) => argv === runtime?.argv)
  const version = asked?.stdout.trim() ?? ""
  if (asked === undefined || runtime?.accepts(version) !== false) return passedGate("")
  return errorGate(`${service}: expected ${runtime.wanted}, got ${version} in the image of pins.yaml. Pin a newer image there, widen the range, or set \`buildImage\` in delivery.yaml`)
}

/** The line that one of the patterns finds, and what follows it: there the tools name what is wrong. */
function linesFrom(patterns: readonly RegExp[], output: string): string | null {
  const lines = output.split("\n").filter((line) => line.trim() !== "")
  const first = lines.findIndex((line) => patterns.some((pattern) => pattern.test(line)))
  return first < 0 ? null : lines.slice(first, first + LINES_OF_INSTALL).join("\n")
}

function logOf(exec: ExecOutcome): string {
  const text = exec.stderr.trim() === "" ? exec.stdout : exec.stderr
  return text.trim() === "" ? ` ${lastLine(exec)}` : ` It said:\n${lastLines(text, LINES_OF_INSTALL)}`
}
