import { describe, expect, it } from "vitest"
import { mergePins, parsePins } from "../../../src/core/pins.js"
import { judgePins, type PinAnswers, type PinsInput } from "../../../src/core/pins/check.js"
import { changedPins, checksumsByPlatform } from "../../../src/core/pins/fill.js"

const [OLD, NEW] = [`sha256:${"a".repeat(64)}`, `sha256:${"b".repeat(64)}`]
const TEXT = `# Kept.
images:
  # Why.
  node:
    name: node
    tag: "24"
    digest: null
    reason: none yet
    recipe: official image
  helm: {name: alpine/helm, tag: 4.3.1, digest: "${OLD}", recipe: published image}
  db: {name: ghcr.io/x/db, tag: "2", digest: null, reason: it moves, recipe: published artifact, pin: age}
charts:
  redis: {name: https://charts.example/redis, version: 19.0.1}
actions:
  checkout: {name: actions/checkout, version: v5}
tools:
  dagger: {version: v0.21.7, sha256: null, reason: none yet, checksums: "https://x/{version}/sums"}
`
const pins = await parsePins(TEXT, "pins.yaml")

const judge = (change: Partial<PinsInput>) => judgePins({ pins, references: [], files: 3, answers: null, notAsked: "not asked", ...change })
const named = (text: string, kind: "image" | "action" | "chart" = "image") => judge({ references: [{ kind, text, file: "apps/x/Dockerfile", line: 4 }] })
const tag = (digest: string): PinAnswers => ({ tag: { kind: "digest", digest }, digest: { kind: "digest", digest: OLD } })

describe("a reference", () => {
  it.each(["node:24", "docker.io/library/node:24", `alpine/helm:4.3.1@${OLD}`, `alpine/helm@${OLD}`, "delivery.dev/image/node"])("%s is in pins.yaml", (text) => {
    expect(named(text)).toMatchObject({ verdict: "passed", reason: "1 reference in 3 files; 1 images by digest, 1 by tag alone; not asked" })
  })

  it.each([
    ["alpine:3", /^1 fault: apps\/x\/Dockerfile:4: alpine:3 is not in pins.yaml: add it/],
    ["node:22", /node:22: pins.yaml has 24 \(node\)/],
    ["node", /node has no tag, so it is whatever comes next: pins.yaml has 24/],
    [`alpine/helm:4.3.1@${NEW}`, /pins.yaml has 4.3.1@sha256:aaaa/],
    ["node:24!", /expected an image with a tag or digest/],
    ["delivery.dev/image/coredns", /pins.yaml has no image `coredns`/],
  ])("%s fails", (text, reason) => {
    expect(named(text)).toMatchObject({ verdict: "failed", reason: expect.stringMatching(reason), findings: expect.arrayContaining([expect.objectContaining({ severity: "high", file: "apps/x/Dockerfile", line: 4 })]) })
  })

  it.each([
    ["action", "actions/checkout@v5", "passed"],
    ["action", "actions/checkout@v4", "failed"],
    ["chart", "https://charts.example/redis:19.0.1", "passed"],
    ["chart", "https://charts.example/redis:20.0.0", "failed"],
  ] as const)("of an %s: %s %s", (kind, text, verdict) => {
    expect(named(text, kind).verdict).toBe(verdict)
  })
})

describe("what registries answer", () => {
  it("agrees", () => {
    expect(judge({ answers: { helm: tag(OLD) } })).toMatchObject({ verdict: "passed", reason: "0 references in 3 files; 1 images by digest, 1 by tag alone" })
  })

  it.each([
    ["another image under the tag", { helm: tag(NEW) }, /alpine\/helm:4.3.1 is sha256:bbbb.* in the registry, and sha256:aaaa.* here. Look why.*pins-fill --update helm/],
    ["that the digest is gone", { helm: { tag: { kind: "digest", digest: OLD }, digest: { kind: "missing", detail: "x answered 404" } } }, /the registry does not have alpine\/helm@sha256:aaaa.*: x answered 404/],
    ["that there is no such tag", { node: { tag: { kind: "missing", detail: "x answered 404" }, digest: null } }, /the registry has no tag node:24/],
  ] as const)("fails on %s", (_, answers, reason) => {
    expect(judge({ answers })).toMatchObject({ verdict: "failed", reason: expect.stringMatching(reason) })
  })

  it("is told when it is nothing", () => {
    const unanswered = { kind: "unanswered", detail: "x: ECONNREFUSED" } as const
    expect(judge({ answers: { helm: { tag: unanswered, digest: unanswered } } })).toMatchObject({ verdict: "passed", reason: expect.stringMatching(/the registry did not answer for 1: helm: x: ECONNREFUSED$/) })
  })

  it("leaves the reason of each pin without a digest in the findings", () => {
    expect(judge({}).findings.map(({ message }) => message)).toEqual(["images.node has no digest: none yet", "images.db has no digest: it moves", "tools.dagger has no checksum: none yet"])
  })
})

describe("pins.yaml with what was answered", () => {
  it("keeps comments and all that was not asked about", async () => {
    const filled = await changedPins(TEXT, [{ path: ["images", "node"], values: { digest: NEW, reason: null } }, { path: ["tools", "dagger"], values: { sha256: { linux_amd64: "c".repeat(64) }, reason: null } }])
    expect(filled.split("\n").filter((line) => !TEXT.includes(line))).toEqual([`    digest: ${NEW}`, `  dagger: {version: v0.21.7, sha256: {linux_amd64: ${"c".repeat(64)}}, checksums: "https://x/{version}/sums"}`])
    expect(filled).toContain("# Kept.\nimages:\n  # Why.\n  node:\n")
    expect((await parsePins(filled, "pins.yaml")).images["node"]).toMatchObject({ digest: NEW, reason: null })
  })

  it("is the same when nothing was", async () => {
    expect(await changedPins(TEXT, [])).toBe(TEXT)
  })

  it("has the checksums of the platforms that a list names", () => {
    const list = `${"1".repeat(64)}  dagger_v0.21.7_linux_amd64.tar.gz\n${"2".repeat(64)} *dagger_v0.21.7_darwin_arm64.tar.gz\n${"3".repeat(64)}  dagger_v0.21.7_plan9_amd64.tar.gz\nbad\n`
    expect(checksumsByPlatform(list)).toEqual({ linux_amd64: "1".repeat(64), darwin_arm64: "2".repeat(64) })
  })
})

it("lays a tree's pins over the module's", async () => {
  const own = await parsePins("images:\n  node: {name: node, tag: '22', digest: null, reason: older, recipe: official image}\n", "pins.yaml")
  const merged = mergePins(own, pins)
  expect([merged.images["node"]?.tag, merged.images["helm"]?.tag, merged.tools["dagger"]?.version]).toEqual(["22", "4.3.1", "v0.21.7"])
})
