import type { Finding } from "../../run.js"
import { withoutControls } from "../../report/escape.js"
import type { ExecOutcome } from "../exec.js"
import { ACTIONLINT } from "./actionlint.js"
import { BLACK } from "./black.js"
import { CHECK_JSONSCHEMA } from "./check-jsonschema.js"
import { HADOLINT } from "./hadolint.js"
import { HELM } from "./helm.js"
import type { FoundAt, Linter } from "./linter.js"
import { PLAIN } from "./plain.js"
import { PRETTIER } from "./prettier.js"
import { RUFF } from "./ruff.js"
import { SCRIPTS } from "./scripts.js"
import { STYLISH } from "./stylish.js"
import { TSC } from "./tsc.js"
import { YAMLLINT } from "./yamllint.js"

/** Every linter whose words are understood: one line registers one. A line of output belongs to the first that can read it. */
const LINTERS: readonly Linter[] = [STYLISH, PRETTIER, TSC, RUFF, BLACK, HADOLINT, YAMLLINT, ACTIONLINT, CHECK_JSONSCHEMA, HELM, SCRIPTS, PLAIN]

/** The findings that linters printed; unknown linters give none. */
export function lintFindings(exec: ExecOutcome): readonly Finding[] {
  const lines = outputOf(exec).split("\n")
  const read = LINTERS.reduce<readonly FoundAt[]>((taken, linter) => {
    const lineNumbers = new Set(taken.map(({ at }) => at))
    return [...taken, ...linter.read(lines).filter(({ at }) => !lineNumbers.has(at))]
  }, [])
  return [...read].sort((a, b) => a.at - b.at).map(({ finding }) => finding)
}

/** What a linter says when it could not work at all; null when it could. Exit codes alone do not tell: tsc ends with 2 for both. */
export function brokenLinter(exec: ExecOutcome): string | null {
  const output = outputOf(exec)
  const program = exec.argv[0]?.split("/").at(-1)
  const signs = LINTERS.flatMap(({ name, broken, brokenAlone = [] }) => [...broken, ...(name === program ? brokenAlone : [])])
  const match = signs.map((sign) => sign.exec(output)).find((found) => found !== null)
  return match === undefined ? null : (match?.[1] ?? match?.[0] ?? "").trim()
}

// `::error file=a.py,line=1::a.py:1:1: F401 …`: what tools print where they take their surroundings for GitHub's.
const GITHUB_ANNOTATION = /^::(?:error|warning|notice) [^:\n]*::(.*?)(?:%0A.*)?$/gm

/** Without colours, which some linters print although nobody can see them. */
function outputOf({ stdout, stderr }: ExecOutcome): string {
  return withoutControls(`${stdout}\n${stderr}`).replace(GITHUB_ANNOTATION, "$1")
}
