import { distance } from "fastest-levenshtein"

/** The known name closest to a mistyped one; null when none is close enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | null {
  const ranked = known
    .map((name) => ({ name, steps: distance(word.toLowerCase(), name.toLowerCase()) }))
    .sort((left, right) => left.steps - right.steps)
  const best = ranked[0]
  if (best === undefined) return null
  const tolerated = Math.max(2, Math.floor(best.name.length / 3))
  return best.steps <= tolerated && best.steps < best.name.length ? best.name : null
}

/** What to do about an unknown name: the nearest one, else the list. */
export function suggestion(word: string, known: readonly string[]): string {
  const match = nearest(word, known)
  if (match !== null) return `Did you mean \`${match}\`?`
  return known.length === 0 ? "None is known." : `Known: ${known.join(", ")}.`
}

/** One complete sentence about an unknown name in a call. */
export function unknownMessage(kind: string, word: string, known: readonly string[]): string {
  const match = nearest(word, known)
  const hint = match === null ? "" : ` Did you mean \`${match}\`?`
  return `unknown ${kind} \`${word}\`.${hint} Known: ${known.join(", ")}.`
}
