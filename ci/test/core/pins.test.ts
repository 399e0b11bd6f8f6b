import { describe, expect, it } from "vitest"
import { artifactAddress, imageRef, nullPins, parsePins } from "../../src/core/pins.js"

const DIGEST = `sha256:${"a".repeat(64)}`
const PINS = `images:
  node: {name: node, tag: 24-bookworm-slim, digest: null, reason: none yet, recipe: official image}
  helm: {name: alpine/helm, tag: 4.3.1, digest: "${DIGEST}", recipe: published image}
tools:
  dagger: {version: v0.21.7, sha256: null, reason: none yet}
`
const pins = await parsePins(PINS, "pins.yaml")

describe("the reference of an image", () => {
  it.each([
    ["has no digest while there is none", "node", {}, "node:24-bookworm-slim"],
    ["has the digest when there is one", "helm", {}, `alpine/helm:4.3.1@${DIGEST}`],
    ["is by tag behind a mirror, which is pinned by its recipes", "helm", { mirrorPrefix: "mirror.local:5000/x/" }, "mirror.local:5000/x/alpine/helm:4.3.1"],
    ["is delivery.yaml's when it has one", "node", { mirrorPrefix: "m", overrides: { node: "node:22" } }, "node:22"],
  ])("%s", (_, key, source, reference) => {
    expect(imageRef(pins, key, source)).toBe(reference)
  })

  it("is refused for an unknown key, with the nearest one", () => {
    expect(() => imageRef(pins, "nod")).toThrow("pins.yaml: no image `nod`. Did you mean `node`?")
  })
})

describe("the address of what is no image", () => {
  it.each([
    ["is the publisher's", {}, "ghcr.io/x/db:2", false],
    ["is behind a mirror that tools reach by themselves", { mirrorUrl: "http://mirror:5000/" }, "mirror:5000/ghcr.io/x/db:2", true],
    ["is so over HTTPS too", { mirrorUrl: "https://mirror/all" }, "mirror/all/ghcr.io/x/db:2", false],
    ["is behind the mirror of the images where there is no other", { mirrorPrefix: "mirror.example" }, "mirror.example/ghcr.io/x/db:2", false],
    ["is delivery.yaml's when it has one", { mirrorUrl: "http://mirror:5000", overrides: { db: "http://own:5000/db:2" } }, "own:5000/db:2", true],
  ])("%s", async (_, source, ref, plainHttp) => {
    const withArtifact = await parsePins('images:\n  db: {name: ghcr.io/x/db, tag: "2", digest: null, reason: it moves, recipe: published artifact}\n', "pins.yaml")
    expect(artifactAddress(withArtifact, "db", source)).toEqual({ ref, plainHttp })
  })
})

it("lists what is pinned by name alone", () => {
  expect(nullPins(pins)).toEqual(["images.node", "tools.dagger"])
})

it("reports every problem of pins.yaml at once, with its line", async () => {
  const broken = PINS.replace(", reason: none yet, recipe: official image", "").replace(DIGEST, "sha256:1").replace("version: v0.21.7", "version: 1")
  await expect(parsePins(broken, "pins.yaml")).rejects.toThrow(
    [
      "pins.yaml: 4 problems",
      "  pins.yaml:2: images.node.recipe: expected a text, got nothing. Write `recipe`.",
      "  pins.yaml:2: images.node: expected a `reason` beside an empty `digest`, got none. Write why there is none, or run `pins-fill`.",
      '  pins.yaml:3: images.helm.digest: expected `sha256:` and 64 hexadecimal digits, or null, got "sha256:1". Run `pins-fill`.',
      "  pins.yaml:5: tools.dagger.version: expected a text, got 1. Write `version`.",
    ].join("\n"),
  )
})
