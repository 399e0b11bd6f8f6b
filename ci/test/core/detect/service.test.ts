import { describe, expect, it } from "vitest"
import { parseConfig, type CheckoutReader } from "../../../src/core/config/config.js"
import { exposedPort } from "../../../src/core/dockerfile.js"
import { foldersUp, joinPath, nearestWith, relativeTo, type TreeFacts } from "../../../src/core/detect/tree.js"

const treeOf = (texts: Readonly<Record<string, string>>): TreeFacts => ({ paths: new Set(Object.keys(texts).flatMap((path) => [path, ...foldersUp(path)])), texts })

const reader = (texts: Readonly<Record<string, string>>): CheckoutReader => ({
  existing: (paths) => Promise.resolve(new Set(paths.filter((path) => treeOf(texts).paths.has(joinPath(path))))),
  facts: () => Promise.resolve(treeOf(texts)),
  images: [],
})

const PACKAGE = { "web/package.json": '{"name": "web", "version": "1.0.0"}', "web/package-lock.json": "{}" }

describe("a service of which only the path is written", () => {
  it("is known by its files", async () => {
    const files = { ...PACKAGE, "web/Dockerfile": "FROM scratch\nEXPOSE 8080/tcp\n" }
    const config = await parseConfig("version: 1\nproject: shop\nservices: {web: {path: web}}\n", "delivery.yaml", reader(files))
    expect(config.services["web"]).toMatchObject({ toolchain: "node", dockerfile: "web/Dockerfile", port: 8080, image: "shop/web", context: "web" })
  })

  it("needs neither Dockerfile nor port while nothing is deployed", async () => {
    const config = await parseConfig("version: 1\nproject: shop\nservices: {web: {path: web}}\n", "delivery.yaml", reader(PACKAGE))
    expect(config.services["web"]).toMatchObject({ dockerfile: null, port: null })
  })

  it("is refused when no toolchain knows its files", async () => {
    await expect(parseConfig("version: 1\nproject: shop\nservices: {web: {path: web}}\n", "delivery.yaml", reader({ "web/main.zig": "" }))).rejects.toThrow(
      "delivery.yaml:3: services.web: expected files of a known toolchain in `web`, got none. Set `toolchain` (node, python, plain); `plain` takes `commands` and `buildImage` of your own.",
    )
  })

  it("is plain when it brings commands", async () => {
    const text = "version: 1\nproject: shop\nservices: {web: {path: web, commands: {test: [zig, build, test]}}}\n"
    expect((await parseConfig(text, "delivery.yaml", reader({ "web/main.zig": "" }))).services["web"]?.toolchain).toBe("plain")
  })
})

describe("a Dockerfile", () => {
  it.each([
    ["EXPOSE 8080", 8080],
    ["  expose 3000/tcp 9000", 3000],
    ["EXPOSE $PORT", null],
    ["# EXPOSE 80", null],
    ["", null],
  ])("%j exposes %s", (text, port) => {
    expect(exposedPort(`FROM scratch\n${text}\n`)).toBe(port)
  })
})

describe("paths", () => {
  it("lead up to the repository", () => {
    expect(foldersUp("./apps/web/")).toEqual(["apps/web", "apps", ""])
    expect(foldersUp(".")).toEqual([""])
  })

  it("are told from a folder around them", () => {
    expect([relativeTo("", "apps/web"), relativeTo("apps", "apps/web"), relativeTo("apps/web", "apps/web"), relativeTo(".", "./apps/")]).toEqual(["apps/web", "web", "", "apps"])
  })

  it("find the nearest lock file", () => {
    const tree = treeOf({ "pnpm-lock.yaml": "", "apps/web/package.json": "{}" })
    expect([nearestWith(tree, "apps/web", ["package.json"]), nearestWith(tree, "apps/web", ["pnpm-lock.yaml"]), nearestWith(tree, "apps", ["uv.lock"])]).toEqual(["apps/web", "", null])
  })
})
