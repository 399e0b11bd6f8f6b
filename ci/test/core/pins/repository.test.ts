import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { parseConfig } from "../../../src/core/config/config.js"
import { languageImages, parsePins } from "../../../src/core/pins.js"
import { isOwnImage, judgePins } from "../../../src/core/pins/check.js"
import { refuseNullPins } from "../../../src/core/pins/refuse.js"
import { referencesIn, type OutsideReference } from "../../../src/core/pins/references.js"
import { planPipeline } from "../../../src/core/plan.js"
import { diskReader } from "../disk.js"

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url))
const read = (path: string): string => readFileSync(`${ROOT}${path}`, "utf8")
const pins = await parsePins(read("pins.yaml"), "pins.yaml")
const config = await parseConfig(read("delivery.yaml"), "delivery.yaml", diskReader(ROOT, languageImages(pins)))

// Also what is not added yet: a check that only sees commits comes too late. This folder's tests name images that nobody pulls.
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT, encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "" && !/\.test\.ts$/.test(path) && path !== "delivery.yaml")
const referencesOf = (path: string, text: string): readonly OutsideReference[] => referencesIn(path, text).filter((reference) => !isOwnImage(config, reference))
const all = files.filter((path) => /Dockerfile|Jenkinsfile|\.(ya?ml|tpl|ts)$/.test(path)).flatMap((path) => referencesOf(path, read(path)))
const judge = (references: readonly OutsideReference[]) => judgePins({ pins, references, files: files.length, answers: null, notAsked: "" })

describe("this repository", () => {
  it("names nothing from elsewhere that pins.yaml lacks", () => {
    expect(judge(all).findings.filter(({ severity }) => severity === "high")).toEqual([])
  })

  it("has references of every kind that it should, so that the check above says something", () => {
    const where = new Set(all.map(({ file }) => file))
    for (const file of ["apps/backend/Dockerfile", "apps/frontend/Dockerfile", "apps/ai-ml/Dockerfile", ".gitlab-ci.yml", "charts/platform/manifests/20-coredns.yaml", "charts/platform/manifests/30-traefik.yaml", "charts/platform/metrics/prometheus.yaml"]) expect(where).toContain(file)
  })

  it.each([
    ["apps/backend/Dockerfile", "FROM alpine:3.22\n"],
    ["charts/docuthinker/templates/job.yaml", "image: busybox\n"],
    [".gitlab-ci.yml", "image: docker:28-cli\n"],
    ["ci/src/edges/x.ts", 'dag.container().from("node:23")\n'],
  ])("would not pass with another image in %s", (path, text) => {
    expect(judge(referencesOf(path, text)).verdict).toBe("failed")
  })

  it("asks in its code only for images that pins.yaml has", () => {
    const keys = files.filter((path) => path.startsWith("ci/src/")).flatMap((path) => [...read(path).matchAll(/\b(?:image|artifact)\("([a-z0-9-]+)"\)|imageKey: "([a-z0-9-]+)"/g)].map(([, key, imageKey]) => key ?? imageKey ?? ""))
    expect(keys.length).toBeGreaterThan(5)
    expect(keys.filter((key) => pins.images[key] === undefined)).toEqual([])
  })
})

describe("an environment that needs an approval", () => {
  const plan = planPipeline(config, { environments: ["production"], until: "production-plan" })

  it("refuses what is pinned by tag alone, and says what to do", () => {
    expect(() => refuseNullPins(config, plan, pins, "upstream")).toThrow(/environment `production`: expected every image and tool by digest, got \d+ in pins.yaml without one: images.debian.*Run `.\/daggerw call pins-fill`/)
  })

  it("takes it from a mirror, which is pinned by its recipes", () => {
    expect(() => refuseNullPins(config, plan, pins, "mirror")).not.toThrow()
  })

  it("takes what has no digest by design", () => {
    const filled = { ...pins, images: Object.fromEntries(Object.entries(pins.images).map(([key, pin]) => [key, pin.pin === "digest" ? { ...pin, digest: `sha256:${"a".repeat(64)}` } : pin])), tools: {} }
    expect(filled.images["trivy-db"]?.digest).toBeNull()
    expect(() => refuseNullPins(config, plan, filled, "upstream")).not.toThrow()
  })

  it("is the only one that does", () => {
    expect(() => refuseNullPins(config, planPipeline(config, { environments: ["local"] }), pins, "upstream")).not.toThrow()
  })
})
