import type { Finding, Severity } from "../run.js"

/** Reads the findings of eslint (stylish), tsc and ruff from what they print; unknown linters give none. */
export function lintFindings(stdout: string, stderr: string): readonly Finding[] {
  const lines = `${stdout}\n${stderr}`.split("\n")
  return [...eslintFindings(lines), ...tscFindings(lines), ...ruffFindings(lines)]
}

const ESLINT_FILE = /^(\S.*\.[cm]?[jt]sx?|\S.*\.(?:vue|json|md))$/
const ESLINT_LINE = /^\s+(\d+):\d+\s+(error|warning)\s+(.*?)(?:\s{2,}(\S+))?$/

function eslintFindings(lines: readonly string[]): Finding[] {
  let file: string | null = null
  return lines.flatMap((line) => {
    const opened = ESLINT_FILE.exec(line)
    if (opened !== null) file = opened[1] ?? null
    const match = ESLINT_LINE.exec(line)
    if (match === null || file === null) return []
    const [, at, level, message = "", rule = "eslint"] = match
    return [finding(level === "error" ? "high" : "low", rule, message, file, at)]
  })
}

const TSC_LINE = /^(.+?)[(:](\d+)[,:]\d+\)?(?:: | - )error (TS\d+): (.*)$/

function tscFindings(lines: readonly string[]): Finding[] {
  return lines.flatMap((line) => {
    const match = TSC_LINE.exec(line)
    if (match === null) return []
    const [, file = null, at, rule = "", message = ""] = match
    return [finding("high", rule, message, file, at)]
  })
}

const RUFF_HEAD = /^([A-Z]+\d+|[a-z]+(?:-[a-z]+)*)(?: \[\*\])?:? (\S.*)$/
const RUFF_PLACE = /^\s*--> (.+?):(\d+):\d+$/
const RUFF_CONCISE = /^(\S+?\.pyi?):(\d+):\d+: ([A-Z]+\d+|[a-z-]+):? (?:\[\*\] )?(.*)$/
const RUFF_REFORMAT = /^Would reformat: (.+)$/

function ruffFindings(lines: readonly string[]): Finding[] {
  return lines.flatMap((line, index) => {
    const reformat = RUFF_REFORMAT.exec(line)
    if (reformat !== null) return [finding("low", "format", "would be reformatted", reformat[1] ?? null, undefined)]
    const concise = RUFF_CONCISE.exec(line)
    if (concise !== null) return [finding("high", concise[3] ?? "", concise[4] ?? "", concise[1] ?? null, concise[2])]
    const head = RUFF_HEAD.exec(line)
    const place = RUFF_PLACE.exec(lines[index + 1] ?? "")
    if (head === null || place === null) return []
    return [finding("high", head[1] ?? "", head[2] ?? "", place[1] ?? null, place[2])]
  })
}

function finding(severity: Severity, rule: string, message: string, file: string | null, line: string | undefined): Finding {
  return { severity, rule, message: message.trim(), file, line: line === undefined ? null : Number(line) }
}
