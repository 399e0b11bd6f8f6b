import { UsageError } from "./errors.js"

/** Lines of a file as it is now, both ends included. */
export interface LineRange {
  readonly first: number
  readonly last: number
}

/** A file that was added, changed, removed, or got another mode. */
export interface FileChange {
  /** Relative to the checkout. */
  readonly path: string
  /** New and changed lines; none for a removed or binary file. */
  readonly lines: readonly LineRange[]
}

const FILE = "diff --git "
const HUNK = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/

/**
 * Reads what `git diff --no-renames` says; headers alone will do, if made with `--unified=0`.
 * Written here because the libraries for it lose names with quotes, and mode changes of names with spaces.
 */
export function parseChanges(patch: string): readonly FileChange[] {
  const files: { path: string; lines: LineRange[] }[] = []
  let line = 0
  let declared = false
  for (const text of patch.split("\n")) {
    const file = files.at(-1)
    const hunk = file === undefined ? null : HUNK.exec(text)
    if (text.startsWith(FILE)) {
      files.push({ path: headerPath(text.slice(FILE.length)), lines: [] })
      line = 0
    } else if (file !== undefined && hunk !== null) {
      line = Number(hunk[1])
      const count = Number(hunk[2] ?? 1)
      declared = count > 0
      if (declared) file.lines.push({ first: line, last: line + count - 1 })
    } else if (file !== undefined && line > 0 && /^[ +-]/.test(text)) {
      // The lines themselves know better than the header, which counts the unchanged ones around them.
      if (declared) file.lines.pop()
      declared = false
      if (text.startsWith("+")) addLine(file.lines, line)
      if (!text.startsWith("-")) line += 1
    }
  }
  if (files.length > 0 || patch.trim() === "") return files
  throw new UsageError("--changes: expected the output of `git diff`, got a file without any `diff --git` line.")
}

function addLine(lines: LineRange[], line: number): void {
  const before = lines.at(-1)
  if (before?.last === line - 1) lines[lines.length - 1] = { first: before.first, last: line }
  else lines.push({ first: line, last: line })
}

/** `a/path b/path`: without renames both are the same, so half of the line is the path, whatever is in it. */
function headerPath(header: string): string {
  const half = header.slice(0, (header.length - 1) / 2)
  return (half.startsWith('"') ? unquoted(half.slice(1, -1)) : half).slice("a/".length)
}

const ESCAPES: Readonly<Record<string, string>> = { a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" }

/** Git quotes names with control characters, quotes and backslashes, and by default all that is not ASCII, byte by byte. */
function unquoted(text: string): string {
  return text.replace(/(?:\\[0-7]{3})+|\\(.)/g, (escaped: string, letter: string | undefined) =>
    letter === undefined ? utf8(escaped.slice(1).split("\\").map((digits) => parseInt(digits, 8))) : (ESCAPES[letter] ?? letter),
  )
}

function utf8(bytes: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(bytes))
}
