// The scripts that run in containers, run here: by the shell of this machine, in a folder of their own.
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { isIsolated } from "../../../src/core/gates/scan/isolation.js"
import { COPY_SCRIPT, DATABASE_FOLDER, FETCH_SCRIPT, fetchedDatabase, KEPT_FOLDER } from "../../../src/core/scan/fetch-database.js"
import { POWERLESS_STEP, ignoreComments } from "../../../src/core/scan/ignore-comments.js"
import { interfacesOf, NAMESPACE_COMMAND, SANDBOX_ENDINGS, SANDBOX_NETWORK, sandboxDockerfile, sandboxScript } from "../../../src/core/scan/sandbox.js"
import { readEndings, stepOutcomes } from "../../../src/core/steps/endings.js"
import type { Step } from "../../../src/core/steps/step.js"
import { execOutcome } from "../support.js"

const base = mkdtempSync(join(tmpdir(), "scan-scripts-"))
afterAll(() => rmSync(base, { recursive: true, force: true }))
let count = 0
const newFolder = (): string => {
  const path = join(base, String((count += 1)))
  mkdirSync(path)
  return path
}

function runSteps(steps: readonly Step[], timeoutSeconds = 10, launcher: readonly string[] = []) {
  const folder = newFolder()
  const script = join(folder, "run")
  writeFileSync(script, sandboxScript(steps, timeoutSeconds).replaceAll("/delivery/", `${folder}/`))
  const [program = "", ...words] = [...launcher, "/bin/sh", script]
  execFileSync(program, words, { stdio: "pipe" })
  const file = (name: string): string | null => (existsSync(join(folder, "output", name)) ? readFileSync(join(folder, "output", name), "utf8") : null)
  const endings = readEndings(file(SANDBOX_ENDINGS) ?? "")
  const outcomes = endings === null ? [] : stepOutcomes(steps, endings)
  return { file, outcome: (name: string) => outcomes.find((each) => each.name === name) }
}

const sh = (name: string, script: string): Step => ({ name, argv: ["sh", "-c", script] })

describe("the script of a sandbox", () => {
  it("runs every step, also after a failed one, and keeps exit code and words of each", () => {
    const { outcome } = runSteps([sh("one", "echo out; echo err >&2; exit 10"), sh("two", "exit 0"), { name: "three", argv: ["no-such-program"] }])
    expect(outcome("one")).toMatchObject({ exitCode: 10, stdout: "out\n", stderr: "err\n" })
    expect(outcome("two")?.exitCode).toBe(0)
    expect(outcome("three")?.exitCode).toBe(127)
  })

  it("has its steps work in a folder without files, for scanners take configuration from theirs", () => {
    expect(runSteps([sh("here", "ls -A | wc -l")]).outcome("here")?.stdout.trim()).toBe("0")
  })

  it("writes down the network that it has", () => {
    expect(interfacesOf(runSteps([]).file(SANDBOX_NETWORK) ?? "")).not.toBeNull()
  })
})

const [program = "", ...flags] = NAMESPACE_COMMAND.slice(0, -2)
const hasNamespaces = spawnSync(program, [...flags, "true"]).status === 0

describe("a step that tries to reach out", () => {
  // The same attempt, inside and outside: by bash, which opens connections itself. Nothing listens there, so both fail, each in its own words.
  const reach: Step = { name: "reach", argv: ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9"] }
  const external: Step = { name: "external", argv: ["bash", "-c", "exec 3<>/dev/udp/192.0.2.1/9 && echo a way out"] }

  it.runIf(hasNamespaces)("finds no way in a user and network namespace, and the sandbox knows", () => {
    const { outcome, file } = runSteps([reach, external], 10, [program, ...flags])
    expect(outcome("external")?.exitCode).not.toBe(0)
    expect(outcome("external")?.stderr).toMatch(/[Nn]etwork is unreachable/)
    expect(isIsolated(file("network"))).toBe(true)
  })

  it("is told from one that had a network", () => {
    expect(isIsolated(null)).toBe(false)
    expect(isIsolated("")).toBe(false)
    expect(isIsolated("Inter-|   Receive\n face |bytes\n  eth0: 0 0\n    lo: 0 0\n")).toBe(false)
    expect(isIsolated("Inter-|   Receive\n face |bytes\n    lo: 0 0\n")).toBe(true)
  })
})

describe("the Dockerfile of a sandbox", () => {
  it("has one RUN, without network, that sees its input read-only and nothing of a frontend", () => {
    const lines = sandboxDockerfile("aquasec/trivy:0.72.0").trim().split("\n")
    expect(lines).toEqual([
      "FROM aquasec/trivy:0.72.0",
      "USER 0",
      "COPY nothing /usr/sbin/update-ca-certificates",
      'RUN --network=none --mount=type=bind,source=input,target=/delivery/input,readonly ["/bin/sh", "/delivery/input/run"]',
    ])
  })
})

describe("the words that would take findings out", () => {
  const WORDS = ["#trivy:ignore:DS-0002", "  # trivy:ignore:AWS-0107 password=x", "x: 1 # tfsec:ignore:*", "//trivy:ignore:a:exp:2030-01-01", "a trivy:exp:2030-01-01:ignore:KSV-0017", "#tfsec:ignore:a:trivy:ignore:b trivy:ignore:c"]
  const OTHERS = ["image: aquasec/trivy:0.72.0", "trivy: ignore", "#trivy-ignore:DS-0002"]

  function powerless(files: Readonly<Record<string, string>>) {
    const folder = newFolder()
    for (const [name, text] of Object.entries({ ...files, "tree/plain.bin": "\u0000\u0001 no word\n" })) {
      const path = join(folder, "input/scanned", name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    mkdirSync(join(folder, "work"))
    const { argv } = POWERLESS_STEP
    const run = spawnSync(argv[0] ?? "", argv.slice(1).map((word) => word.replaceAll("/delivery/", `${folder}/`)), { encoding: "utf8" })
    return { run, read: (name: string) => readFileSync(join(folder, "work/scanned", name), "utf8"), places: ignoreComments(execOutcome("sh", run.status ?? -1, run.stdout)) }
  }

  it.each(WORDS)("%s has no power any more, and its line is as long as before", (word) => {
    const text = `first\n${word}\nlast`
    const { run, read, places } = powerless({ "tree/a b.yaml": text, "rendered/local.yaml": text })
    expect(run).toMatchObject({ status: 0, stderr: "" })
    for (const name of ["tree/a b.yaml", "rendered/local.yaml"]) {
      expect(read(name)).not.toMatch(/(trivy|tfsec):\S*ignore:/)
      expect(read(name).split("\n").map(({ length }) => length)).toEqual(text.split("\n").map(({ length }) => length))
    }
    expect(places).toEqual([{ file: "a b.yaml", line: 2 }])
    expect(run.stdout).not.toContain("password")
  })

  it.each(OTHERS)("%s is left as it is", (word) => {
    const { run, read, places } = powerless({ "tree/Dockerfile": `${word}\n` })
    expect([run.status, places]).toEqual([0, []])
    expect(read("tree/Dockerfile")).toBe(`${word}\n`)
  })

  it("are an error where they cannot be taken it", () => {
    const { run } = powerless({ "tree/a\nb.tf": "#trivy:ignore:*\n" })
    expect(run.status).not.toBe(0)
  })
})

describe("fetching the database", () => {
  const metadata = (downloadedAt: string): string => `{"Version":2,"UpdatedAt":"2026-11-23T00:00:00Z","DownloadedAt":"${downloadedAt}"}`
  const kept = newFolder()
  const put = (name: string, text: string): void => {
    mkdirSync(join(kept, "db"), { recursive: true })
    writeFileSync(join(kept, "db", name), text)
  }
  const fetch = (...command: readonly string[]) => {
    const run = spawnSync("sh", ["-uc", FETCH_SCRIPT.replaceAll(KEPT_FOLDER, kept), "fetch", ...command], { encoding: "utf8" })
    return fetchedDatabase(execOutcome("fetch", run.status ?? -1, run.stdout, run.stderr))
  }
  const copy = (identity: string, out: string) =>
    spawnSync("sh", ["-euc", COPY_SCRIPT.replaceAll(KEPT_FOLDER, kept).replaceAll(DATABASE_FOLDER, out).replaceAll("/tmp/notes", `${out}-notes`)], { env: { ...process.env, DATABASE: identity }, encoding: "utf8" })

  it("leaves nothing where there is nothing", () => {
    expect(fetch("sh", "-c", "echo gone >&2; exit 1")).toEqual({ identity: null, notRenewed: "fetching it ended with 1: gone" })
  })

  it("names the same database the same, whenever it was fetched, and another otherwise", () => {
    put("trivy.db", "one")
    put("metadata.json", metadata("2026-11-23T01:00:00Z"))
    const first = fetch("true").identity
    expect(first).toMatch(/^[0-9a-f]{64}$/)
    put("metadata.json", metadata("2026-11-23T02:00:00Z"))
    expect(fetch("true").identity).toBe(first)
    put("trivy.db", "another")
    expect(fetch("true").identity).not.toBe(first)
  })

  it("keeps the one that it has when the registry does not answer", () => {
    const { identity, notRenewed } = fetch("sh", "-c", "echo refused >&2; exit 1")
    expect(identity).not.toBeNull()
    expect(notRenewed).toBe("fetching it ended with 1: refused")
  })

  it("copies that one out and no other", () => {
    const out = join(newFolder(), "cache")
    const { identity } = fetch("true")
    expect(copy(identity ?? "", out).status).toBe(0)
    expect(readFileSync(join(out, "db/trivy.db"), "utf8")).toBe("another")
    expect(existsSync(join(out, "db/sample.json"))).toBe(false)
    put("sample.json", '{"advisories":13}')
    const other = copy(identity ?? "", join(newFolder(), "cache"))
    expect(other.status).toBe(1)
    expect(other.stderr).toContain("the database was changed meanwhile")
  })
})
