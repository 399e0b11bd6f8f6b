import { beforeAll, describe, expect, it } from "vitest"
import { call, closingLine, plainCall } from "../support/daggerw.js"
import { helloTree, testFile } from "../support/fixture.js"
import { newRun, type RunFolder } from "../support/runs.js"
import type { Tree } from "../support/trees.js"

const SERVICE = "apps/hello"
/** In two parts here, or it would be found in this file. It opens nothing. */
const KEY = ["ghp", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("_")
const HANGS = testFile("never ends", "await new Promise((resolve) => setTimeout(resolve, 3_600_000))")

const plantFailure = (tree: Tree): Tree => tree.write(`${SERVICE}/planted.test.mjs`, testFile("counts to three", "assert.equal(1 + 1, 3)"))
const plantHang = (tree: Tree): Tree =>
  tree.write(`${SERVICE}/planted.test.mjs`, HANGS).edit("delivery.yaml", (config) => config.setIn(["stages", "test", "timeoutSeconds"], 8))

interface Ending {
  readonly what: string
  readonly tree: () => Tree
  readonly stage: string
  readonly status: number
  readonly closing: RegExp
  readonly leaves: (run: RunFolder) => void
}

const ENDINGS: readonly Ending[] = [
  {
    what: "green tests",
    tree: helloTree,
    stage: "test",
    status: 0,
    closing: /^test: passed — 1 stage passed/,
    leaves: (run) => {
      expect(run.stage("test", "hello")).toMatchObject({ verdict: "passed", reason: "1 test passed, 100.0 % of lines covered" })
      expect(run.text("coverage/hello/lcov.info")).toContain("SF:")
      expect(run.text("junit.xml")).toMatch(/<testcase name="greets by name"/)
    },
  },
  {
    what: "a red test",
    tree: () => plantFailure(helloTree()),
    stage: "test",
    status: 1,
    closing: /^test: failed — test \(hello\): 1 of 2 tests failed: counts to three/,
    leaves: (run) => {
      expect(run.stage("test").findings).toMatchObject([{ rule: "counts to three" }])
      expect(run.text("junit.xml")).toMatch(/<testcase name="counts to three"[^>]*>\s*<failure/)
      expect(run.text("report.html")).toContain("counts to three")
      expect(run.text("summary.md")).toContain("failed")
    },
  },
  {
    what: "a test that hangs",
    tree: () => plantHang(helloTree()),
    stage: "test",
    status: 2,
    closing: /^test: error — test \(hello\): npm run test did not end within 8 s and was stopped/,
    leaves: (run) => expect(run.text("logs/test-hello.log")).toContain("[exit code 124]"),
  },
  {
    what: "a file that the linter refuses",
    tree: () => helloTree().write(`${SERVICE}/greeting.mjs`, "export const greeting = (\n"),
    stage: "lint",
    status: 1,
    closing: /^lint: failed — lint \(hello\): /,
    leaves: (run) => expect(run.text("logs/lint-hello.log")).toContain("SyntaxError"),
  },
  {
    what: "a key in the sources and one in the name of a file",
    tree: () => helloTree().write(`${SERVICE}/config.mjs`, `export const token = "${KEY}"\n`).write(`${SERVICE}/${KEY}.txt`, "nothing\n"),
    stage: "scan",
    status: 1,
    closing: /^scan: failed — scan-files: 2 secrets of level high or worse: apps\/hello\/config\.mjs:1: .*; no network/,
    leaves: (run) => {
      expect(run.stage("scan-files").findings.filter(({ severity }) => severity === "critical").map(({ rule, file, line }) => [rule, file, line])).toEqual([["github-pat", "apps/hello/config.mjs", 1], ["github-pat", "apps/hello/***", null]])
      for (const file of ["run.json", "report.html", "summary.md", "sarif/scan-files.sarif", "scan/secrets.json", "scan/files.json", "logs/scan-files.log"]) expect(run.text(file), file).not.toContain(KEY)
      expect(run.stage("scan-images", "hello")).toMatchObject({ verdict: "skipped", skipKind: "upstream-failed" })
    },
  },
  {
    what: "insecure code",
    tree: () => helloTree().write(`${SERVICE}/backup.mjs`, 'import { exec } from "node:child_process"\nexport const list = (folder) => exec("ls " + folder) // eslint-disable-line\n'),
    stage: "sast",
    status: 1,
    closing: /^sast: failed — sast \(hello\): 1 insecure place of level high or worse: apps\/hello\/backup\.mjs:2: .*; no network/,
    leaves: (run) => expect(run.text("sarif/sast-hello.sarif")).toContain("security/detect-child-process"),
  },
  {
    what: "an image that pins.yaml does not have",
    tree: () => helloTree().write("deploy/job.yaml", "spec:\n  image: busybox:1.37\n"),
    stage: "pins",
    status: 1,
    closing: /^pins: failed — 1 fault: deploy\/job\.yaml:2: busybox:1\.37 is not in pins\.yaml/,
    leaves: (run) => expect(run.record().stages).toMatchObject([{ stage: "pins", verdict: "failed" }]),
  },
  {
    what: "an object of the chart that only an API server refuses",
    tree: () => helloTree().write("charts/hello/templates/planted.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: planted\nspec:\n  ports:\n    - port: 99999\n"),
    stage: "charts-check",
    status: 1,
    closing: /^charts-check: failed — charts-check: local: .*planted.*99999/,
    leaves: (run) => expect(run.text("charts/local.yaml")).toContain("name: planted"),
  },
  {
    what: "a Dockerfile that does not build",
    tree: () => {
      const tree = helloTree()
      return tree.write(`${SERVICE}/Dockerfile`, `${tree.read(`${SERVICE}/Dockerfile`)}RUN ls /no-such-folder\n`)
    },
    stage: "package",
    status: 1,
    closing: /^package: failed — package \(hello\): image did not build: .*\/no-such-folder/,
    leaves: (run) => expect(run.text("logs/package-hello.log")).toContain("No such file or directory"),
  },
]

describe("the verdict of a stage, as exit status, closing line and reports", () => {
  it.each(ENDINGS)("$what", async ({ tree, stage, status, closing, leaves }) => {
    const run = newRun("verdict")
    const ended = await call([`--source=${tree().path}`, `--run-id=${run.runId}`, stage])
    expect(ended.status, ended.output).toBe(status)
    expect(closingLine(ended)).toMatch(closing)
    for (const file of ["run.json", "report.html", "summary.md", "junit.xml"]) expect(run.has(file), file).toBe(true)
    expect(run.record().runId).toBe(run.runId)
    leaves(run)
  })
})

describe("the exit status through the plain Dagger CLI", () => {
  it.each([
    { what: "1 for a red test", plant: plantFailure, status: 1, verdict: "failed" },
    { what: "2 for a test that hangs", plant: plantHang, status: 2, verdict: "error" },
  ])("is $what", async ({ plant, status, verdict }) => {
    const ended = await plainCall([`--source=${plant(helloTree()).path}`, "test"])
    expect(ended.status, ended.output).toBe(status)
    expect(closingLine(ended)).toContain(`test: ${verdict} — `)
  })
})

describe("a delivery.yaml that is wrong", () => {
  let broken: Tree
  beforeAll(() => {
    broken = helloTree().edit("delivery.yaml", (config) => {
      config.setIn(["services", "copy"], config.createNode({ path: "apps/helo", toolchain: "node", image: "hello/copy", port: 8080 }))
      config.setIn(["services", "hello", "rotues"], config.createNode(["/"]))
    })
  })

  it("is an error that tells every problem with its line, and the report still comes out", async () => {
    const run = newRun("broken-config")
    const ended = await call([`--source=${broken.path}`, `--run-id=${run.runId}`, "pipeline"])
    expect(ended.status, ended.output).toBe(2)
    expect(closingLine(ended)).toMatch(/^pipeline: error — /)
    const lines = broken.read("delivery.yaml").split("\n")
    const lineOf = (text: RegExp): number => lines.findIndex((line) => text.test(line)) + 1
    const problems = [
      { line: lineOf(/rotues/), says: /unknown key `rotues`\. Did you mean `routes`\?/ },
      { line: lines.length - 1 - [...lines].reverse().slice(1).findIndex((line) => /port: 8080/.test(line)), says: /8080, which `hello` has too/ },
      { line: lineOf(/path: apps\/helo\b/), says: /`apps\/helo`, which does not exist\. Did you mean `apps\/hello`\?/ },
    ]
    for (const { line, says } of problems) {
      const told = ended.output.split("\n").filter((text) => says.test(text))
      expect(told.length, `${says} in\n${ended.output}`).toBeGreaterThan(0)
      expect(told[0]).toContain(`delivery.yaml:${line}: `)
    }
    expect(run.record()).toMatchObject({ verdict: "error", stages: [{ stage: "configuration", verdict: "error" }] })
    for (const { says } of problems) expect(run.text("report.html")).toMatch(new RegExp(says.source.replaceAll("`", "(`|&#96;)")))
    for (const file of ["summary.md", "junit.xml"]) expect(run.has(file), file).toBe(true)
  })
})
