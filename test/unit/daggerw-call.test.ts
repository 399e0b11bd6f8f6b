import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { removeAfterTests } from "../support/cleanup.js"
import { startCommand } from "../support/command.js"
import { wrapperFor } from "../../ci/src/core/ci-files/ci-files.js"
import { parseChanges } from "../../ci/src/core/changes.js"
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
    { cli: 1, says: `test: passed — 1 stage passed\nError: cleanup failed: "close dagger session": shutdown: context deadline exceeded`, status: 0 },
    { cli: 1, says: `Error: cleanup failed: "close dagger session": shutdown: context deadline exceeded`, status: 2 },
    { cli: 1, says: `test: passed — 1 stage passed\nError: the engine is shutting down\nError: cleanup failed: "close dagger session": x`, status: 2 },
    { cli: 1, says: "test: passed — 1 stage passed", status: 2 },
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

describe("the log of a call", () => {
  it.each([
    { env: {}, wanted: "1" },
    { env: { NO_COLOR: "" }, wanted: "" },
  ])("is without colours where nobody sees it on a terminal, unless asked for: $env", async ({ env, wanted }) => {
    const sandbox = newSandbox()
    writeProgram(join(sandbox.cache, "bin", `dagger-${version}`), `echo "NO_COLOR is '$NO_COLOR'"`)
    const ended = await startCommand([join(ROOT, "daggerw"), "call", "explain"], {
      cwd: ROOT,
      env: { NO_COLOR: undefined, ...env, HOME: sandbox.path, DELIVERY_CACHE: sandbox.cache, _EXPERIMENTAL_DAGGER_RUNNER_HOST: "unix:///no/engine" },
      limitSeconds: 20,
    }).ended
    expect(ended.stdout).toBe(`NO_COLOR is '${wanted}'\n`)
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

  it("can be found without its id, as the last one", async () => {
    const folder = folderWith("project: shop\n")
    for (const runId of ["first", "second"]) {
      mkdirSync(join(folder, ".delivery/runs", runId), { recursive: true })
      await cli.call([`--run-id=${runId}`, "test"], { status: 0 }, {}, folder)
    }
    expect(readlinkSync(join(folder, ".delivery/last"))).toBe("runs/second")
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

  it("is refused for files that would come to another place than meant", async () => {
    const ended = await cli.call(["--source=/another/tree", "init"], { status: 0 }, {}, folder)
    expect([ended.status, ended.stderr]).toEqual([2, "[daggerw] init writes into the folder that it is called in, not into /another/tree: cd there, and leave --source out\n"])
  })

  it("names no module at home", async () => {
    await cli.call(["test"], { status: 0 })
    expect(cli.calls()[0]).not.toMatch(/ -m |--source/)
  })
})

describe("a daggerw that ci-generate wrote", () => {
  const folder = folderWith("version: 1\n")
  const own = join(folder, "daggerw")
  writeFileSync(own, wrapperFor(readFileSync(join(ROOT, "daggerw"), "utf8"), "github.com/acme/delivery@v1.2.3"), { mode: 0o755 })

  it("takes the module from its address, on the tree that it lies in", async () => {
    const ended = await cli.call(["test"], { status: 0 }, {}, folder, own)
    expect(ended.status, ended.output).toBe(0)
    const [call = "", report = ""] = cli.calls()
    expect(call).toMatch(/^call -m github\.com\/acme\/delivery@v1\.2\.3 --source=\. --run-id=\S+ test$/)
    expect(report).toMatch(/ -m github\.com\/acme\/delivery@v1\.2\.3 --source=\. .* report -o /)
  })

  it("has no air-gapped kit to fall back on, and says what it needs", async () => {
    const ended = await cli.call(["test"], { status: 0 }, { _EXPERIMENTAL_DAGGER_RUNNER_HOST: undefined }, folder, own)
    expect(ended.status).toBe(2)
    expect(ended.output).toContain("no container engine answers on this machine: start Docker or Podman")
    expect(cli.calls()).toEqual([])
  })
})

describe("machines behind a mirror", () => {
  it("name it once, in their environment", async () => {
    await cli.call(["test"], { status: 0 }, { DELIVERY_MIRROR_URL: "http://mirror:5000" })
    expect(cli.calls()[0]).toContain("--images=mirror --mirror-url=http://mirror:5000 ")
    await cli.call(["test"], { status: 0 })
    expect(cli.calls()[0]).not.toContain("mirror")
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
      expect(call).toContain("--credentials=env:KUBECONFIG_DEV --credential-names=KUBECONFIG_DEV")
      expect(call).not.toContain(SECRET)
    }
    expect(ended.output).not.toContain(SECRET)
  })

  it.each([
    { given: ["--credentials=env:TOKEN", "test"], names: ["KUBECONFIG_DEV", "TOKEN"] },
    { given: ["--credentials", "env://TOKEN,env:OTHER", "test"], names: ["KUBECONFIG_DEV", "TOKEN", "OTHER"] },
    { given: ["--credentials=env:TOKEN", "--credentials=file:token", "--credentials=env:OTHER", "test"], names: ["KUBECONFIG_DEV", "TOKEN"] },
    { given: ["--credentials=env:TOKEN", "--credential-names=KUBECONFIG_DEV,MINE", "test"], names: ["KUBECONFIG_DEV", "KUBECONFIG_DEV,MINE"] },
  ])("that the call names itself have their names beside them, in the same order: $given", async ({ given, names }) => {
    const ended = await cli.call(given, { status: 0 }, { KUBECONFIG_DEV: SECRET, TOKEN: SECRET, OTHER: SECRET }, folderWith("environments:\n  dev:\n    kubeconfig: KUBECONFIG_DEV\n"))
    expect(ended.status, ended.output).toBe(0)
    for (const call of cli.calls()) expect([...call.matchAll(/--credential-names=(\S+)/g)].map(([, name]) => name)).toEqual(names)
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

describe("--since", () => {
  /** A repository with two commits on main, and a branch of the first one with a commit of its own. */
  function repository(): { readonly path: string; readonly git: (...argv: readonly string[]) => string; readonly write: (file: string, text: string) => void } {
    const path = folderWith("version: 1\n")
    const git = (...argv: readonly string[]): string =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...argv], { cwd: path, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
    const write = (file: string, text: string): void => {
      mkdirSync(join(path, file, ".."), { recursive: true })
      writeFileSync(join(path, file), text)
    }
    git("init", "-q", "-b", "main")
    write("apps/a/one.ts", "1\n2\n3\n")
    write("apps/a/gone.ts", "1\n")
    write(".gitignore", "dist/\n")
    git("add", "-A")
    git("commit", "-qm", "first")
    git("checkout", "-qb", "work")
    write("apps/a/one.ts", "1\ntwo\n3\n4\n")
    git("commit", "-qam", "own")
    git("checkout", "-q", "main")
    write("apps/b/elsewhere.ts", "1\n")
    git("add", "-A")
    git("commit", "-qm", "of others")
    git("checkout", "-q", "work")
    return { path, git, write }
  }
  const ONE = { path: "apps/a/one.ts", lines: [{ first: 2, last: 2 }, { first: 4, last: 4 }] }

  it.each([["main"], ["main~1"], ["origin/main"], ["v1"]])("gives what this branch changed since it left %s, and nothing of others", async (ref) => {
    const { path, git } = repository()
    git("update-ref", "refs/remotes/origin/main", "main")
    git("tag", "v1", "main")
    const ended = await cli.call(["test", "--since", ref], { status: 0 }, {}, path)
    expect(ended.status, ended.output).toBe(0)
    expect(parseChanges(cli.changes())).toEqual([ONE])
    const [call = "", report = ""] = cli.calls()
    const file = / --changes=(\S+) /.exec(call)?.[1] ?? ""
    expect(call).toContain(` test --since ${ref}`)
    expect(report).toContain(`--changes=${file}`)
    expect(existsSync(file)).toBe(false)
  })

  it("counts what is not committed, removed and new files too, but not what git ignores", async () => {
    const { path, git, write } = repository()
    write("apps/a/ünï cödé.ts", "1\n")
    write("apps/a/dist/made.js", "1\n")
    rmSync(join(path, "apps/a/gone.ts"))
    const before = git("status", "--porcelain")
    await cli.call(["--source", path, "test", "--since=main"], { status: 0 })
    expect(parseChanges(cli.changes())).toEqual([{ path: "apps/a/gone.ts", lines: [] }, ONE, { path: "apps/a/ünï cödé.ts", lines: [{ first: 1, last: 1 }] }])
    // The caller's own index is not touched.
    expect(git("status", "--porcelain")).toBe(before)
  })

  it("looks at the folder that is delivered, in a worktree and against its own settings too", async () => {
    const { path, git } = repository()
    git("config", "diff.noprefix", "true")
    git("config", "diff.external", "/bin/false")
    const worktree = `${path}-worktree`
    removeAfterTests(worktree)
    git("worktree", "add", "-q", "--detach", worktree, "work")
    await cli.call([`--source=${worktree}/apps/a`, "pipeline", "--since", "main", "--dry-run"], { status: 0 })
    expect(parseChanges(cli.changes())).toEqual([{ ...ONE, path: "one.ts" }])
  })

  it("gives nothing when nothing changed, and keeps the caller's own list", async () => {
    const { path } = repository()
    await cli.call(["test", "--since", "HEAD"], { status: 0 }, {}, path)
    expect(cli.changes()).toBe("")
    await cli.call(["--changes=/dev/null", "test", "--since", "nowhere"], { status: 0 }, {}, path)
    expect(cli.calls()[0]).toContain("--changes=/dev/null test --since nowhere")
  })

  it("is refused before the call when git cannot tell", async () => {
    const { path, git } = repository()
    const clone = `${path}-clone`
    removeAfterTests(clone)
    git("clone", "-q", "--depth=1", "--branch", "work", `file://${path}`, clone)
    git("checkout", "-q", "--orphan", "alone")
    git("commit", "-qm", "alone")
    for (const [folder, ref, message] of [
      [path, "mian", /--since mian: expected a commit, branch or tag, got what this clone does not have: git fetch origin mian$/m],
      [clone, "main", /--since main: expected a commit.*git fetch origin main; this clone is shallow: git fetch --unshallow$/m],
      [path, "main", /--since main: expected a commit that main and HEAD have in common, got none$/m],
      [folderWith("version: 1\n"), "main", /--since main: expected a git checkout in \., got none; leave --since out/],
    ] as const) {
      const ended = await cli.call(["test", "--since", ref], { status: 0 }, {}, folder)
      expect(ended.output).toMatch(message)
      expect(ended.status).toBe(2)
      expect(cli.calls()).toEqual([])
    }
  })
})
