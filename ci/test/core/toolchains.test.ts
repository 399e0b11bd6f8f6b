import { describe, expect, it } from "vitest"
import type { ServiceConfig } from "../../src/core/config/services.js"
import { shop } from "./support.js"

const serviceOf = async (name: string, extra = ""): Promise<ServiceConfig> => {
  const config = await shop((text) => text.replace("    port: 3000", `    port: 3000\n${extra}`))
  const service = config.services[name]
  if (service === undefined) throw new Error(`no service ${name}`)
  return service
}

describe("a recipe", () => {
  it("gives way to the commands, artifacts and image of the service", async () => {
    const { recipe } = await serviceOf("api", "    commands: {test: [pytest], build: [[a], [b]]}\n    artifacts: [build]\n    buildImage: golang:1.26")
    expect([recipe.test, recipe.build, recipe.artifacts, recipe.imageKey]).toEqual([[["pytest"]], [["a"], ["b"]], ["build"], "golang:1.26"])
    expect(recipe.lint).toHaveLength(2)
  })

  it("writes its reports where delivery.yaml says", async () => {
    const { recipe } = await serviceOf("api", "    tests: {junit: out/j.xml}")
    expect(recipe.test[0]).toContain("--junitxml=out/j.xml")
    expect(recipe.reports.junit).toBe("out/j.xml")
  })

  it("of plain has no command of its own", async () => {
    const { recipe } = (await shop((text) => text.replace("toolchain: python", "toolchain: plain"))).services["api"] as ServiceConfig
    expect([recipe.install, recipe.lint, recipe.build, recipe.test, recipe.audit, recipe.start].flat()).toEqual([])
  })
})
