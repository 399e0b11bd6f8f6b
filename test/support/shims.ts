// What the files of the CI systems say, read without the code that wrote them.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "yaml"

/** One job: the shell line that it runs, with the system's own placeholders filled in, and what it is given. */
export interface ShimJob {
  readonly name: string
  readonly line: string
  readonly secrets: readonly string[]
}

/** What the tests want to know of a CI system's file. */
export interface Shim {
  readonly system: string
  readonly file: string
  readonly text: string
  readonly jobs: readonly ShimJob[]
  /** Shell lines of other kinds. */
  readonly otherLines: readonly string[]
  /** What the system keeps when the call was red. */
  readonly keptAlways: { readonly artifacts: unknown; readonly junit: unknown }
  readonly images: readonly string[]
  /** Keys and steps that would make a red call green, or bring commands from elsewhere. */
  readonly suspicious: readonly string[]
}

export type Mapping = Record<string, unknown>
const isMapping = (value: unknown): value is Mapping => typeof value === "object" && value !== null && !Array.isArray(value)
export const at = (value: unknown, ...keys: string[]): unknown => keys.reduce<unknown>((inner, key) => (isMapping(inner) ? inner[key] : undefined), value)
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value])
const entries = (value: unknown): [string, unknown][] => (isMapping(value) ? Object.entries(value) : [])
const allKeys = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(allKeys)
  return isMapping(value) ? Object.entries(value).flatMap(([key, inner]) => [key, ...allKeys(inner)]) : []
}
const withCall = (line: string, calls: unknown[]): string[] => (line.includes("$CALL") ? calls.map((call) => line.replace("$CALL", () => String(call))) : [line])

function readGitlab(file: string, text: string): Shim {
  const config = parse(text) as Mapping
  const jobs = entries(config).filter(([, job]) => at(job, "script") !== undefined)
  const artifacts = [at(config, "default", "artifacts"), ...jobs.map(([, job]) => at(job, "artifacts"))].filter((each) => at(each, "when") === "always")
  const around = ["before_script", "after_script"]
  return {
    system: "gitlab",
    file,
    text,
    jobs: jobs.flatMap(([name, job]) => {
      const calls = [...list(at(job, "parallel", "matrix")).flatMap((each) => list(at(each, "CALL"))), ...list(at(job, "rules")).flatMap((rule) => list(at(rule, "variables", "CALL")))]
      return list(at(job, "script")).flatMap((line) => withCall(String(line), calls)).map((line) => ({ name, line, secrets: [] }))
    }),
    otherLines: [config, at(config, "default"), ...jobs.map(([, job]) => job)].flatMap((job) => around.flatMap((key) => list(at(job, key)).map(String))),
    keptAlways: { artifacts: artifacts.flatMap((each) => list(at(each, "paths"))), junit: artifacts.flatMap((each) => list(at(each, "reports", "junit"))) },
    images: [config, at(config, "default"), ...jobs.map(([, job]) => job)].flatMap((job) => [at(job, "image"), ...list(at(job, "services"))]).filter((image) => image !== undefined).map((image) => String(at(image, "name") ?? image)),
    suspicious: allKeys(config).filter((key) => ["allow_failure", "include", "extends", "trigger", "hooks"].includes(key)),
  }
}

function readCircleci(file: string, text: string): Shim {
  const config = parse(text) as Mapping
  const jobs = Object.fromEntries(entries(at(config, "jobs")))
  const steps = Object.values(jobs).flatMap((job) => list(at(job, "steps")))
  const afterRun = steps.slice(steps.findIndex((step) => at(step, "run") !== undefined) + 1)
  // These steps run after a failed one unless `when` says otherwise.
  const kept = (name: string): unknown[] => afterRun.map((step) => at(step, name)).flatMap((step) => (at(step, "when") === "on_success" ? [] : list(at(step, "path"))))
  const called = entries(at(config, "workflows")).flatMap(([, workflow]) => list(at(workflow, "jobs")).flatMap(entries))
  return {
    system: "circleci",
    file,
    text,
    jobs: called.filter(([job]) => job in jobs).flatMap(([job, given]) =>
      list(at(jobs[job], "steps")).flatMap((step) => list(at(step, "run"))).map((run) => {
        const line = String(at(run, "command") ?? run).replace(/<< parameters\.(\w+) >>/g, (_, name: string) => String(at(given, name)))
        return { name: String(at(given, "name")), line, secrets: list(at(given, "context")).map(String) }
      }),
    ),
    otherLines: [],
    keptAlways: { artifacts: kept("store_artifacts"), junit: kept("store_test_results") },
    images: Object.values(jobs).map((job) => String(at(job, "machine", "image"))),
    suspicious: allKeys(config).filter((key) => ["orbs", "commands", "setup", "background", "teardown"].includes(key) || /-steps$/.test(key)),
  }
}

const COMMENT = /^\/[/*]/
const STRING = /^('''|"""|'|")([\s\S]*)\1$/
const TOKEN = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'''[\s\S]*?'''|"""[\s\S]*?"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\w+|\S/g

/** Words, strings and signs of a Jenkinsfile, without its comments. */
export function tokensOf(groovy: string): string[] {
  return (groovy.match(TOKEN) ?? []).filter((token) => !COMMENT.test(token))
}

const textOf = (token: string | undefined): string | undefined => STRING.exec(token ?? "")?.[2]?.replace(/\\(['"\\])/g, "$1")

/** The tokens between the braces that open first after an index, and where they end. */
function bracesAfter(tokens: readonly string[], from: number): { inside: readonly string[]; end: number } {
  const start = tokens.indexOf("{", from) + 1
  let depth = 1
  const end = tokens.findIndex((token, i) => i >= start && (depth += token === "{" ? 1 : token === "}" ? -1 : 0) === 0)
  return { inside: tokens.slice(start, end), end }
}

/** The texts given to a step, in each of its forms: `sh 'x'`, `sh('x')`, `sh script: 'x', …`. */
export function stepTexts(tokens: readonly string[], step: string, argument: string): string[] {
  return tokens.flatMap((token, i) => {
    if (token !== step) return []
    const [first, ...rest] = tokens.slice(i + 1, i + 5).filter((next) => next !== "(" && next !== ":")
    const text = textOf(first === argument ? rest[0] : first)
    if (text === undefined) throw new Error(`Jenkinsfile: expected a text after ${step}, got ${first}; write the command into the step`)
    return [text]
  })
}

function readJenkins(file: string, text: string): Shim {
  const tokens = tokensOf(text)
  const choices = tokens.slice(tokens.indexOf("choices"), tokens.indexOf("description")).map(textOf).filter((choice) => choice !== undefined && choice !== "deliver")
  const stages = tokens.flatMap((token, i) => (token === "stage" ? [{ name: textOf(tokens[i + 2]) ?? "", inside: bracesAfter(tokens, i).inside }] : [])).filter(({ inside }) => !inside.includes("stages"))
  const defined = bracesAfter(tokens, tokens.indexOf("keepReports")).inside
  const posts = tokens.flatMap((token, i) => (token === "post" ? [bracesAfter(tokens, i).inside.join(" ")] : []))
  const always = posts.length > 0 && posts.every((post) => post === "always { keepReports ( ) }") ? defined : []
  const swallowing = ["returnStatus", "returnStdout", "catchError", "warnError", "unstable", "try", "script", "library", "load"]
  return {
    system: "jenkins",
    file,
    text,
    jobs: stages.flatMap(({ name, inside }) => {
      const environment = inside.includes("environment") ? bracesAfter(inside, inside.lastIndexOf("environment")).inside : []
      return stepTexts(inside, "sh", "script").flatMap((line) => withCall(line, choices)).map((line) => ({ name, line, secrets: stepTexts(environment, "credentials", "") }))
    }),
    otherLines: [],
    keptAlways: { artifacts: stepTexts(always, "archiveArtifacts", "artifacts"), junit: stepTexts(always, "junit", "testResults") },
    images: stepTexts(tokens, "image", "image"),
    suspicious: tokens.filter((token) => [...swallowing, "bat", "powershell", "pwsh"].includes(token)),
  }
}

function readGithub(file: string, text: string): Shim {
  const config = parse(text) as Mapping
  const jobs = entries(at(config, "jobs"))
  const stepsOf = (job: unknown): unknown[] => list(at(job, "steps"))
  const isCall = (line: string): boolean => line.includes("daggerw")
  const linesOf = (job: unknown): string[] => stepsOf(job).flatMap((step) => list(at(step, "run")).map(String))
  const always = jobs.map(([, job]) => stepsOf(job).filter((step) => at(step, "if") === "always()"))
  const everyJobKeeps = always.every((steps) => steps.some((step) => String(at(step, "uses")).startsWith("actions/upload-artifact@")))
  return {
    system: "github",
    file,
    text,
    jobs: jobs.flatMap(([name, job]) => {
      const given = String(at(job, "env", "CALL"))
      const options = list(at(config, "on", "workflow_dispatch", "inputs", "call", "options"))
      const calls = given.includes("matrix.call") ? list(at(job, "strategy", "matrix", "call")) : given.includes("inputs.call") ? options : [given]
      const secrets = entries(at(job, "env")).filter(([, value]) => String(value).includes("secrets.")).map(([secret]) => secret)
      return linesOf(job).filter(isCall).flatMap((line) => withCall(line, calls)).map((line) => ({ name, line: line.replaceAll("${{ strategy.job-index }}", "0"), secrets }))
    }),
    otherLines: [...new Set(jobs.flatMap(([, job]) => linesOf(job)))].filter((line) => !isCall(line)),
    keptAlways: { artifacts: everyJobKeeps ? [...new Set(always.flat().map((step) => at(step, "with", "path")).filter((path) => path !== undefined))] : [], junit: [".delivery/last/junit"] },
    images: jobs.flatMap(([, job]) => stepsOf(job).flatMap((step) => list(at(step, "uses")).map(String))),
    suspicious: allKeys(config).filter((key) => ["continue-on-error", "shell", "defaults", "container"].includes(key)),
  }
}

const READERS: readonly (readonly [string, (file: string, text: string) => Shim])[] = [
  [".gitlab-ci.yml", readGitlab],
  [".circleci/config.yml", readCircleci],
  ["Jenkinsfile", readJenkins],
  [".github/workflows/delivery.yml", readGithub],
]

/** All four files of a folder. */
export function readShims(folder: string): readonly Shim[] {
  return READERS.map(([file, reader]) => reader(file, readFileSync(join(folder, file), "utf8")))
}

const CALL = /^\.\/daggerw call --run-id=(\S+) (.*)$/

/** A job's line without what differs from system to system: the run's id, and whoever opened the gate. */
export function callOf({ line }: ShimJob): string {
  const [, , call = line] = CALL.exec(line) ?? []
  return call.replace(/--approved-by "\S+"$/, "--approved-by <approved by>")
}

export const runIdOf = ({ line }: ShimJob): string => CALL.exec(line)?.[1] ?? ""
