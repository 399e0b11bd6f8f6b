import type { ExecOutcome } from "../gates/exec.js"
import { SANDBOX_INPUT, type SandboxStep } from "./sandbox.js"
import { TREE_FOLDER } from "./trivy.js"

const COMMENTS_ROOT = `${SANDBOX_INPUT}/${TREE_FOLDER}`

/** Finds the comments by which a file takes findings of Trivy's out; no flag switches them off. In files that it reads them in. */
export const COMMENTS_STEP: SandboxStep = {
  name: "comments",
  argv: ["find", COMMENTS_ROOT, "-type", "f", "(", "-name", "*ockerfile*", "-o", "-name", "*.tf", "-o", "-name", "*.y*ml", "-o", "-name", "*.tpl", ")", "-exec", "awk", '/[#*] *trivy:ignore:/ { print FILENAME ":" FNR }', "{}", "+"],
}

/** Their places. */
export function ignoreComments({ stdout }: ExecOutcome): readonly { readonly file: string; readonly line: number }[] {
  return stdout.split("\n").flatMap((text) => {
    const [, file, line] = /^(.+):(\d+)$/.exec(text) ?? []
    return file === undefined || !file.startsWith(`${COMMENTS_ROOT}/`) ? [] : [{ file: file.slice(COMMENTS_ROOT.length + 1), line: Number(line) }]
  })
}
