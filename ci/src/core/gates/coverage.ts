import { attribute, elements, parseXml } from "./junit-cases.js"
import { repositoryPath, type SourcePlace } from "./source-place.js"

/** How often each line that can be covered was run, by line number. */
export type LineHits = ReadonlyMap<number, number>

/** What coverage reports say. */
export interface Coverage {
  /** By path in the repository; by the report's own name for what lies outside. */
  readonly files: ReadonlyMap<string, LineHits>
  /** Sums of a report that lists no lines. */
  readonly totals: { readonly lines: number; readonly covered: number } | null
}

/** The coverage of one run from whichever report says something; null when neither does. */
export async function readCoverage(cobertura: string | null, lcov: string | null, place: SourcePlace): Promise<Coverage | null> {
  return (cobertura === null ? null : await parseCobertura(cobertura, place)) ?? (lcov === null ? null : parseLcov(lcov, place))
}

/** A line is covered when any of the runs has covered it; null when none of them says anything. */
export function mergeCoverage(parts: readonly Coverage[]): Coverage | null {
  const files = new Map<string, Map<number, number>>()
  for (const [path, lines] of parts.flatMap((part) => [...part.files])) {
    const merged = files.get(path) ?? new Map<number, number>()
    for (const [line, hits] of lines) merged.set(line, (merged.get(line) ?? 0) + hits)
    files.set(path, merged)
  }
  // Sums alone do not say which lines the runs have in common.
  const totals = files.size > 0 || parts.length > 1 ? null : (parts[0]?.totals ?? null)
  return files.size === 0 && totals === null ? null : { files, totals }
}

export function coveragePercent({ files, totals }: Coverage): number | null {
  const hits = [...files.values()].flatMap((lines) => [...lines.values()])
  const { lines, covered } = totals ?? { lines: hits.length, covered: hits.filter((count) => count > 0).length }
  return lines > 0 ? (100 * covered) / lines : null
}

function parseLcov(text: string, place: SourcePlace): Coverage | null {
  const files = new Map<string, Map<number, number>>()
  const sums = { LF: 0, LH: 0 }
  let lines = new Map<number, number>()
  for (const [, key, value = ""] of text.matchAll(/^(SF|DA|LF|LH):(.*?)\r?$/gm)) {
    if (key === "SF") files.set(repositoryPath(place, value) ?? value, (lines = files.get(repositoryPath(place, value) ?? value) ?? new Map<number, number>()))
    else if (key === "DA") addHits(lines, value.split(",")[0], value.split(",")[1])
    else sums[key as "LF" | "LH"] += Number(value) || 0
  }
  return coverageOf(files, { lines: sums.LF, covered: sums.LH })
}

async function parseCobertura(text: string, place: SourcePlace): Promise<Coverage | null> {
  const root = elements((await parseXml(text))?.["coverage"])[0]
  if (root === undefined) return null
  const sources = elements(root["sources"]).flatMap((list) => elements(list["source"])).map((source) => String(source["#text"] ?? "").trim())
  const files = new Map<string, Map<number, number>>()
  const classes = elements(root["packages"]).flatMap((list) => elements(list["package"])).flatMap((each) => elements(each["classes"])).flatMap((list) => elements(list["class"]))
  for (const element of classes) {
    const path = coberturaPath(attribute(element, "filename") ?? "", sources, place)
    const lines = files.get(path) ?? new Map<number, number>()
    for (const line of elements(element["lines"]).flatMap((list) => elements(list["line"]))) addHits(lines, attribute(line, "number"), attribute(line, "hits"))
    files.set(path, lines)
  }
  return coverageOf(files, { lines: Number(attribute(root, "lines-valid")), covered: Number(attribute(root, "lines-covered")) })
}

/** Names are relative to one of the report's sources; which one it does not say, so the first below the repository counts. */
function coberturaPath(name: string, sources: readonly string[], place: SourcePlace): string {
  const named = name.startsWith("/") ? [] : sources.filter((source) => source !== "").map((source) => `${source.replace(/\/+$/, "")}/`)
  const absolute = named.filter((source) => source.startsWith("/"))
  // Where all are relative, they are below the folder that the tool ran in: coverage.py writes those when it is told to.
  const bases = absolute.length > 0 ? absolute : named
  const paths = (bases.length === 0 ? [""] : bases).map((base) => repositoryPath(place, `${base}${name}`))
  return paths.find((path) => path !== null) ?? name
}

function addHits(lines: Map<number, number>, line: string | null | undefined, hits: string | null | undefined): void {
  const [number, count] = [Number(line), Number(hits)]
  if (number > 0 && count >= 0) lines.set(number, (lines.get(number) ?? 0) + count)
}

function coverageOf(files: ReadonlyMap<string, LineHits>, sums: { readonly lines: number; readonly covered: number }): Coverage | null {
  const withLines = new Map([...files].filter(([, lines]) => lines.size > 0))
  if (withLines.size > 0) return { files: withLines, totals: null }
  return sums.lines > 0 && Number.isFinite(sums.covered) ? { files: new Map(), totals: sums } : null
}
