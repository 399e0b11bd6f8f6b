import { ConfigError } from "../errors.js"
import { loadAjv, loadYaml } from "../lazy.js"
import { missingPaths, namedPaths } from "./checkout.js"
import { detectServices } from "../detect/services.js"
import type { TreeFacts } from "../detect/tree.js"
import type { LanguageImage } from "../pins.js"
import { completeConfig, type Config, type RawConfig } from "./model.js"
import { locate } from "./problems.js"
import { configSchema, SECTIONS } from "./sections.js"
import type { SectionInput, SectionProblem } from "./section.js"
import { sourceLines, type SourceLines } from "./source-lines.js"
import { schemaProblems } from "./violations.js"

/** Says which of these paths of the checkout exist; what stands beside a missing one may be there too, for its typo's sake. */
export type PathLookup = (paths: readonly string[]) => Promise<ReadonlySet<string>>

/** The files that delivery.yaml is about. */
export interface CheckoutReader {
  readonly existing: PathLookup
  /** Names and manifests of these folders and of those above them; of these files too. */
  readonly facts: (folders: readonly string[], files: readonly string[]) => Promise<TreeFacts>
  readonly images: readonly LanguageImage[]
}

/** Reads delivery.yaml; without `needsSources` the files that it names may be gone. Throws one ConfigError with everything that is wrong with it and with the manifests of its services. */
export async function parseConfig(text: string, file: string, checkout?: CheckoutReader, needsSources = true): Promise<Config> {
  const { data, lines } = await readYaml(text, file)
  // Before the schema's defaults are laid over it: only what somebody wrote is looked for here.
  const paths = namedPaths(data).map((named) => named.file)
  const missing = checkout === undefined || !needsSources ? [] : missingPaths(data, await checkout.existing(paths))
  const problems = [...(await findProblems(data)), ...missing]
  if (problems.length > 0) throw new ConfigError(locate(problems, file, lines))
  const raw = data as RawConfig
  const services = await detectServices(raw, checkout)
  const wrong = needsSources ? [...locate(services.entryProblems, file, lines), ...services.problems] : []
  if (wrong.length > 0) throw new ConfigError(wrong)
  return completeConfig(raw, services.facts, file, lines)
}

/** YAML as data, with the line of every key; throws a ConfigError with every syntax error. */
export async function readYaml(text: string, file: string): Promise<{ data: unknown; lines: SourceLines }> {
  const yaml = await loadYaml()
  const counter = new yaml.LineCounter()
  const lineAt = (offset: number): number => counter.linePos(offset).line
  const document = yaml.parseDocument(text, { lineCounter: counter, prettyErrors: false })
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map((error) => ({
        file,
        line: lineAt(error.pos[0]),
        where: "",
        expected: "valid YAML",
        got: firstLine(error.message),
        fix: "Correct the syntax.",
      })),
    )
  }
  return { data: document.toJS(), lines: sourceLines(yaml, document, lineAt) }
}

async function findProblems(data: unknown): Promise<readonly SectionProblem[]> {
  const { Ajv } = await loadAjv()
  // verbose: the titles and descriptions of the schema are the words of our messages.
  const validate = new Ajv({ allErrors: true, verbose: true, useDefaults: true, strict: false }).compile(configSchema())
  const problems = validate(data) ? [] : schemaProblems(validate.errors ?? [])
  if (!isMapping(data)) return problems
  const input = sectionInput(data, problems)
  return [...problems, ...SECTIONS.flatMap((section) => section.check?.(input) ?? [])]
}

/** What broke the schema is left out, so that a check may rely on it for all it sees. */
function sectionInput(data: Readonly<Record<string, unknown>>, problems: readonly SectionProblem[]): SectionInput {
  const brokenBelow = (...path: readonly string[]): readonly string[] =>
    problems
      .filter((problem) => problem.path.length > path.length && path.every((part, index) => problem.path[index] === part))
      .map((problem) => String(problem.path[path.length]))
  const root = withoutKeys(data, brokenBelow().filter((key) => !NAMED.includes(key)))
  const entriesOf = (section: string): Readonly<Record<string, unknown>> => {
    const entries = Object.entries(mapping(data[section])).filter(([, entry]) => isMapping(entry))
    return Object.fromEntries(entries.map(([name, entry]) => [name, withoutKeys(mapping(entry), brokenBelow(section, name))]))
  }
  const named = Object.fromEntries(NAMED.map((section) => [section, entriesOf(section)]))
  return { root: { ...root, ...named }, serviceNames: Object.keys(mapping(data["services"])) }
}

/** Sections whose entries are judged one by one. */
const NAMED: readonly string[] = ["services", "environments"]

/** The keys stay and lose their values: that they were written is known, what was meant is not. */
function withoutKeys(entry: Readonly<Record<string, unknown>>, broken: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, broken.includes(key) ? undefined : value]))
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return isMapping(value) ? value : {}
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function firstLine(text: string): string {
  return text.split("\n")[0]?.replace(/[.:]$/, "") ?? text
}
