import { credentialSchema, integerSchema, listSchema, mapSchema, objectSchema, pathSchema, textSchema, withDefault, type SchemaNode } from "./schema-node.js"
import type { ConfigSection, SectionInput, SectionProblem } from "./section.js"

/** A condition of a quality gate, in SonarQube's own words. */
export interface SonarCondition {
  /** Key of a metric, such as `coverage`. */
  readonly metric: string
  /** Fails when the measure is less (LT) or greater (GT) than `error`. */
  readonly op: "LT" | "GT"
  readonly error: number
}

export interface SonarConfig {
  readonly projectKey: string
  /** Null starts a SonarQube of the call's own. */
  readonly hostUrl: string | null
  readonly token: string | null
  /** Folders to analyse; null takes those of the services. */
  readonly sources: readonly string[] | null
  /** Globs of the files among them that are tests. */
  readonly tests: readonly string[]
  readonly exclusions: readonly string[]
  /** Of the embedded server's gate; a server of your own has its own. */
  readonly gate: readonly SonarCondition[]
  /** Further settings of the scanner. */
  readonly properties: Readonly<Record<string, string>>
  /** How long the embedded server may take to start. */
  readonly startSeconds: number
  /** How long the server may take to work an analysis in. */
  readonly analysisSeconds: number
}

export type RawSonar = Pick<SonarConfig, "projectKey" | "tests" | "exclusions" | "properties" | "startSeconds" | "analysisSeconds"> & Partial<SonarConfig>

const TEST_FILES = ["**/*.test.*", "**/*.spec.*", "**/test/**", "**/tests/**", "**/__tests__/**", "**/test_*.py", "**/conftest.py"]

// Sonar way's limits, put on the whole code: it looks at new code alone, and a server that has just started knows no older.
const WHOLE_CODE: readonly SonarCondition[] = [
  { metric: "software_quality_security_rating", op: "GT", error: 1 },
  { metric: "software_quality_reliability_rating", op: "GT", error: 1 },
  { metric: "software_quality_maintainability_rating", op: "GT", error: 1 },
  { metric: "security_hotspots_reviewed", op: "LT", error: 100 },
  { metric: "coverage", op: "LT", error: 80 },
  { metric: "duplicated_lines_density", op: "GT", error: 3 },
]

const conditionSchema = objectSchema("A condition of a quality gate.", ["metric", "op", "error"], {
  metric: { type: "string", title: "the key of a metric, such as coverage", description: "Key of one of SonarQube's metrics.", pattern: "^[a-z][a-z0-9_]*$" },
  op: { type: "string", title: "LT or GT", description: "Fails when the measure is less (LT) or greater (GT) than `error`.", enum: ["LT", "GT"] },
  error: { type: "number", title: "a number", description: "The limit; of a rating 1 is A and 5 is E." },
})

// What the module sets itself, and what would put a secret into a file.
const OWN_PROPERTIES = /^sonar\.(token|login|password|host\.url|projectKey|projectBaseDir|sources|tests|test\.inclusions|exclusions|coverageReportPaths|testExecutionReportPaths|working\.directory)$|password|secret|token/i

const propertyNames: SchemaNode = { type: "string", title: "the name of a property that starts with `sonar.`", pattern: "^sonar\\.[\\w.-]+$" }

export const SONAR_SECTION: ConfigSection = {
  key: "sonar",
  required: false,
  schema: objectSchema("Static analysis by SonarQube. Default: none.", ["projectKey"], {
    projectKey: { type: "string", title: "letters, digits, `-`, `_`, `.` and `:`, not digits alone", description: "Key of the project in SonarQube.", pattern: "^(?!\\d+$)[\\w.:-]+$" },
    hostUrl: { type: "string", title: "a URL such as https://sonar.example.com", description: "URL of the server. Default: one that lives inside the call, and keeps its data.", pattern: "^https?://[^\\s/]+[^\\s]*$" },
    token: credentialSchema("Name of the credential that holds the token."),
    sources: listSchema("Folders to analyse. Default: those of the services.", pathSchema("Folder of the repository.")),
    tests: withDefault(listSchema("Which of the files are tests, as globs.", textSchema("Glob.")), TEST_FILES),
    exclusions: withDefault(listSchema("Files that are not analysed, as globs.", textSchema("Glob.")), []),
    gate: listSchema("Conditions of the quality gate of the server inside the call; a server of your own has its own. Default: Sonar way's limits on the whole code.", conditionSchema),
    properties: withDefault(mapSchema("Further settings of the scanner, such as `sonar.python.version`.", textSchema("Value."), propertyNames), {}),
    startSeconds: withDefault(integerSchema("How long the server inside the call may take to start, in seconds; then the stage is an error.", 1, 3600), 600),
    analysisSeconds: withDefault(integerSchema("How long the server may take to work an analysis in, in seconds; then the stage is an error.", 1, 3600), 300),
  }),
  check: checkSonar,
}

function checkSonar({ root }: SectionInput): readonly SectionProblem[] {
  const sonar = root["sonar"] as RawSonar | undefined
  if (sonar === undefined) return []
  const problem = (key: string, expected: string, got: string, fix: string): SectionProblem => ({ path: ["sonar", key], expected, got, fix })
  const own = Object.keys(sonar.properties ?? {}).filter((name) => OWN_PROPERTIES.test(name))
  return [
    ...(sonar.hostUrl !== undefined && sonar.token === undefined ? [problem("hostUrl", "`token` beside `hostUrl`", "none", "Add `token` with the name of a credential.")] : []),
    ...(sonar.hostUrl === undefined && sonar.token !== undefined ? [problem("token", "`hostUrl` beside `token`", "none", "Add `hostUrl`; the server inside the call takes no token.")] : []),
    ...(sonar.hostUrl !== undefined && sonar.gate !== undefined ? [problem("gate", "no `gate` beside `hostUrl`", "one", "Remove it: a server of your own has its own gates.")] : []),
    ...own.map((name) => problem("properties", "no property that this module sets, and none with a secret", name, "Remove it; docs/sonar.md lists what sets it.")),
  ]
}

export function completeSonar(raw: RawSonar): SonarConfig {
  return { ...raw, hostUrl: raw.hostUrl ?? null, token: raw.token ?? null, sources: raw.sources ?? null, gate: raw.gate ?? WHOLE_CODE }
}
