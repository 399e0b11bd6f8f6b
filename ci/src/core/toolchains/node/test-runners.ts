import { joinPath, textOf } from "../../detect/tree.js"
import type { NodeFacts } from "./facts.js"

/** How a runner is made to leave reports. */
export interface ReportingWay {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Folders, relative to the service, that the runner does not make by itself. */
  readonly folders?: readonly string[]
}

/** Why a runner cannot be made to, and what would help. */
export interface NoReports {
  readonly missing: string
}

export interface TestRunner {
  readonly name: string
  readonly configFiles: readonly string[]
  /** Arguments that leave it one shard of its tests. */
  readonly shardArgs: readonly string[]
  readonly runs: (script: string) => boolean
  readonly reports: (facts: NodeFacts, script: string) => ReportingWay | NoReports
}

const variants = (stem: string): readonly string[] => ["ts", "mts", "cts", "js", "mjs", "cjs"].map((ending) => `${stem}.${ending}`)

/** Arguments reach only a script's last command. */
const endsWith = (program: RegExp) => (script: string): boolean => program.test(script.split(/&&|\|\||[;|&\n]/).at(-1) ?? "")

const NODE_TEST = /\b(node|tsx)\b[^&|;\n]*\s--test(?![\w-])/g

export const TEST_RUNNERS: readonly TestRunner[] = [
  {
    name: "vitest",
    configFiles: [...variants("vitest.config"), ...variants("vite.config"), ...variants("vitest.workspace")],
    shardArgs: ["--shard={shard}/{shards}"],
    runs: endsWith(/(^|[\s/])vitest(\s|$)(?!bench|typecheck|list)/),
    reports: (facts, script) => ({ args: ["--reporter=default", "--reporter=junit", `--outputFile.junit=${facts.tests.junit}`, ...vitestCoverage(facts, script)] }),
  },
  {
    name: "jest",
    configFiles: [...variants("jest.config"), "jest.config.json"],
    shardArgs: ["--shard={shard}/{shards}"],
    runs: endsWith(/(^|[\s/])(jest|react-scripts test)(\s|$)/),
    reports: (facts, script) =>
      facts.dependencies.has("jest-junit")
        ? { args: ["--reporters=default", "--reporters=jest-junit", ...jestCoverage(facts, script)], env: { JEST_JUNIT_OUTPUT_FILE: facts.tests.junit } }
        : { missing: "add `jest-junit` to devDependencies" },
  },
  {
    name: "mocha",
    configFiles: [".mocharc.js", ".mocharc.cjs", ".mocharc.mjs", ".mocharc.json", ".mocharc.jsonc", ".mocharc.yml", ".mocharc.yaml"],
    shardArgs: [],
    runs: endsWith(/(^|[\s/])mocha(\s|$)/),
    reports: ({ tests }) => ({ args: ["--reporter=xunit", `--reporter-option=output=${tests.junit}`] }),
  },
  {
    name: "node",
    configFiles: [],
    shardArgs: [],
    runs: (script) => script.search(NODE_TEST) >= 0,
    reports: nodeReports,
  },
]

/** Arguments after a script's own would be files to run, so the options come in a variable; coverage cannot be asked for there. */
function nodeReports({ tests: { junit, shards }, ownInstall }: NodeFacts, script: string): ReportingWay | NoReports {
  if ((script.match(NODE_TEST) ?? []).length > 1) return { missing: "several `node --test` would write to one file; make it one, or set `--test-reporter=junit` in the script" }
  if (ownInstall) return { missing: "set `--test-reporter=junit --test-reporter-destination` in the script" }
  const folder = joinPath(junit).split("/").slice(0, -1).join("/")
  const options = ["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=junit", `--test-reporter-destination=${junit}`, ...(shards > 1 ? ["--test-shard={shard}/{shards}"] : [])]
  return { env: { NODE_OPTIONS: options.join(" ") }, folders: folder === "" ? [] : [folder] }
}

function vitestCoverage(facts: NodeFacts, script: string): readonly string[] {
  const providers = ["@vitest/coverage-v8", "@vitest/coverage-istanbul"]
  const folder = coverageFolder(facts)
  if (folder === null || !providers.some((name) => facts.dependencies.has(name)) || hasLimits(facts, "vitest", script)) return []
  return ["--coverage.enabled=true", `--coverage.reportsDirectory=${folder}`, ...["text-summary", "lcovonly", "cobertura"].map((name) => `--coverage.reporter=${name}`)]
}

function jestCoverage(facts: NodeFacts, script: string): readonly string[] {
  const folder = coverageFolder(facts)
  if (folder === null || hasLimits(facts, "jest", script)) return []
  return ["--coverage", `--coverageDirectory=${folder}`, ...["text-summary", "lcovonly", "cobertura"].map((name) => `--coverageReporters=${name}`)]
}

/** Both runners choose the names of the reports themselves; null when delivery.yaml wants others. */
function coverageFolder({ tests }: NodeFacts): string | null {
  const folder = joinPath(tests.lcov).split("/").slice(0, -1).join("/")
  return folder !== "" && joinPath(tests.lcov) === `${folder}/lcov.info` && joinPath(tests.cobertura) === `${folder}/cobertura-coverage.xml` ? folder : null
}

/** Limits that hold only with coverage on would turn a green suite red, unless the script itself turns it on. */
function hasLimits({ tree, path, manifest }: NodeFacts, name: string, script: string): boolean {
  if (/--coverage\b/.test(script)) return false
  const files = TEST_RUNNERS.find((runner) => runner.name === name)?.configFiles ?? []
  return [...files.map((file) => textOf(tree, path, file) ?? ""), manifest.sections.get(name) ?? ""].some((text) => /coverageThreshold|thresholds/.test(text))
}
