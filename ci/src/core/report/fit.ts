/** The first lines that fit into so many bytes, and one that says how many were left out. */
export function fitLines(lines: readonly string[], bytes: number, more: (left: number) => string): readonly string[] {
  const fitting: string[] = []
  let left = bytes
  for (const line of lines) {
    left -= byteLength(line) + 1
    if (left < 0) break
    fitting.push(line)
  }
  return fitting.length === lines.length ? fitting : [...fitting, more(lines.length - fitting.length)]
}

/** A text of at most so many characters; what is cut off is told by an ellipsis. */
export function clip(text: string, limit: number): string {
  const characters = [...text]
  return characters.length > limit ? `${characters.slice(0, limit - 1).join("")}…` : text
}

export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
