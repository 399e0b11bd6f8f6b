import type { SonarConfig } from "../config/sonar.js"

/** Where the scanner finds what, inside its container. */
export const SCANNER_FOLDER = "/usr/src"
export const SCANNER_SETTINGS = "/delivery/sonar/scanner.properties"
export const COVERAGE_REPORT = "/delivery/sonar/coverage.xml"
export const TESTS_REPORT = "/delivery/sonar/tests.xml"
export const TASK_REPORT = "/delivery/sonar/report-task.txt"

export interface ScannerFacts {
  readonly project: string
  readonly commit: string
  /** Paths of the services. */
  readonly services: readonly string[]
  readonly hasCoverage: boolean
  readonly hasTests: boolean
}

/** What is analysed: each folder once, and none inside another, which the scanner refuses. */
export function sourceFolders({ sources }: Pick<SonarConfig, "sources">, services: readonly string[]): readonly string[] {
  const folders = [...new Set((sources ?? services).map((path) => path.replace(/^\.\//, "").replace(/\/+$/, "")))].map((path) => (path === "" ? "." : path))
  return folders.filter((path) => !folders.some((other) => other !== path && (other === "." || path.startsWith(`${other}/`)))).sort()
}

/** The settings of one analysis; what delivery.yaml adds comes last and overrides none of these. */
export function scannerProperties(config: SonarConfig, facts: ScannerFacts): Readonly<Record<string, string>> {
  const folders = sourceFolders(config, facts.services).join(",")
  return {
    "sonar.projectKey": config.projectKey,
    "sonar.projectName": facts.project,
    "sonar.projectVersion": facts.commit,
    "sonar.sources": folders,
    "sonar.exclusions": [...config.tests, ...config.exclusions].join(","),
    // The same folders: what is a test is told by its name.
    "sonar.tests": folders,
    "sonar.test.inclusions": config.tests.join(","),
    ...(config.exclusions.length === 0 ? {} : { "sonar.test.exclusions": config.exclusions.join(",") }),
    "sonar.sourceEncoding": "UTF-8",
    // The tree comes without its history, and the image with its Java.
    "sonar.scm.disabled": "true",
    "sonar.scanner.skipJreProvisioning": "true",
    "sonar.scanner.metadataFilePath": TASK_REPORT,
    "sonar.working.directory": "/tmp/scanner",
    // The module asks for the result itself.
    "sonar.qualitygate.wait": "false",
    ...(facts.hasCoverage ? { "sonar.coverageReportPaths": COVERAGE_REPORT } : {}),
    ...(facts.hasTests ? { "sonar.testExecutionReportPaths": TESTS_REPORT } : {}),
    ...config.properties,
  }
}

/** A file of java.util.Properties: ISO 8859-1, with everything else escaped. */
export function renderProperties(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/^ /, "\\ ").replace(/[^\x20-\x7e]/g, unicodeEscape)}\n`)
    .join("")
}

const unicodeEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`

/** `ceTaskId` of report-task.txt; null when the scanner left none. */
export function taskId(report: string): string | null {
  return /^ceTaskId=(\S+)$/m.exec(report)?.[1] ?? null
}

/** The scanner's own word on what went wrong. */
export function scannerTrouble(output: string): string {
  const errors = output.split("\n").flatMap((line) => /\bERROR:?\s+(.*\S)/.exec(line)?.[1] ?? [])
  const cause = output.split("\n").findLast((line) => line.startsWith("Caused by: "))
  const said = errors.find((line) => !/^Error during SonarScanner|^EXECUTION|^Re-run|^\s*$/i.test(line)) ?? cause ?? output.trimEnd().split("\n").at(-1) ?? ""
  return said.trim().slice(0, 300) || "no output"
}
