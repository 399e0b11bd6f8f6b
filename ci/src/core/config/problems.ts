import type { ConfigProblem } from "../errors.js"
import type { SectionProblem } from "./section.js"
import { lineOf, type SourceLines } from "./source-lines.js"

/** Puts file and line to problems, in the order of the file. */
export function locate(problems: readonly SectionProblem[], file: string, lines: SourceLines): readonly ConfigProblem[] {
  return problems
    .map(({ path, ...problem }) => ({ file, line: lineOf(lines, path), where: path.join("."), ...problem }))
    .sort((left, right) => left.line - right.line)
}
