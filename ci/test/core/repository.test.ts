import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { generatedFiles } from "../../scripts/generated-files.js"
import { checkPaths, pathsToCheck } from "../../src/core/config/checkout.js"
import { parseConfig } from "../../src/core/config/config.js"
import { languageImages, parsePins } from "../../src/core/pins.js"
import { planPipeline } from "../../src/core/plan.js"
import { diskReader } from "./disk.js"

const ROOT = new URL("../../../", import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8")
const pins = await parsePins(read("pins.yaml"), "pins.yaml")
const config = await parseConfig(read("delivery.yaml"), "delivery.yaml", diskReader(fileURLToPath(ROOT), languageImages(pins)))

describe("the docs", () => {
  it.each(Object.entries(generatedFiles()))("hold %s as the code has it; else run `npm run generate`", (path, text) => {
    expect(read(path)).toBe(text)
  })
})

describe("delivery.yaml", () => {
  it("names only paths that exist", () => {
    const existing = pathsToCheck(config).filter((path) => existsSync(new URL(path, ROOT)))
    expect(checkPaths(config, new Set(existing))).toEqual([])
  })

  it("has the environments of the design, in their order", () => {
    expect(Object.values(config.environments).map((environment) => [environment.name, environment.namespace])).toEqual([
      ["local", "docuthinker-local"],
      ["dev", "docuthinker-dev"],
      ["staging", "docuthinker-staging"],
      ["production", "docuthinker-prod"],
    ])
  })

  it("can be planned to production", () => {
    expect(() => planPipeline(config, { environments: ["dev", "staging", "production"], until: "production-plan" })).not.toThrow()
  })
})

describe("pins.yaml", () => {
  it("has the image of every toolchain in use", () => {
    for (const service of Object.values(config.services)) expect(pins.images).toHaveProperty(service.recipe.imageKey)
  })
})
