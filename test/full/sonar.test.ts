// SonarQube's own server and scanner on a real engine: what its gate passes and stops, and every way in which there is no verdict.
import { randomBytes } from "node:crypto"
import { describe, expect, it } from "vitest"
import { call, startCall } from "../support/daggerw.js"
import { helloTree } from "../support/fixture.js"
import { newRun } from "../support/runs.js"
import type { Tree } from "../support/trees.js"

const FILE_SECONDS = 1500
// Analysed anew, whatever an earlier run of these tests has left in the volume.
const fresh = (more: Readonly<Record<string, unknown>> = {}): Tree =>
  helloTree()
    .write("apps/hello/VERSION", randomBytes(8).toString("hex"))
    // No test starts its server, so that would be red by itself.
    .edit("delivery.yaml", (config) => config.set("sonar", config.createNode({ projectKey: "hello", exclusions: ["**/server.mjs"], ...more })))

async function sonarOf(tree: Tree, what: string, env: Readonly<Record<string, string>> = {}) {
  const run = newRun(what)
  // daggerw names the credentials of the tree that it is called in, which is not this one.
  const credentials = Object.keys(env).map((name) => `--credentials=env:${name}`)
  const ended = await call([...credentials, `--source=${tree.path}`, `--run-id=${run.runId}`, "sonar"], { limitSeconds: FILE_SECONDS, env })
  return { run, ended, row: run.stage("sonar") }
}

const UNCOVERED = `export function quotient(left, right) {
  if (left == NaN) return 0
  if (right === 0) return 0
  return left / right
}

export function remainder(left, right) {
  if (right === 0) return 0
  return left % right
}
`

describe("the gate", () => {
  it("passes clean and covered code, and starts no server for the same again", async () => {
    const tree = fresh()
    const first = await sonarOf(tree, "sonar-green")
    expect(first.ended.status, first.ended.output).toBe(0)
    expect(first.row).toMatchObject({ verdict: "passed", cached: false, reason: expect.stringMatching(/^quality gate passed: .*coverage \d.*; \d+ lines of code, \d+ issues?; [1-9]\d* tests? imported.*; server up after \d+ s, of which the pipeline waited \d+ s/) })
    expect(JSON.parse(first.run.text("sonar/result.json"))).toMatchObject({ task: { status: "SUCCESS" }, gate: { status: "OK" }, measures: { tests: expect.stringMatching(/^[1-9]/) } })
    const again = await sonarOf(tree, "sonar-again")
    expect(again.ended.status, again.ended.output).toBe(0)
    expect(again.row).toMatchObject({ verdict: "passed", cached: true, reason: expect.stringMatching(new RegExp(`unchanged since run ${first.run.runId}, so no server was started`)) })
    expect(again.row.durationSeconds).toBeLessThan(20)
  })

  it("stops code without tests and with a bug, naming each condition and the bug's line, and passes it when mended", async () => {
    const tree = fresh().write("apps/hello/quotient.mjs", UNCOVERED)
    const red = await sonarOf(tree, "sonar-red")
    expect(red.ended.status, red.ended.output).toBe(1)
    expect(red.row).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/^quality gate failed: (?=.*coverage \d[\d.]*, at least 80 is required)(?=.*software_quality_reliability_rating [B-E], at most A is required)/) })
    expect(red.row.findings).toContainEqual(expect.objectContaining({ rule: "sonarqube/javascript:S2688", file: "apps/hello/quotient.mjs", line: 2 }))
    const mended = await sonarOf(tree.remove("apps/hello/quotient.mjs"), "sonar-mended")
    expect(mended.row, mended.ended.output).toMatchObject({ verdict: "passed", cached: false })
  })

  it("does not pass what it has no data for", async () => {
    const { ended, row } = await sonarOf(fresh({ gate: [{ metric: "branch_coverage", op: "LT", error: 10 }] }), "sonar-no-data")
    expect(ended.status, ended.output).toBe(3)
    expect(row).toMatchObject({ verdict: "inconclusive", reason: expect.stringMatching(/^the quality gate has no data for branch_coverage/) })
  })
})

describe("without a verdict of the gate", () => {
  it.each([
    ["a server that is not up in time", () => fresh({ startSeconds: 5 }), /its start did not end within 5 s \(sonar\.startSeconds in delivery\.yaml\); last answer: /],
    ["a server that ends instead", () => fresh().edit("delivery.yaml", (config) => config.setIn(["images", "sonarqube"], "debian:bookworm-slim")), /ended before it was up; its log: .*(not found|No such file)/],
    // The server refuses an analysis that is older than the one before, once the scanner has handed it over.
    ["an analysis that the server cannot work in", () => fresh({ properties: { "sonar.projectDate": "2001-01-01" } }), /^SonarQube did not work the analysis in: task FAILED: .*older than the date of the last known analysis/],
    ["no file to analyse", () => fresh({ exclusions: ["**/*"] }), /^SonarQube found no line of code|^sonar-scanner ended with/],
    ["a server of one's own that does not answer", () => fresh({ hostUrl: "http://127.0.0.1:9", token: "SONAR_TOKEN_OF_TEST" }), /^sonar-scanner ended with \d+: .*127\.0\.0\.1/],
  ])("%s is an error", async (_, tree, reason) => {
    const { ended, row } = await sonarOf(tree(), "sonar-error", { SONAR_TOKEN_OF_TEST: "sqa_0000000000000000" })
    expect(ended.status, ended.output).toBe(2)
    expect(row).toMatchObject({ verdict: "error", reason: expect.stringMatching(reason) })
    expect(ended.output).not.toContain("sqa_0000000000000000")
  })
})

it("lets a second run wait for the first", async () => {
  const runs = [newRun("sonar-one"), newRun("sonar-two")]
  const calls = runs.map(({ runId }) => startCall([`--source=${fresh().path}`, `--run-id=${runId}`, "sonar"], { limitSeconds: FILE_SECONDS }))
  const ended = await Promise.all(calls.map((each) => each.ended))
  expect(ended.map(({ status }) => status), ended.map(({ output }) => output).join("\n")).toEqual([0, 0])
  const reasons = runs.map((run) => run.stage("sonar").reason)
  expect(reasons.filter((reason) => /waited \d+ s for another run/.test(reason)), reasons.join("\n")).toHaveLength(1)
})
