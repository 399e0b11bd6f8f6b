import type { ExecOutcome } from "../gates/exec.js"
import { SANDBOX_INPUT } from "./sandbox.js"
import { SCANNED_FOLDER, SCANNED_ROOT, TREE_FOLDER } from "./trivy.js"
import type { Step } from "../steps/step.js"

// Trivy takes findings out for a word such as trivy:ignore:DS-0002, tfsec:ignore:* or trivy:exp:2030-01-01:ignore:KSV-0017, in a comment or
// not, in any file that it reads as configuration; no flag switches that off.
const IGNORE_WORD = "(trivy|tfsec):([^ ]*:)?ignore:"
const powerless = (name: string): string => `-e ':${name}' -e 's/${name}:\\(\\([^ ]*:\\)\\{0,1\\}ignore:\\)/${name}_\\1/' -e 't${name}'`

/**
 * Copies what is to be scanned, with these words taken their power, each as long as before: lines and columns stay. Prints
 * their places, and fails when one is left, as in a file whose name it cannot take.
 */
export const POWERLESS_STEP: Step = {
  name: "comments",
  argv: ["sh", "-ec", `cp -R ${SANDBOX_INPUT}/${SCANNED_FOLDER} ${SCANNED_ROOT}
cd ${SCANNED_ROOT}
with_words() { grep -rlE '${IGNORE_WORD}' . || [ $? = 1 ]; }
with_words | while IFS= read -r file; do
  awk '/${IGNORE_WORD}/ { print FILENAME ":" FNR }' "$file"
  sed -i ${powerless("trivy")} ${powerless("tfsec")} "$file"
done
left=$(with_words)
[ -z "$left" ] || { echo "still there: $left" >&2; exit 1; }`],
}

const COPIED_TREE = `.${TREE_FOLDER.slice(SCANNED_FOLDER.length)}/`

/** Places of such words in the tree; what was rendered from it has them once more. */
export function ignoreComments({ stdout }: ExecOutcome): readonly { readonly file: string; readonly line: number }[] {
  return stdout.split("\n").flatMap((text) => {
    const [, file, line] = /^(.+):(\d+)$/.exec(text) ?? []
    return file === undefined || !file.startsWith(COPIED_TREE) ? [] : [{ file: file.slice(COPIED_TREE.length), line: Number(line) }]
  })
}
