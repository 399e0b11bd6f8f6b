// Images on a real engine: built twice with nothing from the cache, and what they say of themselves.
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { removeAfterTests } from "../support/cleanup.js"
import { call, daggerw } from "../support/daggerw.js"
import { helloTree } from "../support/fixture.js"
import { newRun, type RunFolder } from "../support/runs.js"
import { differingFiles } from "../support/image-files.js"
import { productTree, type Tree } from "../support/trees.js"

const SERVICES = ["frontend", "backend", "ai-ml"]
const COMMIT = "1".repeat(40)
const FACTS = [`--commit=${COMMIT}`, "--commit-time=2026-11-23T12:00:00Z", "--dirty=false"]

interface MadeImage {
  readonly digest: string
  readonly manifest: { readonly layers?: readonly { readonly digest: string }[]; readonly manifests?: readonly { readonly platform?: { readonly architecture: string } }[]; readonly annotations: Readonly<Record<string, string>> }
}

/** Every RUN of every stage has another parent, so nothing of it comes from the cache; the last stage takes what they made. */
function fromNothing(tree: Tree, dockerfiles: readonly string[], nonce: string): Tree {
  for (const file of dockerfiles) tree.write(file, tree.read(file).replace(/^FROM .* AS .*$/gm, (line) => `${line}\nRUN echo ${nonce}`))
  return tree
}

async function packaged(what: string, tree: Tree, more: readonly string[] = []): Promise<RunFolder> {
  const run = newRun(what)
  const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, ...FACTS, ...more, "package"], { limitSeconds: 1500 })
  expect(ended.status, ended.output).toBe(0)
  return run
}

const image = (run: RunFolder, service: string): MadeImage => JSON.parse(run.text(`images/${service}.json`)) as MadeImage

async function exported(tree: Tree, context: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "delivery-export-"))
  removeAfterTests(folder)
  const file = join(folder, "image.tar")
  const ended = await daggerw(["core", "host", "directory", "--path", join(tree.path, context), "with-timestamps", "--timestamp", "0", "docker-build", "as-tarball", "-o", file], { limitSeconds: 900 })
  expect(ended.status, ended.output).toBe(0)
  return file
}

describe("two builds of one commit", () => {
  it("make the same image of each of this repository's services", async () => {
    const dockerfiles = SERVICES.map((service) => `apps/${service}/Dockerfile`)
    const trees = ["one", "other"].map((nonce) => fromNothing(productTree(), dockerfiles, `${nonce} ${Date.now()}`))
    const [one, other] = [await packaged("package-one", trees[0] as Tree), await packaged("package-other", trees[1] as Tree)]
    for (const service of SERVICES) {
      const [first, second] = [image(one, service), image(other, service)]
      const names = first.digest === second.digest ? [] : differingFiles(await exported(trees[0] as Tree, `apps/${service}`), await exported(trees[1] as Tree, `apps/${service}`))
      expect([service, first, names]).toEqual([service, second, []])
    }
  })

  it("differ by what a build writes differently each time, which is told by name", async () => {
    const tree = (): Tree => {
      const planted = helloTree()
      const lines = planted.read("apps/hello/Dockerfile").replace("FROM ${NODE_IMAGE}\n", "FROM ${NODE_IMAGE} AS made\nRUN date +%s%N >/when && echo same >/what\nFROM ${NODE_IMAGE}\nCOPY --from=made /when /what /app/\n")
      return fromNothing(planted.write("apps/hello/Dockerfile", lines), ["apps/hello/Dockerfile"], `${Date.now()}-${Math.random()}`)
    }
    const trees = [tree(), tree()]
    const runs = [await packaged("package-date", trees[0] as Tree), await packaged("package-date-again", trees[1] as Tree)]
    expect(image(runs[0] as RunFolder, "hello").digest).not.toBe(image(runs[1] as RunFolder, "hello").digest)
    expect(differingFiles(await exported(trees[0] as Tree, "apps/hello"), await exported(trees[1] as Tree, "apps/hello"))).toEqual(["app/when"])
  })
})

describe("an image", () => {
  it("says what it was made from, shares the layers of its base, and has the version that it was given", async () => {
    const run = await packaged("package-labels", helloTree().edit("delivery.yaml", (config) => config.set("repository", "https://example.org/hello")), ["--release-version=v1.2.0"])
    const { manifest } = image(run, "hello")
    expect(manifest.annotations).toEqual({
      "org.opencontainers.image.title": "hello/hello",
      "org.opencontainers.image.revision": COMMIT,
      "org.opencontainers.image.version": "v1.2.0",
      "org.opencontainers.image.created": "2026-11-23T12:00:00Z",
      "org.opencontainers.image.source": "https://example.org/hello",
    })
    const other = image(await packaged("package-other-service", helloTree().write("apps/hello/greeting.mjs", "export const greeting = (name) => `hello, ${name}`\n")), "hello")
    const shared = (manifest.layers ?? []).filter(({ digest }) => other.manifest.layers?.some((layer) => layer.digest === digest))
    expect(shared.length).toBe((manifest.layers ?? []).length - 1)
  })

  it("is one of several platforms where delivery.yaml asks for them", async () => {
    const tree = helloTree()
      .write("apps/hello/Dockerfile", "FROM scratch\nCOPY package.json /\n")
      .edit("delivery.yaml", (config) => config.setIn(["services", "hello", "platforms"], ["linux/amd64", "linux/arm64"]))
    const { manifest } = image(await packaged("package-platforms", tree), "hello")
    expect(manifest.manifests?.map(({ platform }) => platform?.architecture)).toEqual(["amd64", "arm64"])
  })

  it("is refused a version that moves", async () => {
    const ended = await call([`--source=${helloTree().path}`, "--release-version=latest", "package"])
    expect(ended.output).toMatch(/--release-version: expected a version that can be a tag and does not move/)
    expect(ended.status).toBe(2)
  })
})
