import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { removeAfterTests } from "../support/cleanup.js"
import { startCommand } from "../support/command.js"
import { ROOT } from "../support/daggerw.js"
import { newSandbox, recorder, writeProgram } from "../support/sandbox.js"

const version = /^version=(\S+)/m.exec(readFileSync(join(ROOT, "daggerw"), "utf8"))?.[1] ?? ""
const cli = recorder(newSandbox(), version)

/** A folder with a delivery.yaml that daggerw may read names from. */
function folderWith(deliveryYaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), "delivery-test-"))
  removeAfterTests(folder)
  writeFileSync(join(folder, "delivery.yaml"), deliveryYaml)
  return folder
}

describe("the exit status of daggerw", () => {
  it.each([
    { cli: 0, says: "test: passed — 1 stage passed", status: 0 },
    { cli: 1, says: "test: failed — test (backend): 1 of 3 tests failed", status: 1 },
    { cli: 1, says: "terraform-plan: failed — a change nobody asked for", status: 1 },
    { cli: 1, says: "Error: unknown flag: --servces", status: 2 },
    { cli: 1, says: "Error: the engine is shutting down", status: 2 },
    { cli: 1, says: "  the log of a tool, not a verdict: failed", status: 2 },
    { cli: 1, says: "test: error — nothing ran", status: 2 },
    { cli: 2, says: "test: error — no engine", status: 2 },
    { cli: 3, says: "canary: inconclusive — 3 requests", status: 3 },
    { cli: 4, says: "deploy: awaiting-approval — plan 12ab", status: 4 },
    { cli: 5, says: "drift: failed — 2 objects", status: 5 },
    { cli: 137, says: "killed", status: 137 },
  ])("is $status when the CLI ends with $cli and says: $says", async ({ cli: status, says, status: wanted }) => {
    const ended = await cli.call(["test"], { status, says })
    expect(ended.status, ended.output).toBe(wanted)
    expect(ended.stdout).toContain(says)
  })

  it.each([
    { cli: 0, says: "test: passed — 1 stage passed", status: 2 },
    { cli: 1, says: "test: failed — a red test", status: 1 },
  ])("is $status when the CLI ends with $cli and the reports are lost", async ({ cli: status, says, status: wanted }) => {
    const ended = await cli.call(["test"], { status, says, reportStatus: 1 })
    expect(ended.status, ended.output).toBe(wanted)
    expect(ended.stderr).toContain("the run's reports could not be exported")
  })

  it("is 2 for an error of a call that leaves no reports", async () => {
    const ended = await cli.call(["pipeline", "--dry-run", "--skip", "lnt"], { status: 1, says: "Error: unknown stage" })
    expect(ended.status, ended.output).toBe(2)
  })
})

describe("a signal to daggerw alone", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("cancels the call and still exports its reports: %s", async (signal) => {
    const sandbox = newSandbox()
    const record = join(sandbox.path, "record")
    // Not a shell script: a shell cannot catch what was ignored when it started, the CLI can.
    writeProgram(
      join(sandbox.cache, "bin", `dagger-${version}`),
      `case "$*" in *" report -o "*) echo exported >>'${record}'; exit 0 ;; esac
exec '${process.execPath}' -e 'process.on("SIGINT", () => { console.log("cancelled"); process.exit(2) }); console.log("works"); setInterval(() => 0, 1000)'`,
    )
    const env = { HOME: sandbox.path, DELIVERY_CACHE: sandbox.cache, _EXPERIMENTAL_DAGGER_RUNNER_HOST: "unix:///no/engine" }
    const running = startCommand([join(ROOT, "daggerw"), "call", "test"], { cwd: ROOT, env, limitSeconds: 20 })
    await running.says("works")
    process.kill(running.child.pid ?? 0, signal)
    const ended = await running.ended
    expect(ended.status, ended.output).toBe(2)
    expect(ended.stdout).toBe("works\ncancelled\n")
    expect(readFileSync(record, "utf8")).toBe("exported\n")
  })
})

describe("a call's run", () => {
  it("gets an id, and its reports are exported under it with the same constructor", async () => {
    await cli.call(["--source=/some/tree", "test", "--services", "backend"], { status: 0 })
    const [call = "", report = "", ...more] = cli.calls()
    const runId = / --run-id=(\d{8}-\d{6}-[0-9a-f]{4}) /.exec(call)?.[1]
    expect(runId, call).toBeDefined()
    expect(call).toMatch(/ --source=\/some\/tree test --services backend$/)
    expect(report).toMatch(new RegExp(` --run-id=${runId} .*--source=/some/tree report -o \\.delivery/runs/${runId}$`))
    expect(more).toEqual([])
  })

  it.each([
    { how: "with =", argv: ["--run-id=mine", "test"] },
    { how: "as two words", argv: ["--run-id", "mine", "--dirty", "test"] },
  ])("keeps the id that the caller gives: $how", async ({ argv }) => {
    await cli.call(argv, { status: 0 })
    const [call = "", report] = cli.calls()
    expect(call.match(/--run-id/g)).toHaveLength(1)
    expect(report).toMatch(/ report -o \.delivery\/runs\/mine$/)
  })

  it.each([
    { what: "pipeline", argv: ["pipeline", "--until", "test"], call: / deliver --until test$/ },
    { what: "pipeline after a constructor's flag in two words", argv: ["--source", "pipeline", "pipeline"], call: / --source pipeline deliver$/ },
    { what: "another function with the word as a value", argv: ["lint", "--services", "pipeline"], call: / lint --services pipeline$/ },
  ])("is of the function that the CLI can call: $what", async ({ argv, call }) => {
    await cli.call(argv, { status: 0 })
    expect(cli.calls()[0]).toMatch(call)
  })

  it.each([{ argv: ["report", "-o", "out"] }, { argv: ["pipeline", "--dry-run"] }, { argv: ["test", "--help"] }])("$argv leaves no reports", async ({ argv }) => {
    await cli.call(argv, { status: 0 })
    expect(cli.calls()).toHaveLength(1)
  })
})

describe("a call in a tree that is not ours", () => {
  const folder = folderWith("version: 1\n")

  it("takes this module on that tree, and leaves the reports there", async () => {
    await cli.call(["test", "--services", "web"], { status: 0 }, {}, folder)
    const [call = "", report = ""] = cli.calls()
    expect(call).toMatch(new RegExp(`^call -m ${ROOT} --source=\\. --run-id=\\S+ test --services web$`))
    expect(report).toMatch(new RegExp(`call -m ${ROOT} --source=\\. --run-id=\\S+ report -o \\.delivery/runs/`))
  })

  it("keeps a source that is named", async () => {
    await cli.call(["--source", "deeper", "test"], { status: 0 }, {}, folder)
    expect(cli.calls()[0]).toMatch(/ --source deeper test$/)
    expect(cli.calls()[0]).not.toContain("--source=.")
  })

  it("writes the files of init without a terminal to ask on", async () => {
    await cli.call(["init"], { status: 0 }, {}, folder)
    expect(cli.calls()).toEqual([`call -y -m ${ROOT} --source=. init`])
  })

  it("names no module at home", async () => {
    await cli.call(["test"], { status: 0 })
    expect(cli.calls()[0]).not.toMatch(/ -m |--source/)
  })
})

describe("credentials", () => {
  const SECRET = "do-not-tell-4711"
  it.each([
    { form: "a line of its own", yaml: "environments:\n  dev:\n    kubeconfig: KUBECONFIG_DEV\n" },
    { form: "with a comment behind", yaml: "environments:\n  dev:\n    kubeconfig: KUBECONFIG_DEV # of the test cluster\n" },
    { form: "in quotes", yaml: 'environments:\n  dev:\n    kubeconfig: "KUBECONFIG_DEV"\n' },
    { form: "in braces", yaml: "environments:\n  dev: {kubeconfig: KUBECONFIG_DEV, namespace: dev}\n" },
  ])("that are set go along by name, never by value: $form", async ({ yaml }) => {
    const folder = folderWith(yaml)
    const ended = await cli.call(["test"], { status: 0 }, { KUBECONFIG_DEV: SECRET }, folder)
    for (const call of cli.calls()) {
      expect(call).toContain("--credentials=env:KUBECONFIG_DEV")
      expect(call).not.toContain(SECRET)
    }
    expect(ended.output).not.toContain(SECRET)
  })

  it.each([
    { what: "that are not set", yaml: "registry:\n  password: REGISTRY_PASSWORD\n", env: {} },
    { what: "that only a comment names", yaml: "# password: REGISTRY_PASSWORD\n", env: { REGISTRY_PASSWORD: SECRET } },
    { what: "that delivery.yaml does not name", yaml: "version: 1\n", env: { REGISTRY_PASSWORD: SECRET } },
  ])("$what stay away", async ({ yaml, env }) => {
    const ended = await cli.call(["test"], { status: 0 }, env, folderWith(yaml))
    expect(ended.status, ended.output).toBe(0)
    expect(cli.calls()[0]).not.toContain("--credentials")
  })
})
