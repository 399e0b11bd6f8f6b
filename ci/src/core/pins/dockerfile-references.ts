import type { OutsideReference } from "./references.js"

/** Base images, files copied from images, what mounts come from, the frontend, and the defaults of `ARG <KEY>_IMAGE`. */
export function dockerfileReferences(file: string, text: string): readonly OutsideReference[] {
  const stages = new Set<string>(["scratch"])
  const joined = joinedLines(text)
  return joined.flatMap(({ line, written }): readonly OutsideReference[] => {
    const at = (found: string | undefined): readonly OutsideReference[] =>
      found === undefined || found === "" || /[$]/.test(found) || stages.has(found) || /^\d+$/.test(found) ? [] : [{ kind: "image", text: found, file, line }]
    const frontend = /^#\s*syntax\s*=\s*(\S+)/i.exec(written)
    if (frontend !== null) return at(frontend[1])
    const from = /^FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(written)
    if (from !== null) {
      const found = at(from[1])
      if (from[2] !== undefined) stages.add(from[2])
      return found
    }
    const argument = /^ARG\s+\w*IMAGE\w*=["']?([^\s"']+)/.exec(written)
    if (argument !== null) return at(argument[1])
    return [...written.matchAll(/(?:^(?:COPY|ADD)\s.*?--from=|--mount=\S*?from=)([^\s,]+)/gi)].flatMap(({ 1: found }) => at(found))
  })
}

/** Instructions, each with the line that it begins on. */
function joinedLines(text: string): readonly { readonly line: number; readonly written: string }[] {
  const result: { line: number; written: string; open: boolean }[] = []
  for (const [index, raw] of text.split("\n").entries()) {
    const last = result.at(-1)
    const open = /\\\s*$/.test(raw)
    const piece = raw.replace(/\\\s*$/, "")
    if (last?.open === true) Object.assign(last, { written: `${last.written} ${piece.trim()}`, open })
    else result.push({ line: index + 1, written: piece.trim(), open })
  }
  return result
}
