import { gradeOf, type AnalysisReport } from "./analysis.js"

interface EslintMessage {
  readonly ruleId: string | null
  readonly fatal?: boolean
  readonly message: string
  readonly line?: number
}
interface EslintFile {
  readonly filePath: string
  readonly messages: readonly EslintMessage[]
}

/** By what an attacker gains where the rule is right, and by how often it is wrong; the rest is high. */
const ESLINT_GRADES = {
  moderate: [
    "security/detect-invisible-characters", "security/detect-new-buffer", "security/detect-no-csrf-before-method-override",
    "security/detect-non-literal-fs-filename", "security/detect-non-literal-regexp", "security/detect-non-literal-require",
    "no-script-url",
  ],
  low: ["security/detect-possible-timing-attacks", "regexp/no-super-linear-move"],
  // Right about every `list[index]`.
  info: ["security/detect-object-injection"],
}

const DANGEROUS_HTML = "react/no-danger"

/** ESLint's JSON report. */
export function readEslint(report: string, _seen: string | null, below: (path: string) => string): AnalysisReport {
  let files: readonly EslintFile[]
  try {
    files = JSON.parse(report) as readonly EslintFile[]
  } catch {
    return { kind: "unreadable", detail: "its report is not JSON" }
  }
  if (!(files instanceof Array) || files.some((file) => typeof file?.filePath !== "string" || !(file.messages instanceof Array))) return { kind: "unreadable", detail: "its report is no list of files" }
  const all = files.flatMap(({ filePath, messages }) => messages.map((message) => ({ ...message, path: below(filePath) })))
  return {
    kind: "read",
    seen: files.map(({ filePath }) => below(filePath)),
    unparsed: all.filter(({ fatal, ruleId }) => fatal === true || ruleId === null).map(({ path, line, message }) => ({ path, line: line ?? null, message })),
    weaknesses: all.flatMap(({ ruleId, fatal, message, path, line }) => {
      if (ruleId === null || fatal === true) return []
      const rule = ruleId === "no-restricted-syntax" ? DANGEROUS_HTML : ruleId
      return [{ rule, aliases: [rule.split("/").at(-1) ?? rule], severity: gradeOf(rule, ESLINT_GRADES), message, path, line: line ?? null }]
    }),
  }
}
