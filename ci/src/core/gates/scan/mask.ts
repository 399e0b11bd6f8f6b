import { isObject } from "../audit/report.js"

/** Stands where something must not be read. */
export const MASK = "***"

// What the scanners show of a secret and of the lines around it. They mask by themselves; a report must not depend on that.
const SHOWN = ["Match", "Secret", "Code", "Content", "Highlighted", "Author", "Email"]

/** A scanner's JSON without anything that it quotes; null when it is no JSON. */
export function maskedJson(text: string): string | null {
  try {
    return `${JSON.stringify(withoutQuotes(JSON.parse(text)))}\n`
  } catch {
    // Not JSON: a file of which nothing is known is not kept.
    return null
  }
}

function withoutQuotes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutQuotes)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, SHOWN.includes(key) ? maskedWords(inner) : withoutQuotes(inner)]))
}

/** Every text in it, and its shape left: other programs read these reports too. */
function maskedWords(value: unknown): unknown {
  if (typeof value === "string") return MASK
  if (Array.isArray(value)) return value.map(maskedWords)
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskedWords(inner)])) : value
}

/** The steps of a path that a secret lies in, by the columns of its line; columns of the scanner may be off by one. */
export function secretSteps(path: string, startColumn: number, endColumn: number): readonly string[] {
  const steps: string[] = []
  let at = 1
  for (const step of path.split("/")) {
    const [from, to] = [at, at + step.length - 1]
    if (step !== "" && from <= endColumn && to >= startColumn - 1) steps.push(step)
    at = to + 2
  }
  return steps
}

/** As they are, as JSON writes them, Go's too, and as an address does. */
function spellings(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const go = json.replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`)
  return [secret, json, go, encodeURIComponent(new TextDecoder().decode(new TextEncoder().encode(secret)))]
}

/** A text without these; the longest first, for one may hold another. */
export function withoutTexts(text: string, secrets: readonly string[]): string {
  return [...new Set(secrets.flatMap(spellings))].toSorted((one, other) => other.length - one.length).reduce((rest, secret) => (secret === "" ? rest : rest.replaceAll(secret, MASK)), text)
}
