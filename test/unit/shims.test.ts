import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"

/** What the tests want to know of a CI system's file. */
interface Shim {
  readonly system: string
  readonly file: string
  readonly commands: readonly string[]
  /** What the system keeps when the pipeline was red. */
  readonly keptAlways: { readonly artifacts: unknown; readonly junit: unknown }
  readonly images: readonly string[]
  /** Keys and steps that would make a red call green, or bring commands from elsewhere. */
  readonly suspicious: readonly string[]
}

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8")

type Mapping = Record<string, unknown>
const isMapping = (value: unknown): value is Mapping => typeof value === "object" && value !== null && !Array.isArray(value)
const at = (value: unknown, ...keys: string[]): unknown =>
  keys.reduce<unknown>((inner, key) => (isMapping(inner) ? inner[key] : undefined), value)
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value])
const allKeys = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(allKeys)
  return isMapping(value) ? Object.entries(value).flatMap(([key, inner]) => [key, ...allKeys(inner)]) : []
}

function readGitlab(file: string, text: string): Shim {
  const config = parse(text) as Mapping
  const jobs = Object.values(config).filter((job) => at(job, "script") !== undefined)
  const images = [config, ...jobs].flatMap((job) => [at(job, "image"), ...list(at(job, "services"))])
  const always = jobs.map((job) => at(job, "artifacts")).filter((artifacts) => at(artifacts, "when") === "always")
  const scripts = ["before_script", "script", "after_script"]
  return {
    system: "gitlab",
    file,
    commands: [config, ...jobs].flatMap((job) => scripts.flatMap((key) => list(at(job, key)).map(String))),
    keptAlways: {
      artifacts: always.flatMap((artifacts) => list(at(artifacts, "paths"))),
      junit: always.flatMap((artifacts) => list(at(artifacts, "reports", "junit"))),
    },
    images: images.filter((image) => image !== undefined).map((image) => String(at(image, "name") ?? image)),
    suspicious: allKeys(config).filter((key) => ["allow_failure", "include", "extends", "default", "trigger", "hooks"].includes(key)),
  }
}

function readCircleci(file: string, text: string): Shim {
  const config = parse(text) as Mapping
  const jobs = Object.values(at(config, "jobs") as Mapping)
  const steps = jobs.flatMap((job) => list(at(job, "steps")))
  const afterRun = steps.slice(steps.findIndex((step) => at(step, "run") !== undefined) + 1)
  // These steps run after a failed one unless `when` says otherwise.
  const kept = (name: string): unknown[] =>
    afterRun.map((step) => at(step, name)).flatMap((step) => (at(step, "when") === "on_success" ? [] : list(at(step, "path"))))
  return {
    system: "circleci",
    file,
    commands: steps.flatMap((step) => list(at(step, "run"))).map((run) => String(at(run, "command") ?? run)),
    keptAlways: { artifacts: kept("store_artifacts"), junit: kept("store_test_results") },
    images: jobs.map((job) => String(at(job, "machine", "image"))),
    suspicious: allKeys(config).filter((key) => ["orbs", "commands", "setup", "background", "teardown"].includes(key) || /-steps$/.test(key)),
  }
}

const COMMENT = /^\/[/*]/
const STRING = /^('''|"""|'|")([\s\S]*)\1$/

const TOKEN = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'''[\s\S]*?'''|"""[\s\S]*?"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\w+|\S/g

/** Words, strings and signs of a Jenkinsfile, without its comments. */
function tokensOf(groovy: string): string[] {
  return (groovy.match(TOKEN) ?? []).filter((token) => !COMMENT.test(token))
}

/** The tokens between the braces of `name { … }`; none when there is no such block. */
function blockOf(tokens: readonly string[], name: string): readonly string[] {
  const start = tokens.findIndex((token, i) => token === name && tokens[i + 1] === "{") + 2
  if (start < 2) return []
  let depth = 1
  const end = tokens.findIndex((token, i) => i >= start && (depth += token === "{" ? 1 : token === "}" ? -1 : 0) === 0)
  return tokens.slice(start, end)
}

/** The texts given to a step, in each of its forms: `sh 'x'`, `sh('x')`, `sh script: 'x', …`. */
function stepTexts(tokens: readonly string[], step: string, argument: string): string[] {
  return tokens.flatMap((token, i) => {
    if (token !== step) return []
    const [first, ...rest] = tokens.slice(i + 1, i + 5).filter((next) => next !== "(" && next !== ":")
    const text = STRING.exec((first === argument ? rest[0] : first) ?? "")?.[2]
    if (text === undefined) throw new Error(`Jenkinsfile: expected a text after ${step}, got ${first}; write the command into the step`)
    return [text]
  })
}

function readJenkins(file: string, text: string): Shim {
  const tokens = tokensOf(text)
  const always = blockOf(blockOf(tokens, "post"), "always")
  const swallowing = ["returnStatus", "returnStdout", "catchError", "warnError", "unstable", "try", "script", "library", "load"]
  const otherShells = ["bat", "powershell", "pwsh"]
  return {
    system: "jenkins",
    file,
    commands: stepTexts(tokens, "sh", "script"),
    keptAlways: { artifacts: stepTexts(always, "archiveArtifacts", "artifacts"), junit: stepTexts(always, "junit", "testResults") },
    images: stepTexts(tokens, "image", "image"),
    suspicious: tokens.filter((token) => [...swallowing, ...otherShells].includes(token)),
  }
}

const shims = [
  readGitlab(".gitlab-ci.yml", read(".gitlab-ci.yml")),
  readCircleci(".circleci/config.yml", read(".circleci/config.yml")),
  readJenkins("Jenkinsfile", read("Jenkinsfile")),
]

const RUN_ID = /--run-id=([a-z]+)-(\S+)/
const daggerwCalls = (shim: Shim): readonly string[] => shim.commands.filter((command) => command.includes("daggerw"))

describe("the CI files", () => {
  it("all make the same call, each under a run id of its own", () => {
    const calls = shims.flatMap(daggerwCalls).map((call) => call.replace(RUN_ID, "--run-id=ID"))
    expect(calls).toEqual(shims.map(() => "./daggerw call --run-id=ID pipeline --environments local"))
  })

  it("pin their images", () => {
    const images = shims.flatMap((shim) => shim.images)
    expect(images.length).toBeGreaterThanOrEqual(3)
    for (const image of images) expect(image).toMatch(/:\d+\.\d+\.\d+(-[a-z]+)?$/)
  })
})

describe(".gitlab-ci.yml", () => {
  it("shows findings in merge requests", () => {
    const jobs = Object.values(parse(read(".gitlab-ci.yml")) as Mapping)
    expect(jobs.flatMap((job) => list(at(job, "artifacts", "reports", "codequality")))).toEqual([".delivery/runs/*/codequality.json"])
  })
})

describe.each(shims)("$file", (shim) => {
  it("has fewer than 50 lines", () => {
    expect(read(shim.file).trimEnd().split("\n").length).toBeLessThan(50)
  })

  it("has at most 5 commands, the call being the last", () => {
    expect(shim.commands.length).toBeLessThanOrEqual(5)
    expect(daggerwCalls(shim)).toEqual(shim.commands.slice(-1))
  })

  it("makes the run id from the system's name and variables", () => {
    const [, system, variables] = RUN_ID.exec(daggerwCalls(shim).join()) ?? []
    expect(system).toBe(shim.system)
    expect(variables).toMatch(/^\$[A-Z_]+(-\$[A-Z_]+)*$/)
  })

  it("leaves the tools of the stages to the module", () => {
    const tools = /\b(kubectl|npm|npx|helm|trivy|cosign|terraform)\b|\bdocker\s+(build|push|login)/
    for (const command of shim.commands) expect(command).not.toMatch(tools)
  })

  it("has no shell logic that could hide the call's exit status", () => {
    for (const command of shim.commands) expect(command).not.toMatch(/[|&;<>`\n]|\$\(|\b(if|for|while|set|exit|true)\b/)
    expect(shim.suspicious).toEqual([])
  })

  it("keeps the reports of a red run too", () => {
    expect(shim.keptAlways.artifacts).toEqual([expect.stringMatching(/^\.delivery\/runs(\/(\*\*)?)?$/)])
    // The parts, of which none is told twice; the whole beside them would be.
    expect(shim.keptAlways.junit).toEqual([expect.stringMatching(/^\.delivery\/(runs\/\*\/junit\/\*\.xml|last\/junit)$/)])
  })
})

describe("the reader of sh steps", () => {
  it.each([
    ["sh 'a b'", ["a b"]],
    [`sh("a")\nsh(script: 'b', label: 'c')`, ["a", "b"]],
    [`sh '''\n  a\n'''`, ["\n  a\n"]],
    ["// sh 'no'\n/* sh 'no' */ echo 'sh x'", []],
  ])("reads %j", (groovy, commands) => {
    expect(stepTexts(tokensOf(groovy), "sh", "script")).toEqual(commands)
  })

  it("refuses what it cannot read", () => {
    expect(() => stepTexts(tokensOf("sh command"), "sh", "script")).toThrow("expected a text after sh, got command")
  })
})
