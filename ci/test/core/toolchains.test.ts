import { describe, expect, it } from "vitest"
import { toolchainRecipe } from "../../src/core/toolchains/recipe.js"
import type { ServiceConfig } from "../../src/core/config/services.js"
import { shop } from "./support.js"

const serviceOf = async (name: string, extra = ""): Promise<ServiceConfig> => {
  const config = await shop((text) => text.replace("    port: 3000", `    port: 3000\n${extra}`))
  const service = config.services[name]
  if (service === undefined) throw new Error(`no service ${name}`)
  return service
}

describe("a recipe", () => {
  it("of node installs from the lock file without install scripts", async () => {
    const recipe = toolchainRecipe(await serviceOf("web"), "0123456789abcdef0123")
    expect(recipe).toMatchObject({
      imageKey: "node",
      manifestFiles: ["package.json", "package-lock.json", ".npmrc"],
      install: [["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]],
      caches: [{ mountPath: "/root/.npm", volume: "delivery-npm-0123456789abcdef" }],
      artifacts: ["dist"],
      reports: { junit: "reports/junit.xml" },
    })
  })

  it("of python installs with hashes into an environment that comes first in PATH", async () => {
    const recipe = toolchainRecipe(await serviceOf("api"), "x")
    expect(recipe.install.at(-1)).toEqual(["/venv/bin/pip", "install", "--require-hashes", "-r", "requirements-dev.txt"])
    expect(recipe.env["PATH"]).toMatch(/^\/venv\/bin:/)
  })

  it("of python writes its reports where delivery.yaml says", async () => {
    const recipe = toolchainRecipe(await serviceOf("api", "    tests: {junit: out/j.xml}"), "x")
    expect(recipe.test[0]).toContain("--junitxml=out/j.xml")
    expect(recipe.reports.junit).toBe("out/j.xml")
  })

  it("gives way to the commands and artifacts of the service", async () => {
    const service = await serviceOf("api", "    commands: {test: [pytest], build: [[a], [b]]}\n    artifacts: [build]")
    const recipe = toolchainRecipe(service, "x")
    expect([recipe.test, recipe.build, recipe.artifacts]).toEqual([[["pytest"]], [["a"], ["b"]], ["build"]])
    expect(recipe.lint).toHaveLength(2)
  })

  it("of plain has no command of its own", async () => {
    const service: ServiceConfig = { ...(await serviceOf("api")), toolchain: "plain" }
    const { install, lint, build, test, audit } = toolchainRecipe(service, "x")
    expect([install, lint, build, test, audit].flat()).toEqual([])
  })
})
