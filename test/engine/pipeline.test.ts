import { readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { Ajv } from "../../ci/node_modules/ajv/dist/ajv.js"
import type { Ended } from "../support/command.js"
import { call, closingLine, ROOT } from "../support/daggerw.js"
import { newRun } from "../support/runs.js"
import { productTree } from "../support/trees.js"

const SERVICES = ["frontend", "backend", "ai-ml"]
// The chart brings small databases where none is outside, and the dead man's switch of a canary.
const IMAGES = [...SERVICES, "postgresql", "redis", "switch"]
const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(join(ROOT, "docs/run.schema.json"), "utf8")) as object)

describe("the whole pipeline on this checkout", () => {
  const run = newRun("pipeline")
  let ended: Ended
  beforeAll(async () => {
    ended = await call([`--run-id=${run.runId}`, "pipeline", "--skip", "sonar"], { limitSeconds: 1800 })
  })

  it("ends with status 0 and says so in its last line", () => {
    expect(ended.status, ended.output).toBe(0)
    // After it only the CLI may speak, of a session that an engine with much to do was slow to close.
    expect(ended.stdout.trimEnd().split("\n").findLast((line) => !line.includes("cleanup failed"))).toMatch(/^pipeline: passed — /)
    expect(closingLine(ended)).toMatch(/^pipeline: passed — /)
  })

  it("tells start and end of every stage", () => {
    for (const label of [...SERVICES.map((name) => `test (${name})`), "push", "deploy (local)", "canary (local)", "smoke (local)", "perf (local)"]) {
      expect(ended.output).toContain(`${label}: started`)
      expect(ended.output).toContain(`${label}: passed`)
    }
  })

  it("leaves a log that a CI system keeps whole and anybody can read", () => {
    expect(ended.output.length).toBeLessThan(500_000)
    // The engine colours what it says of a port itself, whatever the caller asks for.
    expect(ended.output.split("\n").filter((line) => line.includes("\u001b") && !/port (not ready|is healthy)/.test(line))).toEqual([])
  })

  it("has passed every stage, or skipped it with a reason", () => {
    const { stages, verdict } = run.record()
    expect(verdict).toBe("passed")
    for (const row of stages) {
      expect(["passed", "skipped"], `${row.stage} ${row.service ?? ""}: ${row.reason}`).toContain(row.verdict)
      if (row.verdict === "skipped") expect(row.reason).not.toBe("")
    }
    for (const stage of ["lint", "build", "test", "package", "scan-images"]) {
      for (const service of SERVICES) expect(run.stage(stage, service).verdict, `${stage} ${service}`).toBe("passed")
    }
    for (const stage of ["lint-files", "charts-check", "scan-files", "sign", "push", "deploy-plan", "deploy", "canary", "smoke", "perf"]) expect(run.stage(stage).verdict, stage).toBe("passed")
    expect(run.stage("sonar")).toMatchObject({ verdict: "skipped", skipKind: expect.stringMatching(/^(requested|not-configured)$/) })
  })

  it("writes a run.json that its schema allows", () => {
    expect(validate(run.record()), JSON.stringify(validate.errors)).toBe(true)
  })

  it.each([
    "report.html",
    "summary.md",
    "junit.xml",
    "junit/_pipeline.xml",
    "codequality.json",
    "sarif/lint-files.sarif",
    "sarif/scan-files.sarif",
    "scan/files.json",
    "sbom/_files.cdx.json",
    "release.json",
    "signing/cosign.pub",
    "canary/local.svg",
    "canary/local.json",
    "perf/local/summary.json",
    ...SERVICES.flatMap((name) => [`test/${name}/junit.xml`, `junit/${name}.xml`, `sarif/lint-${name}.sarif`, `coverage/${name}/cobertura.xml`, `coverage/${name}/lcov.info`, `scan/images/${name}.json`, `sbom/${name}.cdx.json`, `sbom/${name}.spdx.json`]),
  ])("leaves %s", (file) => {
    expect(run.text(file).trim()).not.toBe("")
  })

  it("has held the release against itself by a canary, judged by requests of our own, and shows its picture", () => {
    expect(run.stage("canary").reason).toMatch(/^promoted after \d+ s, 50 → 100 %, \d+ of \d+ \([\d.]+ %\) errors; .*; synthetic traffic: \d+ requests, \d+ failed$/)
    expect(run.text("report.html")).toContain('<img alt="canary/local.svg" src="data:image/svg+xml,')
  })

  it("leaves every file that a row names as evidence", () => {
    for (const { evidence } of run.record().stages) for (const file of evidence) expect(run.has(file), file).toBe(true)
  })

  it("says how its scanners were kept from the network, and what their database is", () => {
    for (const { stage, reason } of run.record().stages.filter(({ stage }) => stage.startsWith("scan-"))) expect(reason, stage).toMatch(/(; |^)(no network|egress was open \(.+\))$/)
    if (run.has("scan/database-sample.json")) expect(run.stage("scan-files").reason).toMatch(/sample database, \d+ advisories, not a security statement/)
  })

  it("signs every image, says what it is made of and from, and verifies that before it deploys", () => {
    const signer = "signed by the key of this run (ephemeral key, proves no identity)"
    expect(run.stage("sign").reason).toBe(`${IMAGES.length} images and release.json ${signer}; SBOMs (CycloneDX, SPDX) and provenance (SLSA Build L1) attested`)
    expect(run.stage("deploy-plan").reason).toContain(`${IMAGES.length} digests ${signer}`)
    const { signatureDigests, sbomDigests, provenanceDigests } = JSON.parse(run.text("release.json")) as Record<string, object>
    expect(Object.keys(signatureDigests ?? {}).sort()).toEqual([...IMAGES].sort())
    expect(Object.keys(sbomDigests ?? {}).sort()).toEqual([...IMAGES].sort())
    // Nobody here knows how a publisher made the others.
    expect(Object.keys(provenanceDigests ?? {}).sort()).toEqual([...SERVICES].sort())
  })

  it("releases every image by its digest", () => {
    const { images } = JSON.parse(run.text("release.json")) as { images: Record<string, { ref: string }> }
    expect(Object.keys(images).sort()).toEqual([...IMAGES].sort())
    for (const { ref } of Object.values(images)) expect(ref).toMatch(/^\S+@sha256:[0-9a-f]{64}$/)
  })
})

describe("a pipeline with a failing test in ai-ml", () => {
  it("fails that service's tests and no other's, packages nothing and names the case", async () => {
    const tree = productTree().write("apps/ai-ml/tests/test_planted.py", "def test_planted_failure():\n    assert 1 + 1 == 3\n")
    const run = newRun("planted")
    const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "pipeline", "--skip", "lint,audit,scan,sonar"])
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(/^pipeline: failed — test \(ai-ml\): 1 of \d+ tests failed: /)
    expect(run.stage("test", "ai-ml")).toMatchObject({ verdict: "failed" })
    for (const service of ["frontend", "backend"]) expect(run.stage("test", service).verdict, service).toBe("passed")
    const later = run.record().stages.filter(({ stage }) => ["package", "push", "deploy-plan", "deploy", "smoke", "perf"].includes(stage))
    expect(later.length).toBe(SERVICES.length + 5)
    for (const row of later) {
      expect(row, `${row.stage} ${row.service ?? ""}`).toMatchObject({ verdict: "skipped", skipKind: "upstream-failed", reason: expect.stringContaining("test (ai-ml): failed") })
    }
    expect(run.text("junit.xml")).toMatch(/<testcase [^>]*name="test_planted_failure"[^>]*>\s*<failure/)
    expect(validate(run.record()), JSON.stringify(validate.errors)).toBe(true)
  })
})
