// Pins on a real engine, asked of a real registry that stands in for the publishers'.
import { beforeAll, describe, expect, it } from "vitest"
import { parse } from "yaml"
import { wires } from "../../airgap/lib/network.mjs"
import { RegistryRepository } from "../../ci/src/edges/registry-client.js"
import { pushImage, startRegistry } from "../support/cosign.js"
import { runCommand } from "../support/command.js"
import { call, closingLine, ROOT } from "../support/daggerw.js"
import { helloTree } from "../support/fixture.js"
import { newRun } from "../support/runs.js"
import type { Tree } from "../support/trees.js"

interface PinsFile {
  readonly images: Readonly<Record<string, { readonly name: string; readonly tag: string; readonly digest: string | null; readonly reason?: string }>>
}

const NOBODY = `${wires.engine.host}:9`
const OTHER = `sha256:${"0".repeat(64)}`
let registry = ""
let digests: Readonly<Record<string, string>> = {}

beforeAll(async () => {
  registry = (await startRegistry(wires.engine.host)).address
  const { images } = parse(helloTree().read("pins.yaml")) as PinsFile
  const pushed = Object.entries(images).map(async ([key, { name, tag }]): Promise<[string, string]> => {
    const digest = await pushImage(registry, name, key)
    await tagged(name, tag, digest)
    return [key, digest]
  })
  digests = Object.fromEntries(await Promise.all(pushed))
})

async function tagged(name: string, tag: string, digest: string): Promise<void> {
  const repository = new RegistryRepository(`${registry}/${name}`)
  const manifest = await repository.manifest(digest)
  if (manifest === null) throw new Error(`${name}: the registry does not have what was pushed`)
  await repository.putManifest(tag, manifest)
}

const asking = (address: string): string[] => ["--images=upstream", `--mirror-url=http://${address}`]
const withDigest = (key: string, digest: string) => helloTree().edit("pins.yaml", (pins) => pins.setIn(["images", key, "digest"], digest))

async function pins(tree: Tree, address: string) {
  const run = newRun("pins")
  const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, ...asking(address), "pins"], { limitSeconds: 300 })
  return { ended, row: run.stage("pins"), closing: closingLine(ended) }
}

const fill = (tree: Tree, address: string, more: readonly string[] = []) => runCommand([`${ROOT}/daggerw`, "call", ...asking(address), "pins-fill", ...more], { cwd: tree.path, limitSeconds: 300 })

describe("pins", () => {
  it("passes where the registry has what pins.yaml says, and tells what has no digest", async () => {
    const { ended, row } = await pins(withDigest("node", digests["node"] ?? ""), registry)
    expect(ended.status, ended.output).toBe(0)
    expect(row).toMatchObject({ verdict: "passed", reason: expect.stringMatching(/; 1 images by digest, \d+ by tag alone$/) })
    expect(row.findings).toContainEqual(expect.objectContaining({ severity: "info", message: expect.stringContaining("images.debian has no digest: ") }))
  })

  it("fails where a tag has moved, and where a digest is gone", async () => {
    const { ended, row } = await pins(withDigest("node", digests["debian"] ?? ""), registry)
    expect(ended.status, ended.output).toBe(1)
    expect(row.findings).toContainEqual(expect.objectContaining({ rule: "pins.gone", message: expect.stringMatching(/images\.node: the registry does not have node@sha256/) }))
    const repository = new RegistryRepository(`${registry}/node`)
    const moved = await pushImage(registry, "node", "made anew by its publisher")
    expect(await repository.manifest(moved)).not.toBeNull()
    const { row: second } = await pins(withDigest("node", moved), registry)
    expect(second).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/node:24-bookworm-slim is sha256:.* in the registry, and sha256:.* here/) })
  })

  it("says that a registry did not answer, and compares nothing", async () => {
    const { ended, row } = await pins(withDigest("node", OTHER), NOBODY)
    expect(ended.status, ended.output).toBe(0)
    expect(row.reason).toMatch(/the registry did not answer for \d+: .*no answer from/)
  })
})

describe("pins-fill", () => {
  it("writes what the registry answered, keeps the rest, and says why what nobody answered stays null", async () => {
    const tree = helloTree().edit("pins.yaml", (file) => file.setIn(["images", "ghost"], file.createNode({ name: "no/such", tag: "1", digest: null, reason: "none yet", recipe: "none" })))
    const before = tree.read("pins.yaml")
    const ended = await fill(tree, registry)
    expect(ended.status, ended.output).toBe(0)
    const { images } = parse(tree.read("pins.yaml")) as PinsFile
    expect(images["node"]).toMatchObject({ digest: digests["node"] })
    expect(images["node"]).not.toHaveProperty("reason")
    expect(images["ghost"]).toMatchObject({ digest: null, reason: "its registry has no such tag: no/such:1" })
    expect(images["trivy-db"]).toMatchObject({ digest: null })
    for (const comment of before.split("\n").filter((line) => line.trim().startsWith("#"))) expect(tree.read("pins.yaml")).toContain(comment.trim())
  })

  it("writes no digest that nobody answered, and none of a mirror's own builds", async () => {
    const tree = helloTree()
    expect((await fill(tree, NOBODY)).status).toBe(0)
    expect(tree.read("pins.yaml")).not.toMatch(/sha256:[0-9a-f]/)
    const refused = await runCommand([`${ROOT}/daggerw`, "call", "--images=mirror", "pins-fill"], { cwd: tree.path, limitSeconds: 300 })
    expect(refused.output).toMatch(/expected registries of the publishers, got a mirror that builds its images itself/)
    expect(refused.status).toBe(2)
  })

  it("asks again about what has a digest only when it is told to", async () => {
    const tree = withDigest("node", OTHER)
    expect((await fill(tree, registry)).status).toBe(0)
    expect((parse(tree.read("pins.yaml")) as PinsFile).images["node"]?.digest).toBe(OTHER)
    expect((await fill(tree, registry, ["--update=node"])).status).toBe(0)
    expect((parse(tree.read("pins.yaml")) as PinsFile).images["node"]?.digest).toBe(digests["node"])
  })
})

describe("production", () => {
  it("is refused what is pinned by tag alone, before anything runs", async () => {
    const tree = helloTree().edit("delivery.yaml", (config) => {
      config.setIn(["registry"], config.createNode({ address: "registry.invalid/hello" }))
      config.setIn(["environments", "production"], config.createNode({ kubeconfig: "KUBECONFIG_PRODUCTION", namespace: "hello", approval: "required" }))
    })
    const ended = await call([`--source=${tree.path}`, "--images=upstream", "deploy-plan", "--environment", "production"], { limitSeconds: 300 })
    expect(ended.output).toMatch(/environment `production`: expected every image and tool by digest, got \d+ in pins\.yaml without one/)
    expect(ended.status).toBe(2)
  })
})
