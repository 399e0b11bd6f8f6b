import { loadXml } from "../lazy.js"
import { withoutControls } from "../report/escape.js"
import type { Coverage } from "./coverage.js"
import { coveragePercent } from "./coverage.js"
import type { JudgedCase } from "./test-cases.js"

/** JUnit of several runs of one command; a flaky case is green with its failure beside it, as Maven's runner writes it. */
export async function renderCases(cases: readonly JudgedCase[]): Promise<string> {
  const suites = [...new Set(cases.map(({ suite }) => suite))].map((suite) => {
    const own = cases.filter((each) => each.suite === suite)
    const count = (outcome: string): number => own.filter((each) => each.outcome === outcome).length
    const seconds = own.reduce((sum, each) => sum + each.seconds, 0)
    return { "@name": withoutControls(suite), "@tests": own.length, "@failures": count("failed"), "@skipped": count("skipped"), "@time": seconds.toFixed(3), testcase: own.map(caseElement) }
  })
  return buildXml({ testsuites: { testsuite: suites } })
}

function caseElement({ name, file, seconds, outcome, message }: JudgedCase): object {
  const problem = { "@message": withoutControls(message) }
  const inside = { passed: {}, skipped: { skipped: "" }, failed: { failure: problem }, flaky: { flakyFailure: problem } }[outcome]
  return { "@name": withoutControls(name), ...(file === null ? {} : { "@classname": withoutControls(file) }), "@time": seconds.toFixed(3), ...inside }
}

export function renderLcov({ files }: Coverage): string {
  const sorted = [...files].map(([path, lines]) => ({ path, lines: [...lines].sort(([left], [right]) => left - right) }))
  const records = sorted.map(({ path, lines }) =>
    [`SF:${path}`, ...lines.map(([line, hits]) => `DA:${line},${hits}`), `LF:${lines.length}`, `LH:${lines.filter(([, hits]) => hits > 0).length}`, "end_of_record"].join("\n"),
  )
  return records.map((record) => `${record}\n`).join("")
}

/** Cobertura with paths of the repository. */
export async function renderCobertura(coverage: Coverage): Promise<string> {
  const hits = [...coverage.files.values()].flatMap((lines) => [...lines.values()])
  const classes = [...coverage.files].map(([path, lines]) => ({
    "@name": path,
    "@filename": path,
    "@line-rate": rate(coveragePercent({ files: new Map([[path, lines]]), totals: null })),
    methods: "",
    lines: { line: [...lines].sort(([left], [right]) => left - right).map(([line, count]) => ({ "@number": line, "@hits": count })) },
  }))
  const own = { "@line-rate": rate(coveragePercent(coverage)), "@lines-valid": hits.length, "@lines-covered": hits.filter((count) => count > 0).length }
  return buildXml({ coverage: { ...own, sources: { source: "." }, packages: { package: { "@name": "", classes: { class: classes } } } } })
}

const rate = (percent: number | null): string => ((percent ?? 0) / 100).toFixed(4)

async function buildXml(root: object): Promise<string> {
  const { XMLBuilder } = await loadXml()
  const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@", format: true, suppressEmptyNode: true })
  return builder.build({ "?xml": { "@version": "1.0", "@encoding": "UTF-8" }, ...root })
}
