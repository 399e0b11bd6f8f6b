import type { Command } from "../../config/commands.js"
import { textOf } from "../../detect/tree.js"
import type { FoundCommands, NodeFacts } from "./facts.js"
import { printable } from "./manifest.js"
import { TEST_RUNNERS, type TestRunner } from "./test-runners.js"

/** npm writes it into every new package.json. */
const NPM_PLACEHOLDER = /no test specified/

export interface FoundTests extends FoundCommands {
  /** Folders, relative to the service, that have to be there before the tests run. */
  readonly folders: readonly string[]
}

/** The script `test`; a runner that would leave no report gets it through arguments or variables. */
export function testCommands(facts: NodeFacts): FoundTests {
  const { manifest, manager } = facts
  const script = manifest.scripts.get("test")
  if (script === undefined || NPM_PLACEHOLDER.test(script)) {
    const got = script === undefined ? "has no script `test`" : "has npm's placeholder for a script `test`"
    return { commands: [], folders: [], notes: [`no tests found: ${manifest.file} ${got}`] }
  }
  const runner = TEST_RUNNERS.find((each) => each.runs(script))
  const found = `test: ${printable(script)} (script of ${manifest.file})`
  const shardArgs = facts.tests.shards > 1 ? (runner?.shardArgs ?? []) : []
  const plain = { commands: [manager.run("test", shardArgs)], folders: [] }
  if (writesJunit(facts, script, runner)) return { ...plain, notes: [`${found}; it writes JUnit by itself`] }
  const reports = runner?.reports(facts, script) ?? { missing: "its runner is none of vitest, jest, mocha and `node --test` as the last command" }
  if ("missing" in reports) return { ...plain, notes: [`${found}; no JUnit report: ${reports.missing}`] }
  const { args = [], env = {}, folders = [] } = reports
  return { commands: [withVariables(manager.run("test", [...args, ...shardArgs]), env)], folders, notes: [`${found}; JUnit report through ${args.length > 0 ? "arguments" : "variables"} of ${runner?.name}`] }
}

/** Whoever names JUnit in the script, in one that it calls or in the runner's settings has made up their mind. */
function writesJunit({ tree, path, manifest }: NodeFacts, script: string, runner: TestRunner | undefined): boolean {
  const called = [...manifest.scripts].filter(([name]) => name !== "test" && script.includes(name)).map(([, text]) => text)
  const settings = (runner?.configFiles ?? []).map((name) => textOf(tree, path, name) ?? "")
  const inManifest = manifest.sections.get(runner?.name ?? "") ?? ""
  return [script, ...called, ...settings, inManifest].some((text) => /junit|--test-reporter/.test(text))
}

function withVariables(command: Command, env: Readonly<Record<string, string>>): Command {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  return variables.length === 0 ? command : ["env", ...variables, ...command]
}
