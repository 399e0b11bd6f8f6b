// Another repository gets its files from ci-generate, with the module by its git address; then each system's file is executed.
import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import type { Server } from "node:http"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { stringify } from "yaml"
import { cacheDirectory } from "../../airgap/lib/paths.mjs"
import { ownCiPlan } from "../../ci/scripts/own-ci-files.js"
import { renderGitlab } from "../../ci/src/core/ci-files/gitlab.js"
import type { RunRecord } from "../../ci/src/core/run.js"
import { gitlab, parseGroovy } from "../support/ci-systems.js"
import { runCommand, type Ended } from "../support/command.js"
import { daggerw, ROOT } from "../support/daggerw.js"
import { serveModule } from "../support/git-server.js"
import { callOf, readShims, type Shim } from "../support/shims.js"
import { newTree } from "../support/trees.js"

const PLANTED = "planted-4f1c9d2e7b"
const HOST = "10.90.1.1"
const tree = newTree({ "test/fixtures/plain-app": "app" })
const git = (...argv: string[]): string => execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.org", ...argv], { cwd: tree.path, encoding: "utf8" })
const commit = (message: string): string => git("add", "-A") + git("commit", "-q", "-m", message)
let server: Server | undefined
let env: Record<string, string> = {}

interface Result {
  readonly ended: Ended
  readonly record: RunRecord | null
  readonly kept: readonly string[]
}

/** A job's line in a checkout of its own, as a machine of the system would run it. */
async function execute(shim: Shim, name: string): Promise<Result> {
  const job = shim.jobs.find((each) => each.name === name)
  if (job === undefined) throw new Error(`${shim.file}: no job ${name}`)
  rmSync(join(tree.path, ".delivery"), { recursive: true, force: true })
  const variables = { CIRCLE_BUILD_NUM: "7", BUILD_NUMBER: "7", GIT_COMMIT: "c0ffee", GITHUB_RUN_ID: "7", GITHUB_RUN_ATTEMPT: "1", GITHUB_JOB: name, CI_JOB_ID: "7" }
  const ended = await runCommand(["sh", "-ec", job.line], { cwd: tree.path, env: { ...env, ...variables } })
  return { ended, ...reportsIn(tree.path) }
}

function reportsIn(checkout: string): Pick<Result, "record" | "kept"> {
  const folder = join(checkout, ".delivery/last")
  if (!existsSync(folder)) return { record: null, kept: [] }
  return { record: JSON.parse(readFileSync(join(folder, "run.json"), "utf8")) as RunRecord, kept: readdirSync(folder, { recursive: true, encoding: "utf8" }) }
}

/** GitLab's own, and then the folder that its artifacts were put into. */
async function runGitlab(...argv: string[]): Promise<Result> {
  rmSync(join(tree.path, ".delivery"), { recursive: true, force: true })
  const ended = await gitlab(tree.path, argv, env)
  const runs = join(tree.path, ".delivery/runs")
  const run = existsSync(runs) ? readdirSync(runs)[0] : undefined
  const folder = join(runs, run ?? "")
  return run === undefined ? { ended, record: null, kept: [] } : { ended, record: JSON.parse(readFileSync(join(folder, "run.json"), "utf8")) as RunRecord, kept: readdirSync(folder, { recursive: true, encoding: "utf8" }) }
}

const rowsOf = ({ record }: Result): string[] => (record?.stages ?? []).map(({ stage, service, verdict }) => `${stage} ${service ?? ""} ${verdict}`)
const results: Result[] = []

describe("on a real engine", () => {
  beforeAll(async () => {
    await daggerw(["call", "lint", "--help"]) // the engine runs, and with it the address that it reaches the host by
    const [, , address = ""] = readFileSync(join(cacheDirectory, "run/ready"), "utf8").split("\n")
    const served = await serveModule(HOST, "v0.0.1")
    server = served.server
    env = { _EXPERIMENTAL_DAGGER_RUNNER_HOST: address, DELIVERY_MIRROR_URL: `http://${HOST}:7717`, REGISTRY_USERNAME: "shop", REGISTRY_PASSWORD: PLANTED }
    tree.write("delivery.yaml", stringify({
      version: 1,
      project: "shims-fixture",
      services: { app: { path: "app", toolchain: "plain", commands: { build: [["sh", "build.sh"]], test: [["sh", "test/run.sh"]] } } },
      registry: { address: "registry.example.org/shop", username: "REGISTRY_USERNAME", password: "REGISTRY_PASSWORD" },
      ci: { module: served.address, engine: "kept" },
    }))
    tree.write(".gitignore", ".delivery/\n.gitlab-ci-local/\nreports/\ndist/\n")
    git("init", "-q", "-b", "main")
    git("remote", "add", "origin", "https://gitlab.example.org/acme/shop.git")
    git("update-ref", "refs/remotes/origin/main", git("commit-tree", git("write-tree").trim(), "-m", "start").trim())
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
  })
  afterAll(() => server?.close())

  describe("a repository that does not hold the module", () => {
    it("gets its files, and is told what is left to do", async () => {
      const ended = await runCommand([join(ROOT, "daggerw"), "call", "ci-generate"], { cwd: tree.path, env: { REGISTRY_PASSWORD: PLANTED } })
      expect(ended.status, ended.output).toBe(0)
      expect(ended.output).toContain("What is left to do there, once:")
      expect(tree.read("daggerw")).toMatch(/^module=http:\/\/10\.90\.1\.1\/delivery\.git@v0\.0\.1$/m)
      commit("the product")
    })

    it("has a green GitLab run, with the module from its git address", async () => {
      const result = await runGitlab("deliver")
      expect(result.ended.status, result.ended.output).toBe(0)
      expect(result.record?.verdict).toBe("passed")
      expect(rowsOf(result)).toContain("test app passed")
      results.push(result)
    })

    it.each(["circleci", "jenkins", "github"])("has the same result in %s", async (system) => {
      const shim = readShims(tree.path).find((each) => each.system === system)
      const result = await execute(shim as Shim, "deliver")
      expect(result.ended.status, result.ended.output).toBe(0)
      expect(rowsOf(result)).toEqual(rowsOf(results[0] as Result))
      results.push(result)
    })

    it("makes the same calls in all systems", () => {
      const [first, ...others] = readShims(tree.path).map(({ jobs }) => jobs.map(callOf).toSorted())
      for (const calls of others) expect(calls).toEqual(first)
    })
  })

  describe("a broken product", () => {
    const red: Result[] = []
    beforeAll(() => {
      tree.write("app/bin/slug", "#!/bin/sh\ncat\n")
      commit("broken")
    })

    it("turns GitLab red, keeps its reports and starts nothing after it", async () => {
      const result = await runGitlab("deliver")
      expect(result.ended.status, result.ended.output).not.toBe(0)
      expect(result.record?.verdict).toBe("failed")
      expect(result.kept).toEqual(expect.arrayContaining(["report.html", "junit.xml", "codequality.json"]))
      red.push(result)
    })

    it.each(["circleci", "jenkins", "github"])("turns %s red with the same rows and reports", async (system) => {
      const shim = readShims(tree.path).find((each) => each.system === system)
      const result = await execute(shim as Shim, "deliver")
      expect(result.ended.status, result.ended.output).toBe(1)
      expect(rowsOf(result)).toEqual(rowsOf(red[0] as Result))
      expect(result.kept.filter((path) => path.startsWith("junit")).toSorted()).toEqual(red[0]?.kept.filter((path) => path.startsWith("junit")).toSorted())
      red.push(result)
    })

    it("leaves logs that can be read and hold no secret", () => {
      expect(red.length + results.length).toBe(8)
      for (const { ended } of [...results, ...red]) {
        expect(ended.output).not.toContain(PLANTED)
        expect(ended.output.length).toBeLessThan(500_000)
        expect(ended.output).not.toContain("\u001b")
      }
      const found = execFileSync("sh", ["-c", `grep -rl ${PLANTED} .delivery .gitlab-ci-local || echo none`], { cwd: tree.path, encoding: "utf8" })
      expect(found).toBe("none\n")
    })
  })

  describe("ci-check", () => {
    it("sees a file that somebody changed by hand, and ends red", async () => {
      tree.write("Jenkinsfile", tree.read("Jenkinsfile").replace("agent none", "agent any"))
      const ended = await runCommand(["./daggerw", "call", "ci-check"], { cwd: tree.path, env })
      expect(ended.status, ended.output).toBe(1)
      expect(ended.output).toContain("Jenkinsfile: line")
      git("checkout", "-q", "Jenkinsfile")
      const green = await runCommand(["./daggerw", "call", "ci-check"], { cwd: tree.path, env })
      expect(green.status, green.output).toBe(0)
    })
  })
})

describe("the Jenkinsfile", () => {
  it("is Groovy", async () => {
    const ended = await parseGroovy(join(ROOT, "Jenkinsfile"))
    expect(ended.stdout, ended.output).toContain("parsed")
  })

  it("would not be with a brace too few", async () => {
    const broken = tree.write("Broken", readFileSync(join(ROOT, "Jenkinsfile"), "utf8").trimEnd().slice(0, -1))
    expect((await parseGroovy(join(broken.path, "Broken"))).status).toBe(1)
  })
})

// The calls themselves are executed above and in test/full/deploy; here a stand-in notes them, for what is looked at is GitLab's part.
describe("the gate of GitLab", async () => {
  const text = renderGitlab({ ...(await ownCiPlan()), engineIsKept: true })
  const hash = "5f".repeat(32)

  async function pipeline(argv: readonly string[], verdict: "green" | "red"): Promise<{ ended: Ended; calls: readonly string[] }> {
    const shop = newTree({}).write(".gitlab-ci.yml", text).write(".gitignore", ".delivery/\n.gitlab-ci-local/\n").write("calls", "")
    const noted = join(shop.path, "calls")
    shop.write("daggerw", `#!/bin/sh\necho "$*" >>${noted}\nrun=.delivery/runs/\${2#*=}\nmkdir -p "$run/plans"\nprintf ${hash} >"$run/plans/production.hash"\nexit ${verdict === "green" ? 0 : 1}\n`)
    execFileSync("chmod", ["+x", join(shop.path, "daggerw")])
    const run = (...words: string[]): string => execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.org", ...words], { cwd: shop.path, encoding: "utf8" }).trim()
    run("init", "-q", "-b", "main")
    run("remote", "add", "origin", "https://gitlab.example.org/acme/shop.git")
    run("add", "-A", ":!calls")
    run("commit", "-q", "-m", "shop")
    run("update-ref", "refs/remotes/origin/main", "HEAD")
    run("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    const ended = await gitlab(shop.path, argv, {})
    return { ended, calls: readFileSync(noted, "utf8").split("\n").filter((line) => line !== "").map((line) => line.replace(/^call --run-id=gitlab-\d+ /, "")) }
  }

  const DELIVER = "pipeline --environments dev,staging,production --until production-plan"

  it("stops before production until somebody says yes", async () => {
    const { ended, calls } = await pipeline([], "green")
    expect(ended.status, ended.output).toBe(0)
    expect(calls).toEqual([DELIVER])
  })

  it("hands the plan over to the call behind it, with the name of whoever said yes", async () => {
    const { ended, calls } = await pipeline(["--manual", "deploy-production"], "green")
    expect(ended.status, ended.output).toBe(0)
    expect(calls).toEqual([DELIVER, expect.stringMatching(new RegExp(`^deploy --environment production --plan ${hash} --approved-by \\S+$`))])
  })

  it("stays shut after a red run", async () => {
    const { ended, calls } = await pipeline(["--manual", "deploy-production"], "red")
    expect(ended.status, ended.output).not.toBe(0)
    expect(calls).toEqual([DELIVER])
  })

  it.each([
    ["merge_request_event", [], ["pipeline --environments local"]],
    ["schedule", [], ["drift --environment production", "scan"]],
    ["web", ["--variable", "RUN=perf"], ["perf --environment staging"]],
    ["web", ["--variable", "RUN=rollback"], ["rollback --environment production"]],
  ])("runs for %s %j what it is for", async (source, more, wanted) => {
    const merge = source === "merge_request_event" ? ["--unset-variable", "CI_COMMIT_BRANCH"] : []
    const { ended, calls } = await pipeline(["--variable", `CI_PIPELINE_SOURCE=${source}`, ...merge, ...more], "green")
    expect(ended.status, ended.output).toBe(0)
    expect(calls.toSorted()).toEqual(wanted)
  })
})
