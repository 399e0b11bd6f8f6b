import { createHash } from "node:crypto"
import { cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parse } from "yaml"
import { describe, expect, it } from "vitest"
import { removeAfterTests } from "../support/cleanup.js"
import { runCommand, type Ended } from "../support/command.js"
import { newRunId, ROOT } from "../support/daggerw.js"
import { runFolder } from "../support/runs.js"

const STAGES = ["lint", "audit", "build", "test"] as const
type Verdicts = Readonly<Record<(typeof STAGES)[number], string>>

interface ForeignTree {
  readonly fixture: string
  /** Verdict of each stage by the name that `init` gives the service. */
  readonly services: Readonly<Record<string, Verdicts>>
  /** What the new delivery.yaml must say of a service. */
  readonly says: RegExp
  readonly status: number
}

// Where no advisory service answers, audit is an error; the stages beside it are judged all the same.
const AUDIT = await auditVerdict()
const SKIPPED = "skipped"

// The same as in test/fixtures/README.md.
const TREES: readonly ForeignTree[] = [
  {
    fixture: "npm-app",
    services: { "npm-app": { lint: "passed", audit: AUDIT, build: "passed", test: "passed" } },
    says: /toolchain: node # Node 24 \(engines\.node >=22 in package\.json\); npm \(package-lock\.json\).*\n {4}dockerfile: Dockerfile\n(.*\n)? {4}port: 3000\n/,
    status: AUDIT === "passed" ? 0 : 2,
  },
  {
    fixture: "pnpm-workspace",
    services: {
      units: { lint: "passed", audit: AUDIT, build: SKIPPED, test: "passed" },
      web: { lint: "passed", audit: AUDIT, build: "passed", test: "passed" },
    },
    says: /path: packages\/web\n {4}toolchain: node # Node 22 .*pnpm 10/,
    status: AUDIT === "passed" ? 0 : 2,
  },
  {
    fixture: "yarn-classic",
    services: { "yarn-classic": { lint: "failed", audit: AUDIT, build: SKIPPED, test: "passed" } },
    says: /toolchain: node # .*yarn 1/i,
    status: AUDIT === "passed" ? 1 : 2,
  },
  {
    fixture: "yarn-berry",
    services: { "yarn-berry": { lint: "passed", audit: AUDIT, build: SKIPPED, test: "failed" } },
    says: /toolchain: node # .*yarn 4/i,
    status: AUDIT === "passed" ? 1 : 2,
  },
  {
    fixture: "uv-app",
    services: { parcels: { lint: "passed", audit: AUDIT, build: "passed", test: "passed" } },
    says: /toolchain: python # .*uv /,
    status: AUDIT === "passed" ? 0 : 2,
  },
  {
    fixture: "poetry-app",
    services: { tariffs: { lint: "passed", audit: AUDIT, build: "passed", test: "failed" } },
    says: /toolchain: python # .*poetry/i,
    status: AUDIT === "passed" ? 1 : 2,
  },
  {
    fixture: "pip-app",
    services: { project: { lint: "failed", audit: AUDIT, build: "passed", test: "failed" } },
    says: /toolchain: python # .*pip/i,
    status: AUDIT === "passed" ? 1 : 2,
  },
]

/** A fixture in a folder of its own, as if somebody had checked it out. */
function checkOut(fixture: string): string {
  const path = mkdtempSync(join(tmpdir(), "delivery-tree-"))
  removeAfterTests(path)
  cpSync(join(ROOT, "test/fixtures", fixture), path, { recursive: true })
  return path
}

const daggerwIn = (tree: string, argv: readonly string[]): Promise<Ended> => runCommand([join(ROOT, "daggerw"), "call", ...argv], { cwd: tree, limitSeconds: 1800 })

/** Every file with its mode and content, but for what Delivery itself is asked to write. */
function contentsOf(tree: string, folder = ""): readonly string[] {
  return readdirSync(join(tree, folder))
    .filter((name) => folder !== "" || (name !== ".delivery" && name !== "delivery.yaml"))
    .flatMap((name) => {
      const path = join(folder, name)
      const stat = lstatSync(join(tree, path))
      if (stat.isDirectory()) return [`${path}/`, ...contentsOf(tree, path)]
      const text = stat.isSymbolicLink() ? readlinkSync(join(tree, path)) : readFileSync(join(tree, path))
      return [`${path} ${stat.mode} ${createHash("sha256").update(text).digest("hex")}`]
    })
}

async function auditVerdict(): Promise<string> {
  const registry = "https://registry.npmjs.org/-/npm/v1/security/advisories/bulk"
  const answer = await fetch(registry, { method: "POST", body: "{}", headers: { "content-type": "application/json" }, signal: AbortSignal.timeout(10_000) }).catch(() => null)
  return answer?.ok === true ? "passed" : "error"
}

describe("a tree that we did not write", () => {
  it.each(TREES)("is taken in by init and judged: $fixture", async ({ fixture, services, says, status }) => {
    const tree = checkOut(fixture)
    const before = contentsOf(tree)

    const init = await daggerwIn(tree, ["init"])
    expect(init.status, init.output).toBe(0)
    const written = readFileSync(join(tree, "delivery.yaml"), "utf8")
    expect(written).toMatch(says)
    expect(Object.keys((parse(written) as { services: object }).services).sort()).toEqual(Object.keys(services).sort())

    const runId = newRunId("verify")
    const ended = await daggerwIn(tree, [`--run-id=${runId}`, "pipeline", "--only", STAGES.join(",")])
    const run = runFolder(join(tree, ".delivery/runs", runId), runId)
    const verdicts = Object.fromEntries(
      Object.keys(services).map((name) => [name, Object.fromEntries(STAGES.map((stage) => [stage, run.stage(stage, name).verdict]))]),
    )
    expect(verdicts, ended.output).toEqual(services)
    expect(ended.status, ended.output).toBe(status)
    for (const report of ["report.html", "summary.md", "junit.xml"]) expect(run.has(report), report).toBe(true)

    expect(contentsOf(tree)).toEqual(before)
    expect(existsSync(join(tree, "node_modules"))).toBe(false)
  })
})
