import { readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { call, closingLine, daggerw, plainCall, ROOT } from "../support/daggerw.js"
import { helloTree } from "../support/fixture.js"
import { newRun } from "../support/runs.js"
import type { Tree } from "../support/trees.js"

let hello: Tree
beforeAll(() => {
  hello = helloTree()
})

const words = (camel: string): string => camel.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** The functions by the names that the CLI gives them. */
function functionsOfTheModule(): readonly string[] {
  const source = readFileSync(join(ROOT, "ci/src/index.ts"), "utf8")
  return [...source.matchAll(/@func\([^)]*\)\s+(?:async )?(\w+)\(/g)].map(([, name]) => words(name ?? ""))
}

describe("the module", () => {
  it("tells every function with its line of help", async () => {
    const ended = await daggerw(["functions"])
    expect(ended.status, ended.output).toBe(0)
    const listed = [...ended.stdout.matchAll(/^([a-z][a-z-]*) {2,}(\S.*)$/gm)].map(([, name]) => name)
    // Hidden by the CLI of Dagger 0.21; `deliver` is the same.
    const wanted = functionsOfTheModule().filter((name) => name !== "pipeline")
    expect(wanted.length).toBeGreaterThan(10)
    expect(listed.sort(), ended.output).toEqual([...wanted].sort())
  })

  it.each([
    { how: "pipeline through daggerw", run: () => call([`--source=${hello.path}`, "pipeline", "--dry-run"]) },
    { how: "deliver through the plain CLI", run: () => plainCall([`--source=${hello.path}`, "deliver", "--dry-run"]) },
  ])("plans $how, and runs nothing", async ({ run }) => {
    const ended = await run()
    expect(ended.status, ended.output).toBe(0)
    expect(ended.stdout).toMatch(/^lint:hello +run/m)
    expect(ended.stdout).toMatch(/^deploy:local +run/m)
    expect(ended.stdout).toMatch(/^sonar +skip, not-configured: /m)
    expect(ended.output).not.toContain("npm ci")
  })
})

describe("a name that delivery.yaml does not have", () => {
  it.each([
    { kind: "a stage to skip", argv: ["--skip", "lnt"], says: ["`lnt`", "Did you mean `lint`?", "Known: lint, lint-files, charts-check, audit"] },
    { kind: "a last stage", argv: ["--until", "depoy"], says: ["`depoy`", "Did you mean `deploy`?", "local-plan"] },
    { kind: "a service", argv: ["--services", "helo"], says: ["`helo`", "Did you mean `hello`?", "Known: hello."] },
    { kind: "an environment", argv: ["--environments", "lokal"], says: ["`lokal`", "Did you mean `local`?", "Known: local."] },
  ])("is refused with the known ones and the nearest: $kind", async ({ argv, says }) => {
    const ended = await call([`--source=${hello.path}`, "pipeline", "--dry-run", ...argv])
    expect(ended.status, ended.output).toBe(2)
    for (const text of says) expect(ended.output).toContain(text)
  })

  it("leaves a run that tells it", async () => {
    const run = newRun("unknown-name")
    const ended = await call([`--source=${hello.path}`, `--run-id=${run.runId}`, "deploy", "--environment", "lokal"])
    expect(ended.status, ended.output).toBe(2)
    expect(closingLine(ended)).toContain("deploy: error — unknown environment `lokal`. Did you mean `local`? Known: local.")
    expect(run.stage("configuration")).toMatchObject({ verdict: "error", reason: expect.stringContaining("`lokal`") })
  })

  it("is refused when it is a run whose reports are wanted", async () => {
    const ended = await call([`--source=${hello.path}`, "report", "--run-id", "no-such-run", "-o", join(hello.path, "reports")])
    expect(ended.status, ended.output).toBe(2)
    expect(ended.output).toContain("no reports of run no-such-run")
  })
})
