import { gradeOf, type AnalysisReport } from "./analysis.js"

interface RuffFault {
  readonly code: string | null
  readonly name?: string | null
  readonly filename: string
  readonly message: string
  readonly location?: { readonly row: number } | null
}

/** By what an attacker gains where the rule is right, and by how often it is wrong; the rest is high. Bandit grades single calls, ruff does not tell them apart. */
const RUFF_GRADES = {
  moderate: [
    "S104", "S108", "S302", "S305", "S306", "S308", "S310", "S313", "S314", "S315", "S316", "S317", "S318", "S319", "S320", "S321", "S323",
    "S503", "S508", "S509", "S601", "S610", "S611", "S612", "S702", "S704",
  ],
  low: ["S101", "S105", "S106", "S107", "S110", "S112", "S113", "S311", "S410", "S504", "S603", "S606", "S607"],
}

/** ruff's JSON report, and its list of files. */
export function readRuff(report: string, seen: string | null, below: (path: string) => string): AnalysisReport {
  let faults: readonly RuffFault[]
  try {
    faults = JSON.parse(report) as readonly RuffFault[]
  } catch {
    return { kind: "unreadable", detail: "its report is not JSON" }
  }
  if (!(faults instanceof Array) || faults.some((fault) => typeof fault?.filename !== "string")) return { kind: "unreadable", detail: "its report is no list of faults" }
  if (seen === null) return { kind: "unreadable", detail: "it did not list the files that it looked at" }
  const isRule = (code: string | null): code is string => code !== null && /^[A-Z]+\d+$/.test(code)
  return {
    kind: "read",
    seen: seen.split("\n").filter((line) => line !== "").map(below),
    unparsed: faults.filter(({ code }) => !isRule(code)).map(({ filename, location, message }) => ({ path: below(filename), line: location?.row ?? null, message })),
    weaknesses: faults.flatMap(({ code, name, filename, message, location }) => {
      if (!isRule(code)) return []
      // `shell=True` with a text that nobody outside writes.
      const severity = /\bseems safe\b/.test(message) ? "low" : gradeOf(code, RUFF_GRADES)
      const bandit = /^S\d+$/.test(code) ? [`B${code.slice(1)}`] : []
      return [{ rule: code, aliases: [...bandit, ...(typeof name === "string" ? [name] : [])], severity, message, path: below(filename), line: location?.row ?? null }]
    }),
  }
}
