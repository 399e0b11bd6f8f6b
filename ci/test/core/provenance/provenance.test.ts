import { describe, expect, it } from "vitest"
import { baseImages, provenancePredicate, type BuildFacts } from "../../../src/core/provenance/provenance.js"
import { readProvenance } from "../../../src/core/provenance/statement.js"

const COMMIT = "1".repeat(40)
const digest = `sha256:${"b".repeat(64)}`
const FACTS: BuildFacts = {
  project: "shop", service: "web", commit: COMMIT, dirty: false, dockerfile: "apps/web/Dockerfile", context: "apps/web",
  materials: [{ ref: "node:24-bookworm-slim", digest }, { ref: "internal/tools:1", digest: null }],
  runId: "run-1", engine: "v0.21.7", startedAt: "2026-11-23T16:00:00Z", finishedAt: "2026-11-23T16:05:00Z",
}
const envelope = (predicate: object): string => JSON.stringify({ payload: Buffer.from(JSON.stringify({ predicate })).toString("base64") })
const decode = (text: string): string => Buffer.from(text, "base64").toString("utf8")

describe("a provenance", () => {
  it("has the parts that SLSA v1 demands", () => {
    expect(provenancePredicate(FACTS)).toMatchObject({
      buildDefinition: { buildType: expect.any(String) as string, externalParameters: expect.any(Object) as object },
      runDetails: { builder: { id: expect.any(String) as string } },
    })
  })

  it("is read again as it was written", () => {
    expect(readProvenance(`${envelope(provenancePredicate(FACTS))}\n`, decode)).toEqual([
      {
        commit: COMMIT, dirty: false, builder: "urn:delivery:builder:dagger-module:v1", runId: "run-1", startedOn: FACTS.startedAt,
        materials: [{ uri: "oci://node:24-bookworm-slim", digest: "b".repeat(64) }, { uri: "oci://internal/tools:1", digest: null }],
      },
    ])
  })

  it("names no commit for what none holds", () => {
    const predicate = provenancePredicate({ ...FACTS, dirty: true })
    expect(JSON.stringify(predicate)).not.toContain("gitCommit")
    expect(readProvenance(envelope(predicate), decode)[0]).toMatchObject({ commit: null, dirty: true })
  })

  it("of somebody else says what it can, and garbage nothing", () => {
    expect(readProvenance(`${envelope({ buildDefinition: {} })}\nnot json\n\n`, decode)).toEqual([{ commit: null, dirty: false, builder: null, runId: null, startedOn: null, materials: [] }])
  })
})

describe("the images that a Dockerfile builds on", () => {
  it.each([
    ["an argument that pins.yaml fills", "ARG NODE_IMAGE=node:1\nFROM ${NODE_IMAGE} AS build\nFROM $NODE_IMAGE\nCOPY --from=build /a /a\n", ["node:24"]],
    ["its own default", "ARG BASE=debian:12\nFROM ${BASE}\n", ["debian:12"]],
    ["a stage, which is none", "FROM node:1 AS Build\nFROM build\n", ["node:1"]],
    ["nothing", "FROM scratch\n", []],
    ["a platform, and files of another image", "FROM --platform=linux/amd64 debian:12\nCOPY --chown=1:1 --from=ghcr.io/x/uv:1 /uv /uv\nCOPY --from=0 /a /b\n", ["debian:12", "ghcr.io/x/uv:1"]],
  ])("are found with %s", (_, dockerfile, images) => {
    expect(baseImages(dockerfile, { NODE_IMAGE: "node:24" })).toEqual(images)
  })
})
