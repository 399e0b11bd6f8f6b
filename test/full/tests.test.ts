import { execFileSync } from "node:child_process"
import { describe, expect, it } from "vitest"
import { call, closingLine, plainCall } from "../support/daggerw.js"
import { helloTree, testFile } from "../support/fixture.js"
import { newRun } from "../support/runs.js"
import { newTree, type Tree } from "../support/trees.js"

const SERVICE = "apps/hello"

/** The small service, verified and not deployed. */
function verifiedTree(tests: unknown = {}, commands: unknown = {}): Tree {
  return helloTree().edit("delivery.yaml", (config) => {
    for (const key of ["chart", "environments"]) config.delete(key)
    config.set("services", config.createNode({ hello: { path: SERVICE, tests, commands } }))
  })
}

/** Three test files, so that shards have something to share. */
function withThreeTests(tree: Tree): Tree {
  for (const name of ["one", "two"]) tree.write(`${SERVICE}/${name}.test.mjs`, testFile(`test ${name}`, "assert.ok(true)"))
  return tree
}

/** Fails once in each life of the tree: what it remembers lies in the package manager's cache, the one thing that outlives a container. */
const flakyTest = (title: string, seed: string): string =>
  `import { existsSync, writeFileSync } from "node:fs"\n${testFile(title, `const seen = "/root/.npm/flaky-${seed}"\n  if (!existsSync(seen)) {\n    writeFileSync(seen, "")\n    assert.fail("red the first time")\n  }`)}`

const SHARDED = { test: ["npm", "test", "--", "--test-shard={shard}/{shards}"] }

interface TestsCase {
  readonly what: string
  readonly tree: () => Tree
  readonly status: number
  readonly verdict: string
  readonly reason: RegExp
  readonly files?: Readonly<Record<string, RegExp>>
}

const CASES: readonly TestsCase[] = [
  {
    what: "zero collected tests",
    tree: () => verifiedTree().remove(`${SERVICE}/greeting.test.mjs`),
    status: 1,
    verdict: "failed",
    reason: /^no tests collected$/,
  },
  {
    what: "skipped tests alone",
    tree: () => verifiedTree().write(`${SERVICE}/greeting.test.mjs`, testFile("later", "").replace('"later",', '"later", { skip: true },')),
    status: 1,
    verdict: "failed",
    reason: /^no test ran: all 1 are skipped$/,
  },
  {
    what: "a test that is red every time",
    tree: () => verifiedTree({ flakyRetries: 2 }).write(`${SERVICE}/red.test.mjs`, testFile("always red", "assert.equal(1, 2)")),
    status: 1,
    verdict: "failed",
    reason: /^1 of 2 tests failed: always red$/,
    files: { "logs/test-hello.log": /# shard 1, try 3/ },
  },
  {
    what: "red tests that there is no time to run again",
    tree: () => verifiedTree({ flakyRetries: 2 })
      .edit("delivery.yaml", (config) => config.setIn(["stages", "test"], config.createNode({ timeoutSeconds: 12 })))
      .write(`${SERVICE}/slow.test.mjs`, testFile("slow and red", "await new Promise((resolve) => setTimeout(resolve, 7000))\n  assert.equal(1, 2)")),
    status: 1,
    verdict: "failed",
    reason: /^1 of 2 tests failed: slow and red; not run again: too little was left of the stage's time \(`stages\.test\.timeoutSeconds`\)$/,
  },
  {
    what: "shards that the command ignores",
    tree: () => withThreeTests(verifiedTree({ shards: 2 })),
    status: 2,
    verdict: "error",
    reason: /^shards 1 and 2 both ran `.+`: the test command ignores its shard/,
  },
  {
    what: "shards, with more of them than tests",
    tree: () => withThreeTests(verifiedTree({ shards: 4 }, SHARDED)),
    status: 0,
    verdict: "passed",
    reason: /^3 tests passed, 100\.0 % of lines covered$/,
    files: { "test/hello/junit.xml": /greets by name[^]*test one[^]*test two|test/, "coverage/hello/lcov.info": /SF:apps\/hello\/greeting\.mjs/, "coverage/hello/cobertura.xml": /filename="apps\/hello\/greeting\.mjs"/, "logs/test-hello.log": /# shard 4, try 1/ },
  },
]

describe("tests", () => {
  it.each(CASES)("end with their own verdict: $what", async ({ tree, status, verdict, reason, files = {} }) => {
    const run = newRun("tests")
    const ended = await call([`--source=${tree().path}`, `--run-id=${run.runId}`, "test"])
    expect(run.stage("test", "hello"), ended.output).toMatchObject({ verdict, reason: expect.stringMatching(reason) })
    expect(ended.status, ended.output).toBe(status)
    for (const [file, text] of Object.entries(files)) expect(run.text(file), file).toMatch(text)
  })

  it("that a service does not have are skipped, and say so", async () => {
    const tree = verifiedTree("none").edit("delivery.yaml", (config) => config.setIn(["services", "other"], config.createNode({ path: SERVICE })))
    const run = newRun("tests")
    const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "test"])
    expect(ended.status, ended.output).toBe(0)
    expect(run.stage("test", "hello")).toMatchObject({ verdict: "skipped", skipKind: "not-configured", reason: "delivery.yaml says `tests: none`" })
    expect(run.stage("test", "other").verdict).toBe("passed")
  })

  it("that are green the second time pass as flaky, never hidden by the cache", async () => {
    const run = newRun("flaky")
    const tree = verifiedTree({ flakyRetries: 1 }).write(`${SERVICE}/flaky.test.mjs`, flakyTest("now and then", run.runId))
    const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "test"])
    expect(ended.status, ended.output).toBe(0)
    const { reason, findings, cached } = run.stage("test", "hello")
    expect(reason).toMatch(/^2 tests passed.*; 1 flaky test: now and then$/)
    expect(findings).toMatchObject([{ severity: "low", rule: "flaky", message: expect.stringMatching(/^now and then: .*red the first time/), file: `${SERVICE}/flaky.test.mjs` }])
    expect(cached).toBe(false)
    expect(run.text("test/hello/junit.xml")).toContain("flakyFailure")
    expect(run.text("report.html")).toContain("flaky")
  })
})

describe("services beside the tests", () => {
  const tree = (): Tree => newTree({ "pins.yaml": "pins.yaml", "test/fixtures/postgres-app": "." })

  it("are real, are reached by their names, and are fresh for every run of the tests", async () => {
    const sharded = tree().edit("delivery.yaml", (config) => {
      config.setIn(["services", "notes", "tests", "shards"], 2)
      config.setIn(["services", "notes", "commands"], config.createNode(SHARDED))
    })
    for (const [source, passed] of [[tree(), /^2 tests passed/], [sharded, /^2 tests passed/]] as const) {
      const run = newRun("services")
      const ended = await call([`--source=${source.path}`, `--run-id=${run.runId}`, "test"], { limitSeconds: 1200 })
      expect(run.stage("test", "notes"), ended.output).toMatchObject({ verdict: "passed", reason: expect.stringMatching(passed) })
      expect(ended.status).toBe(0)
    }
  })

  it("that do not start end as an error that names them", async () => {
    const broken = tree().edit("delivery.yaml", (config) => config.setIn(["services", "notes", "tests", "services", "cache", "command"], ["false"]))
    const run = newRun("services")
    const ended = await call([`--source=${broken.path}`, `--run-id=${run.runId}`, "test"])
    expect(run.stage("test", "notes"), ended.output).toMatchObject({ verdict: "error", reason: expect.stringMatching(/^tests\.services\.cache \(redis\) did not come to open port 6379: exit code: 1; its log stands above$/) })
    expect(ended.status).toBe(2)
  })
})

describe("a service beside the tests whose port stays closed", () => {
  it("ends the stage as an error that names it, long before the stage's own limit", async () => {
    const closed = newTree({ "pins.yaml": "pins.yaml", "test/fixtures/postgres-app": "." }).edit("delivery.yaml", (config) => {
      config.setIn(["services", "notes", "tests", "services", "cache", "command"], ["sleep", "600"])
      config.setIn(["services", "notes", "tests", "services", "cache", "startSeconds"], 5)
      config.setIn(["stages", "test"], config.createNode({ retries: 0 }))
    })
    const run = newRun("services")
    const ended = await call([`--source=${closed.path}`, `--run-id=${run.runId}`, "test"])
    const { verdict, reason, durationSeconds } = run.stage("test", "notes")
    expect([verdict, reason], ended.output).toEqual(["error", expect.stringMatching(/^tests\.services\.cache \(redis\) did not open port 6379 within 5 s; its log stands above/)])
    expect(durationSeconds).toBeLessThan(120)
    expect(ended.status).toBe(2)
  })
})

/** Two services, of which `world` calls `hello`; all is committed on main, and a branch begins there. */
function repositoryTree(tests: unknown = {}): { readonly tree: Tree; readonly git: (...argv: readonly string[]) => void } {
  const tree = verifiedTree(tests)
  for (const file of ["package.json", "package-lock.json", "greeting.mjs", "greeting.test.mjs"]) tree.write(`apps/world/${file}`, tree.read(`${SERVICE}/${file}`))
  tree.edit("delivery.yaml", (config) => config.setIn(["services", "world"], config.createNode({ path: "apps/world", dependsOn: ["hello"] })))
  tree.write("README.md", "# hello\n").write(".gitignore", "dist/\nreports/\n")
  const git = (...argv: readonly string[]): void => void execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...argv], { cwd: tree.path, stdio: "ignore" })
  git("init", "-b", "main")
  git("add", "-A")
  git("commit", "-m", "all")
  git("checkout", "-b", "work")
  return { tree, git }
}

describe("--since", () => {
  const passed = { verdict: "passed" }
  const unchanged = (service: string) => ({ verdict: "skipped", skipKind: "unchanged", reason: `${service} did not change since main` })

  const untouched = { verdict: "skipped", skipKind: "unchanged", reason: "nothing changed since main" }

  it.each([
    { what: "nothing but docs and ignored files", change: (tree: Tree) => tree.write("README.md", "# more\n").write(`${SERVICE}/dist/made.js`, "1\n"), rows: { hello: untouched, world: untouched }, closing: "test: passed — nothing changed since the given commit" },
    { what: "one service", change: (tree: Tree) => tree.write("apps/world/new file.mjs", "export const one = 1\n"), rows: { hello: unchanged("hello"), world: passed }, closing: "test: passed" },
    { what: "the service that another one depends on", change: (tree: Tree) => tree.write(`${SERVICE}/greeting.mjs`, `// one more line\n${tree.read(`${SERVICE}/greeting.mjs`)}`), rows: { hello: passed, world: passed }, closing: "test: passed" },
  ])("tests what changed: $what", async ({ change, rows, closing }) => {
    const run = newRun("since")
    const tree = change(repositoryTree().tree)
    const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "test", "--since", "main"])
    expect(ended.status, ended.output).toBe(0)
    expect(closingLine(ended)).toContain(closing)
    for (const [service, row] of Object.entries(rows)) expect(run.stage("test", service), service).toMatchObject(row)
  })

  it("is refused when git does not know the commit", async () => {
    const ended = await call([`--source=${repositoryTree().tree.path}`, "test", "--since", "no-such-branch"])
    expect(ended.status, ended.output).toBe(2)
    expect(ended.output).toContain("--since no-such-branch: expected a commit, branch or tag")
  })

  it("is refused without the list of what changed", async () => {
    const run = newRun("since")
    const ended = await plainCall([`--source=${repositoryTree().tree.path}`, `--run-id=${run.runId}`, "test", "--since", "main"])
    expect(ended.status, ended.output).toBe(2)
    expect(ended.output).toContain("--since main: expected `--changes` too")
  })

  it("holds changed lines to their own minimum", async () => {
    const { tree, git } = repositoryTree({ minimumChangedCoveragePercent: 80 })
    tree.write(`${SERVICE}/greeting.mjs`, `${tree.read(`${SERVICE}/greeting.mjs`)}\nexport const farewell = (name) => {\n  return \`bye \${name}\`\n}\n`)
    git("commit", "-am", "a farewell without a test")
    const run = newRun("changed-lines")
    const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "test", "--services", "hello", "--since", "main"])
    expect(ended.status, ended.output).toBe(1)
    const { reason, findings } = run.stage("test", "hello")
    expect(reason).toMatch(/^\d+\.\d % of \d changed lines covered, below the 80 % of delivery\.yaml$/)
    expect(findings).toMatchObject([{ rule: "uncovered-lines", file: `${SERVICE}/greeting.mjs`, message: expect.stringContaining("4") }])

    const without = newRun("changed-lines")
    const green = await call([`--source=${tree.path}`, `--run-id=${without.runId}`, "test", "--services", "hello"])
    expect(green.status, green.output).toBe(0)
    expect(without.stage("test", "hello").reason).toContain("changed lines not judged without --since")
  })
})
