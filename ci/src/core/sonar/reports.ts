import type { Coverage } from "../gates/coverage.js"
import { repositoryPath, type SourcePlace } from "../gates/source-place.js"
import type { JudgedCase } from "../gates/test-cases.js"
import { escapeHtml } from "../report/escape.js"

/** Coverage in SonarQube's generic format, for any language; null where no line is told. Files outside the tree are left out. */
export function genericCoverage(coverages: readonly Coverage[], paths: ReadonlySet<string>): string | null {
  const files = new Map(coverages.flatMap(({ files: own }) => [...own]).filter(([path]) => paths.has(path)))
  if (files.size === 0) return null
  const elements = [...files].map(([path, lines]) => {
    const each = [...lines].sort(([left], [right]) => left - right).map(([line, hits]) => `    <lineToCover lineNumber="${line}" covered="${hits > 0}"/>\n`)
    return `  <file path="${escapeHtml(path)}">\n${each.join("")}  </file>\n`
  })
  return `<coverage version="1">\n${elements.join("")}</coverage>\n`
}

export interface ServiceCases {
  readonly place: SourcePlace
  readonly cases: readonly JudgedCase[]
}

export interface GenericTests {
  /** Null when no case tells its file. */
  readonly xml: string | null
  readonly imported: number
  /** Cases whose report does not say which file of the tree they stand in. */
  readonly unplaced: number
}

/** Test results in SonarQube's generic format. */
export function genericTests(services: readonly ServiceCases[], paths: ReadonlySet<string>): GenericTests {
  const byFile = new Map<string, JudgedCase[]>()
  let unplaced = 0
  for (const { place, cases } of services) {
    for (const each of cases) {
      const file = caseFile(place, each.file, paths)
      if (file === null) unplaced += 1
      else byFile.set(file, [...(byFile.get(file) ?? []), each])
    }
  }
  const imported = [...byFile.values()].reduce((sum, cases) => sum + cases.length, 0)
  const files = [...byFile].map(([path, cases]) => `  <file path="${escapeHtml(path)}">\n${cases.map(caseElement).join("")}  </file>\n`)
  return { xml: imported === 0 ? null : `<testExecutions version="1">\n${files.join("")}</testExecutions>\n`, imported, unplaced }
}

/** A path, or Python's `tests.test_app.TestApp`, whose last words may be classes. */
function caseFile(place: SourcePlace, file: string | null, paths: ReadonlySet<string>): string | null {
  if (file === null) return null
  const words = file.split(".")
  const modules = /^[\w.]+$/.test(file) ? words.map((_, index) => `${words.slice(0, words.length - index).join("/")}.py`) : []
  const candidates = [file, ...modules].map((name) => repositoryPath(place, name))
  return candidates.find((path) => path !== null && paths.has(path)) ?? null
}

function caseElement({ name, seconds, outcome, message }: JudgedCase): string {
  const start = `    <testCase name="${escapeHtml(name)}" duration="${Math.round(seconds * 1000)}"`
  if (outcome === "failed") return `${start}><failure message="${escapeHtml(message)}"/></testCase>\n`
  if (outcome === "skipped") return `${start}><skipped message="${escapeHtml(message)}"/></testCase>\n`
  return `${start}/>\n`
}
