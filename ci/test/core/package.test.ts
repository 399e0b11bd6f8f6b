import { describe, expect, it } from "vitest"
import fc from "fast-check"
import { finalBase } from "../../src/core/package/final-base.js"
import { createdTime, imageLabels, imageTags, isVersionTag, normalConfig } from "../../src/core/package/image-facts.js"
import { withoutTimes } from "../../src/core/package/tar-times.js"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync, mkdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const LONG = `${"folder-with-a-long-name/".repeat(6)}file.txt`

/** A real archive of the same files at another time. */
function archive(seconds: number, format: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "delivery-tar-"))
  try {
    mkdirSync(join(folder, LONG.replace("/file.txt", "")), { recursive: true })
    for (const [name, text] of [["a.txt", "one\n"], [LONG, "two\n"], ["empty", ""], ["ü.txt", "x".repeat(1000)]] as const) {
      writeFileSync(join(folder, name), text)
      utimesSync(join(folder, name), seconds, seconds)
    }
    symlinkSync("a.txt", join(folder, "link"))
    execFileSync("tar", ["--sort=name", `--format=${format}`, `--mtime=@${seconds}`, "-cf", join(folder, "../made.tar"), "."], { cwd: folder })
    return readFileSync(join(folder, "../made.tar"))
  } finally {
    rmSync(folder, { recursive: true })
    rmSync(join(folder, "../made.tar"), { force: true })
  }
}

const listed = (tar: Uint8Array): string => execFileSync("tar", ["--utc", "--full-time", "-tvf", "-"], { input: tar, encoding: "utf8" })

const withoutDates = (listing: string): string => listing.replace(/ +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? +/g, " ").replace(/ +/g, " ")

describe.each(["gnu", "pax", "ustar"])("an archive in format %s", (format) => {
  const [one, other] = [archive(1_700_000_000.25, format), archive(1_800_000_000.5, format)]

  it("is the same whenever it was made, and is still read by tar, with all its files", () => {
    expect(Buffer.compare(one, other)).not.toBe(0)
    expect(Buffer.compare(withoutTimes(one), withoutTimes(other))).toBe(0)
    const [before, after] = [listed(one), listed(withoutTimes(one))]
    expect(after).not.toContain("2023")
    expect(withoutDates(after)).toBe(withoutDates(before))
  })

  it("has the contents that it had", () => {
    expect(execFileSync("tar", ["-xOf", "-", `./${LONG}`], { input: withoutTimes(one), encoding: "utf8" })).toBe("two\n")
  })
})

it("refuses an archive that is cut off", () => {
  const tar = archive(1_700_000_000, "gnu")
  const at = Buffer.from(tar).indexOf("xxxxxxxx")
  expect(() => withoutTimes(tar.slice(0, at + 100))).toThrow(/the archive ends within the file at \d+/)
})

it("never ends on whatever bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 4096 }), (bytes) => {
    try {
      expect(withoutTimes(bytes).length % 512).toBe(0)
    } catch (error) {
      expect((error as Error).message).toMatch(/the archive ends within the file/)
    }
  }))
})

describe("the image below", () => {
  it.each([
    ["FROM node:24", "node:24"],
    ["ARG NODE_IMAGE=node:24\nFROM ${NODE_IMAGE} AS build\nFROM $NODE_IMAGE", "node@filled"],
    ["FROM node:24 AS base\nFROM golang:1 AS build\nFROM base AS final", "node:24"],
    ["FROM golang:1 AS build\nFROM scratch", null],
    ["FROM --platform=$BUILDPLATFORM alpine:3 AS a\nfrom a as b\nFROM B", "alpine:3"],
    ["FROM ${UNKNOWN}", null],
    ["", null],
  ])("of %j is %j", (dockerfile, base) => {
    expect(finalBase(dockerfile, { NODE_IMAGE: "node@filled" })).toBe(base)
  })
})

describe("what an image says of itself", () => {
  const facts = { commit: "c".repeat(40), dirty: false, commitTime: "2026-11-23T16:00:00Z", version: "v1.2.0", repository: "https://example.org/shop" }

  it("is revision, version, time and source", () => {
    expect(imageLabels(facts, "shop/web")).toEqual({
      "org.opencontainers.image.title": "shop/web",
      "org.opencontainers.image.revision": "c".repeat(40),
      "org.opencontainers.image.version": "v1.2.0",
      "org.opencontainers.image.created": "2026-11-23T16:00:00Z",
      "org.opencontainers.image.source": "https://example.org/shop",
    })
  })

  it("names no commit that does not hold it, and invents nothing", () => {
    const labels = imageLabels({ ...facts, dirty: true, version: "", commitTime: "", repository: null }, "shop/web")
    expect(labels).toMatchObject({ "org.opencontainers.image.revision": `${"c".repeat(40)}-dirty`, "org.opencontainers.image.version": `${"c".repeat(40)}-dirty`, "org.opencontainers.image.created": "1970-01-01T00:00:00Z" })
    expect(labels).not.toHaveProperty("org.opencontainers.image.source")
  })

  it("is the same configuration, whatever the engine noted of the building", () => {
    const made = (history: object[], created: string) => ({ architecture: "amd64", created, config: { Env: ["A=1"], Labels: { z: "1", a: "2" } }, history, rootfs: { type: "layers", diff_ids: ["sha256:1", "sha256:2"] } })
    const normal = (config: ReturnType<typeof made>) => JSON.stringify(normalConfig(config, { created: createdTime(facts), labels: { m: "3" }, diffIds: ["sha256:1", "sha256:3"], base: "node:24", baseLayers: 1, platform: null }))
    const [one, other] = [normal(made([{ created: "x", created_by: "rehydrated" }], "2026-01-01")), normal(made([], "2026-02-02"))]
    expect(one).toBe(other)
    expect(JSON.parse(one)).toMatchObject({
      created: "2026-11-23T16:00:00Z",
      config: { Env: ["A=1"], Labels: { a: "2", m: "3", z: "1" } },
      history: [{ created_by: "FROM node:24" }, { created_by: "Dockerfile" }],
      rootfs: { diff_ids: ["sha256:1", "sha256:3"] },
    })
  })

  it("is of the platform that was asked for, whatever the engine says", () => {
    const facts = { created: "2026-11-23T16:00:00Z", labels: {}, diffIds: [], base: null, baseLayers: 0 }
    expect(normalConfig({ architecture: "amd64", os: "linux" } as object, { ...facts, platform: "linux/arm64/v8" })).toMatchObject({ os: "linux", architecture: "arm64", variant: "v8" })
    expect(normalConfig({ architecture: "amd64", os: "linux" } as object, { ...facts, platform: null })).toMatchObject({ architecture: "amd64" })
  })
})

describe("the tags of a release", () => {
  it("are the commit, and the version where there is one", () => {
    expect(imageTags({ commit: "abc", version: "v1" })).toEqual(["abc", "v1"])
    expect(imageTags({ commit: "abc", version: "" })).toEqual(["abc"])
  })

  it.each([["v1.4.0", true], ["latest", false], ["a b", false], [".1", false], ["", false]])("%j may be one: %s", (version, expected) => {
    expect(isVersionTag(version)).toBe(expected)
  })
})
