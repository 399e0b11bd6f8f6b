import { CODE_FOLDER, SERVICE_FOLDER, type SourceAnalyser } from "../../sast/analyser.js"
import { SANDBOX_INPUT } from "../../scan/sandbox.js"
import { joinPath } from "../../detect/tree.js"
import { judgeSurroundings, lastLine, type ExecOutcome } from "../exec.js"
import { counted, errorGate } from "../gate.js"
import { describeIsolation, type ScanIsolation } from "../scan/isolation.js"
import { judgeFaults, type ScanLimits, type ScanOutcome } from "../scan/judge-faults.js"
import type { ScannedFault } from "../scan/found.js"
import { pathBelow, type AnalysisReport, type Weakness } from "./analysis.js"

export interface SastInput {
  readonly analyser: Pick<SourceAnalyser, "name" | "planted" | "read">
  readonly execs: readonly ExecOutcome[]
  /** Null when it wrote none. */
  readonly report: string | null
  readonly seen: string | null
  /** The files that it was given, relative to the service. */
  readonly files: readonly string[]
  /** How many more there are that delivery.yaml leaves out. */
  readonly excluded: number
  readonly servicePath: string
  readonly limits: ScanLimits
  readonly isolation: ScanIsolation
  readonly timeoutSeconds: number
}

type ReadReport = AnalysisReport & { readonly kind: "read" }

/** The gate of one service's analysis. An analyser that did not look at every file, or did not find what was planted, gives no verdict. */
export function judgeSast(input: SastInput): ScanOutcome {
  const { analyser, execs, files, excluded, timeoutSeconds } = input
  const broken = (detail: string): ScanOutcome => ({ gate: errorGate(detail), matched: null })
  const stopped = execs.map((exec) => judgeSurroundings(exec, timeoutSeconds)).find((gate) => gate !== null)
  if (stopped !== undefined) return { gate: stopped, matched: null }
  // 1 is what ESLint gives when it could not parse a file; its report says which.
  const crashed = execs.find(({ exitCode }) => exitCode > 1)
  if (crashed !== undefined) return broken(`${analyser.name} could not run (exit code ${crashed.exitCode}): ${lastLine(crashed)}`)
  const report: AnalysisReport = input.report === null ? { kind: "unreadable", detail: "it wrote no report" } : analyser.read(input.report, input.seen, (path) => pathBelow(`${SANDBOX_INPUT}/${CODE_FOLDER}`, path))
  if (report.kind === "unreadable") return broken(`${analyser.name}: ${report.detail}`)
  const given = new Set(files.map((path) => `${SERVICE_PREFIX}${path}`))
  const faults = report.weaknesses.filter(({ path }) => given.has(path)).map((weakness) => faultOf(weakness, input.servicePath))
  const remarks = [...(excluded === 0 ? [] : [`${counted(excluded, "file")} left out (sast.exclude)`]), describeIsolation(input.isolation)]
  const outcome = judgeFaults(faults, input.limits, `${counted(files.length, "file")}, ${analyser.name}`, remarks)
  const doubt = doubtOf(input, report, given)
  // What was found is told, whatever else is in doubt.
  return doubt === null ? outcome : { gate: errorGate(doubt, outcome.gate.findings), matched: null }
}

const SERVICE_PREFIX = `${SERVICE_FOLDER}/`

/** Why the report is not about all that was to be analysed; null when it is. */
function doubtOf({ analyser, servicePath, execs }: SastInput, { weaknesses, unparsed, seen }: ReadReport, given: ReadonlySet<string>): string | null {
  const { planted, name } = analyser
  if (!weaknesses.some(({ path, rule }) => path === planted.path && rule === planted.rule)) return `${name} did not find the fault that is planted beside the code (${planted.rule}), so its word on the code counts for nothing`
  const [first, ...more] = unparsed.filter(({ path }) => given.has(path))
  if (first !== undefined) {
    const place = joinPath(servicePath, first.path.slice(SERVICE_PREFIX.length))
    return `${place}${first.line === null ? "" : `:${first.line}`}: ${name} could not parse it: ${first.message}${more.length > 0 ? ` (and ${more.length} more)` : ""}. Mend it, or leave it out (sast.exclude)`
  }
  const looked = new Set(seen)
  const unseen = [...given].filter((path) => !looked.has(path)).map((path) => joinPath(servicePath, path.slice(SERVICE_PREFIX.length)))
  if (unseen.length > 0) return `${name} did not look at ${unseen[0]}${unseen.length > 1 ? ` and ${unseen.length - 1} more` : ""}`
  const red = execs.find(({ exitCode }) => exitCode !== 0)
  return red === undefined || unparsed.length > 0 ? null : `${name} ended with ${red.exitCode}, and its report names no file that it could not parse: ${lastLine(red)}`
}

function faultOf({ rule, aliases, severity, message, path, line }: Weakness, servicePath: string): ScannedFault {
  return {
    kind: "weakness",
    ids: [rule, ...aliases],
    packageName: null,
    path: joinPath(servicePath, path.slice(SERVICE_PREFIX.length)),
    severity,
    rule,
    message: `${message} (${rule})`,
    line,
    renderedFor: null,
    spared: null,
  }
}
