import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseConfig } from "../../../src/core/config/config.js"
import { NAME_EXPECTED } from "../../../src/core/config/schema-node.js"
import { detectService } from "../../../src/core/detect/service.js"
import { foldersUp, joinPath, type TreeFacts } from "../../../src/core/detect/tree.js"
import { asName, findServices } from "../../../src/core/init/find.js"
import { describeFound, renderDeliveryYaml } from "../../../src/core/init/render.js"
import { bareService } from "../../../src/core/init/bare-service.js"

const treeOf = (texts: Readonly<Record<string, string>>): TreeFacts => ({ paths: new Set(Object.keys(texts).flatMap((path) => [path, ...foldersUp(path)])), texts })
const foldersOf = (tree: TreeFacts): readonly string[] => [...new Set(Object.keys(tree.texts).map((path) => path.split("/").slice(0, -1).join("/")))]

const PACKAGE = '{"name": "x", "scripts": {}}'
const SHOP = treeOf({
  "package.json": '{"name": "@acme/shop", "workspaces": ["packages/*"]}',
  "package-lock.json": "{}",
  "packages/web app/package.json": PACKAGE,
  "packages/web app/Dockerfile": "FROM scratch\nEXPOSE 8080\n",
  "packages/api/package.json": PACKAGE,
  "services/api/pyproject.toml": '[project]\nname = "api"\n',
  "test/fixtures/old/package.json": PACKAGE,
  "charts/shop/Chart.yaml": "name: shop\n",
  "charts/shop/charts/redis/Chart.yaml": "name: redis\n",
})

describe("init", () => {
  it("finds services by their manifests, and says what it leaves out and why", () => {
    expect(findServices(SHOP, foldersOf(SHOP), "shop")).toEqual({
      services: [
        { path: "packages/api", name: "packages-api" },
        { path: "packages/web app", name: "web-app" },
        { path: "services/api", name: "services-api" },
      ],
      leftOut: [
        { path: ".", reason: "a workspace, whose members stand for themselves: 4" },
        { path: "test/fixtures/old", reason: "its path says that it is an example, a test or not ours" },
      ],
      charts: ["charts/shop"],
    })
  })

  it("takes the repository itself for the only service when there is no other", () => {
    const tree = treeOf({ "package.json": PACKAGE, "package-lock.json": "{}" })
    expect(findServices(tree, foldersOf(tree), "shop").services).toEqual([{ path: ".", name: "shop" }])
  })

  it("writes a file that the parser reads", async () => {
    const found = findServices(SHOP, foldersOf(SHOP), "shop")
    const services = await Promise.all(found.services.map(async ({ name, path }) => ({ name, path, detected: await detectService(name, bareService(path), SHOP, []) })))
    const text = renderDeliveryYaml("shop", found, services).replace("charts/shop\n  release: shop", "charts/shop\n  release: shop")
    const withPorts = text.replace(/# port: 8080 .*/g, (_line, offset: number) => `port: ${9000 + offset}`)
    const config = await parseConfig(withPorts, "delivery.yaml")
    expect(Object.keys(config.services)).toEqual(["packages-api", "web-app", "services-api"])
    expect(config.services["web-app"]).toMatchObject({ path: "packages/web app", dockerfile: "packages/web app/Dockerfile", port: 8080 })
    expect(config.chart).toEqual({ path: "charts/shop", release: "shop" })
    expect(describeFound(found, services).join("\n")).toContain("left out: test/fixtures/old")
  })
})

describe("a name", () => {
  it.each([
    ["Web App", "web-app"],
    ["Mein Dienst Ü", "mein-dienst-u"],
    ["123-go", "go"],
    ["@acme/shop", "acme-shop"],
    ["服务", null],
    ["-", null],
  ])("of %j is %j", (text, name) => {
    expect(asName(text)).toBe(name)
  })

  it("is always one that delivery.yaml takes", () => {
    expect(NAME_EXPECTED).toContain("at most 40")
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/.test(asName(text) ?? "a")))
  })

  it("of a folder is its last part", () => {
    const tree = treeOf({ "a/b/package.json": PACKAGE })
    expect(findServices(tree, [joinPath("a", "b")], "x").services).toEqual([{ path: "a/b", name: "b" }])
  })
})
