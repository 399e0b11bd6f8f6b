import { describe, expect, it } from "vitest"
import { assertPaths, checkPaths, pathsToCheck } from "../../../src/core/config/checkout.js"
import { credentialNames } from "../../../src/core/config/credentials.js"
import { ConfigError } from "../../../src/core/errors.js"
import { shop } from "../support.js"

describe("the paths of delivery.yaml", () => {
  it("are all asked about", async () => {
    expect(pathsToCheck(await shop())).toEqual([
      "charts/shop",
      "apps/web",
      "apps/web/Dockerfile",
      "apps/api",
      "apps/api/Dockerfile",
      "perf",
    ])
  })

  it("are no problem when they exist", async () => {
    const config = await shop()
    expect(checkPaths(config, new Set(pathsToCheck(config)))).toEqual([])
  })

  it("are all reported with their lines when they do not, with what is there instead", async () => {
    const config = await shop((text) => text.replace("{path: perf}", "{path: pref}"))
    const existing = new Set(["charts/shop", "apps/web", "apps/web/dockerfile", "apps/api", "perf"])
    expect(() => assertPaths(config, existing)).toThrow(ConfigError)
    expect(checkPaths(config, existing).map(({ line, where, fix }) => [line, where, fix])).toEqual([
      [5, "services.web.dockerfile", "Did you mean `apps/web/dockerfile`?"],
      [12, "services.api.dockerfile", "None is known."],
      [21, "perf.path", "Did you mean `perf`?"],
    ])
  })

  it("may be the repository itself or end with a slash", async () => {
    const config = await shop((text) => text.replace("path: apps/web", "path: ./apps/web/\n    context: ."))
    const existing = new Set([...pathsToCheck(await shop())])
    expect(checkPaths(config, existing)).toEqual([])
  })
})

describe("the credentials of a run", () => {
  const withRegistry = (text: string): string => `${text}registry: {address: r.example, username: REGISTRY_USER, password: REGISTRY_PASSWORD}\n`

  it.each([
    [["local"], []],
    [["dev"], ["KUBECONFIG_DEV", "REGISTRY_USER", "REGISTRY_PASSWORD"]],
    [["dev", "production"], ["KUBECONFIG_DEV", "KUBECONFIG_PRODUCTION", "REGISTRY_USER", "REGISTRY_PASSWORD"]],
  ])("on %j are %j", async (environments, names) => {
    expect(credentialNames(await shop(withRegistry), environments)).toEqual(names)
  })
})
