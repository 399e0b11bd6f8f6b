import { asList, asText, isObject, isText } from "../gates/audit/report.js"
import type { Exceptable } from "../gates/exceptions.js"
import { lastLine } from "../gates/exec.js"
import type { ScanReport } from "../gates/scan/found.js"
import type { Severity } from "../run.js"
import type { StepOutcome } from "../steps/step.js"

/** One thing that a tool found in the configuration or a plan. */
export interface ConfigurationFault extends Exceptable {
  readonly severity: Severity
  readonly rule: string
  readonly message: string
  readonly line: number | null
}

/** What a tool told; `looked` is how much it looked at, and 0 proves nothing. */
export type ToolReport =
  | { readonly kind: "read"; readonly faults: readonly ConfigurationFault[]; readonly looked: number }
  | { readonly kind: "unreadable"; readonly detail: string }

const unreadable = (detail: string): ToolReport => ({ kind: "unreadable", detail: detail.replace(/\s+/g, " ").trim().slice(0, 300) || "it printed nothing" })

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Told as unreadable.
    return undefined
  }
}

// What each tool says of a file that is no HCL: the file's fault, and not the tool's.
const CONFTEST_UNPARSED = /parse config: \[:(\d+),\S+ (.*?)\], path: (\S+)/
const TFLINT_UNPARSED = /(\S+\.tf):(\d+),\S+ (.*?)\.?:?\n/

const unparsed = (path: string, line: number | null, message: string): ConfigurationFault => ({ ids: ["hcl"], packageName: null, rule: "hcl", severity: "high", message, path, line })
const noHcl = (file: string, line: string, words: string): ConfigurationFault => unparsed(file, Number(line), `${file}:${line} is no HCL: ${words}`)

/** conftest's JSON. Where files were judged, `folders` says how they are named in the container and in the repository. */
export function readConftest(text: string, folders: { readonly there: string; readonly here: string } | null): ToolReport {
  const named = (words: string): string => (folders === null ? words : words.replaceAll(`${folders.there}/`, `${folders.here}/`))
  const results = parse(text)
  if (!Array.isArray(results) || !results.every(isObject)) return unreadable(text)
  const faults = results.flatMap((result) => asList(result["failures"])).map((failure): ConfigurationFault => {
    const { msg, metadata } = isObject(failure) ? failure : {}
    const { policy, address } = isObject(metadata) ? metadata : {}
    const rule = asText(policy) || "policy"
    return { ids: [rule], packageName: null, rule, severity: "high", message: named(asText(msg)), path: folders !== null && isText(address) ? named(asText(address)) : null, line: null }
  })
  const passed = results.reduce((sum, { successes }) => sum + (typeof successes === "number" ? successes : 0), 0)
  return { kind: "read", faults, looked: passed + faults.length }
}

/** What conftest told in a step; with more than 1 it ended for a reason of its own. */
export function conftestOf(outcome: StepOutcome | undefined, folders: { readonly there: string; readonly here: string } | null): ToolReport {
  if (outcome === undefined) return unreadable("it was not reached")
  const [, line, words = "", file = ""] = CONFTEST_UNPARSED.exec(outcome.stderr) ?? []
  if (line !== undefined && folders !== null) return { kind: "read", faults: [noHcl(file.replace(`${folders.there}/`, `${folders.here}/`), line, words)], looked: 1 }
  return outcome.exitCode > 1 ? unreadable(lastLine(outcome)) : readConftest(outcome.stdout || outcome.stderr, folders)
}

const TFLINT_SEVERITY: Readonly<Record<string, Severity>> = { error: "high", warning: "moderate", notice: "low" }

/** tflint's JSON; `files` is how many it was given. */
export function readTflint(text: string, files: number, pathOf: (file: string) => string): ToolReport {
  const report = parse(text)
  if (!isObject(report) || !Array.isArray(report["issues"])) return unreadable(text)
  const broken = asList(report["errors"]).filter(isObject).map(({ message }) => asText(message))
  const hcl = broken.flatMap((message) => {
    const [, file = "", line = "", words = ""] = TFLINT_UNPARSED.exec(message) ?? []
    return file === "" ? [] : [noHcl(pathOf(file), line, words)]
  })
  if (broken.length > hcl.length) return unreadable(broken.join("; "))
  if (hcl.length > 0) return { kind: "read", faults: hcl, looked: files }
  const faults = asList(report["issues"]).filter(isObject).map((issue): ConfigurationFault => {
    const { name, severity } = isObject(issue["rule"]) ? issue["rule"] : {}
    const range = isObject(issue["range"]) ? issue["range"] : {}
    const line = isObject(range["start"]) ? range["start"]["line"] : null
    const rule = asText(name) || "tflint"
    return { ids: [rule], packageName: null, rule, severity: TFLINT_SEVERITY[asText(severity)] ?? "high", message: asText(issue["message"]), path: isText(range["filename"]) ? pathOf(asText(range["filename"])) : null, line: typeof line === "number" ? line : null }
  })
  return { kind: "read", faults, looked: files }
}

/** checkov's JSON. It has no grades without an account, so each fault is high; what a comment in the code skips counts all the same. */
export function readCheckov(text: string, pathOf: (file: string) => string): ToolReport {
  const report = parse(text)
  const reports = (Array.isArray(report) ? (report as unknown[]) : [report]).filter(isObject)
  const parts = reports.map(({ results }) => results).filter(isObject)
  if (reports.length === 0 || parts.length !== reports.length) return unreadable(text)
  // Mostly a file that is no HCL; where it is the tool that cannot read a good one, an exception for `hcl` and the path says so.
  const unread = parts.flatMap((part) => asList(part["parsing_errors"])).filter(isText).map((file) => pathOf(file.replace(/^\//, "")))
  const failed = parts.flatMap((part) => [...asList(part["failed_checks"]), ...asList(part["skipped_checks"])]).filter(isObject)
  const passed = parts.reduce((sum, part) => sum + asList(part["passed_checks"]).length, 0)
  const faults = failed.map((check): ConfigurationFault => {
    const id = asText(check["check_id"])
    const line = asList(check["file_line_range"])[0]
    return { ids: [id], packageName: null, rule: id, severity: "high", message: `${asText(check["resource"])}: ${asText(check["check_name"])}`, path: pathOf(asText(check["file_path"]).replace(/^\//, "")), line: typeof line === "number" && line > 0 ? line : null }
  })
  const unreadFaults = unread.map((file) => unparsed(file, null, `checkov does not understand ${file}`))
  return { kind: "read", faults: [...unreadFaults, ...distinctFaults(faults)], looked: passed + faults.length + unread.length }
}

/** Trivy's JSON, read as that of a scan. */
export function trivyReport(report: ScanReport): ToolReport {
  if (report.kind === "unreadable") return report
  return { kind: "read", faults: distinctFaults(report.faults), looked: report.results.length }
}

/** A resource that several environments have is one fault. */
function distinctFaults(faults: readonly ConfigurationFault[]): readonly ConfigurationFault[] {
  return [...new Map(faults.map((fault) => [`${fault.rule} ${fault.path} ${fault.line}`, fault])).values()]
}
