import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { changedServices, releaseChanged } from "../../src/core/changed-services.js"
import type { Config } from "../../src/core/config/model.js"
import { matchesGlob } from "../../src/core/glob.js"
import { shop } from "./support.js"

const config = await shop()
const withRecipe = (base: Config, name: string, root: string, manifests: readonly string[]): Config => {
  const service = base.services[name]
  if (service === undefined) throw new Error(name)
  return { ...base, services: { ...base.services, [name]: { ...service, recipe: { ...service.recipe, root, manifests } } } }
}

describe("services that changed", () => {
  const workspace = withRecipe(withRecipe(config, "web", "", ["package.json", "yarn.lock", "*/*/package.json"]), "api", "apps/api", ["pyproject.toml"])

  it.each<[string, Config, readonly string[], readonly string[]]>([
    ["none without changes", config, [], []],
    ["none for docs", config, ["README.md", "docs/a.md", "apps/README.md", ".gitlab-ci.yml"], []],
    ["the one whose file it is", config, ["apps/web/src/a.ts"], ["web"]],
    ["none for a folder with a longer name", config, ["apps/web2/a.ts"], []],
    ["those that depend on it", config, ["apps/api/a.py"], ["web", "api"]],
    ["all for delivery.yaml", config, ["delivery.yaml"], ["web", "api"]],
    ["all for pins.yaml", config, ["pins.yaml"], ["web", "api"]],
    ["none for another pins.yaml", config, ["docs/pins.yaml"], []],
    ["that of a lock file of the workspace", workspace, ["yarn.lock"], ["web"]],
    ["that of a package of the workspace", workspace, ["libs/colours/src/a.ts"], ["web"]],
    ["not those of another service of the workspace", workspace, ["apps/other/a.ts"], ["web"]],
    ["none for a doc beside the workspace's manifests", workspace, ["README.md"], []],
  ])("%s", (_, of, paths, services) => {
    expect(changedServices(of, paths)).toEqual(services)
  })

  it("are those that are built from a folder, or by a Dockerfile, that changed", async () => {
    const built = await shop((text) => text.replace("image: shop/web", "image: shop/web\n    context: .\n").replace("image: shop/api", "image: shop/api\n    dockerfile: docker/api.Dockerfile"))
    expect(changedServices(built, ["docs/a.md"])).toEqual(["web"])
    expect(changedServices(built, ["docker/api.Dockerfile"])).toEqual(["web", "api"])
  })

  const names = ["a", "b", "c", "d", "e"] as const
  const edges = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { maxLength: 12 })
  const services = edges.map((pairs): Config => {
    const web = config.services["web"]
    if (web === undefined) throw new Error("web")
    const entries = names.map((name, index) => [name, { ...web, name, path: `apps/${name}`, context: `apps/${name}`, dockerfile: `apps/${name}/Dockerfile`, recipe: { ...web.recipe, root: `apps/${name}` }, dependsOn: pairs.filter(([from]) => from === index).flatMap(([, to]) => names[to] ?? []) }])
    return { ...config, services: Object.fromEntries(entries) as Config["services"] }
  })
  const paths = fc.array(fc.constantFrom(...names.map((name) => `apps/${name}/x.ts`), "docs/x.md", "apps/x.ts"))

  it("are exactly those from which a way of dependencies leads to a changed one", () => {
    fc.assert(
      fc.property(services, paths, (of, changed) => {
        const reaches = (name: string, seen: readonly string[]): boolean =>
          changed.includes(`apps/${name}/x.ts`) || (of.services[name]?.dependsOn ?? []).some((next) => !seen.includes(next) && reaches(next, [...seen, next]))
        expect(changedServices(of, changed)).toEqual(names.filter((name) => reaches(name, [name])))
      }),
    )
  })

  it("never become fewer by a further change", () => {
    fc.assert(
      fc.property(services, paths, paths, (of, some, more) => {
        expect(changedServices(of, [...some, ...more])).toEqual(expect.arrayContaining([...changedServices(of, some)]))
      }),
    )
  })
})

describe("what every release is made with", () => {
  it.each([
    ["charts/shop/templates/a.yaml", true],
    ["perf/load.js", true],
    ["apps/web/a.ts", false],
    ["docs/a.md", false],
  ])("%s: %s", (path, changed) => {
    expect(releaseChanged(config, [path])).toBe(changed)
  })
})

describe("a glob of manifests", () => {
  it.each([
    ["package.json", "package.json", true],
    ["a/package.json", "package.json", false],
    ["a/b/package.json", "*/*/package.json", true],
    ["a/package.json", "**/package.json", true],
    ["package.json", "**/package.json", true],
    ["packages/a/src/b.ts", "packages/**", true],
    ["packages.json", "packages/**", false],
    ["requirements-dev.txt", "requirements*.txt", true],
    ["requirementsxtxt", "requirements.txt", false],
    ["a.yml", "*.{yml,yaml}", true],
    ["a,b", "a,b", true],
    ["a.yaml", "{a,{b,c}}.yaml", true],
    ["{}{", "{}{", true],
    ["a", "x}{a,b}", false],
  ])("%s and %s: %s", (path, glob, matches) => {
    expect(matchesGlob(path, glob)).toBe(matches)
  })
})
