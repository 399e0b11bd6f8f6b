import { describe, expect, it } from "vitest"
import { ARTIFACTS_LIMIT_BYTES, judgeBuild, tooLarge } from "../../../src/core/gates/build.js"
import { isStarted } from "../../../src/core/gates/start.js"
import { planStages } from "../../../src/core/plan.js"
import { execOutcome, shop } from "../support.js"

describe("a build", () => {
  it("is judged by its commands, and passes when there is none", () => {
    expect(judgeBuild([execOutcome("npm run build", 1, "", "TS2322")], 30)).toMatchObject({ verdict: "failed", reason: "npm run build ended with 1: TS2322" })
    expect(judgeBuild([], 30).verdict).toBe("passed")
  })

  it("keeps artifacts up to a limit, and says what was too much", () => {
    expect(tooLarge(ARTIFACTS_LIMIT_BYTES)).toBe(null)
    expect(tooLarge(812 * 1024 * 1024)).toBe("artifacts not kept: 812 MiB, more than 500 MiB (`artifacts` in delivery.yaml names what is kept)")
  })
})

describe("a service that is started", () => {
  const withStart = (text: string) => shop((yaml) => yaml.replace("port: 3000", `port: 3000\n    commands: {start: [python3, -m, api]}${text}`))

  it("has a command and a port, and no `startSeconds: 0`", async () => {
    const { services } = await withStart("")
    expect(services["api"]?.startSeconds).toBe(30)
    expect(Object.values(services).map(isStarted)).toEqual([services["web"]!.recipe.start.length > 0, true])
    expect(isStarted({ ...services["api"]!, port: null })).toBe(false)
    expect(isStarted((await withStart("\n    startSeconds: 0")).services["api"]!)).toBe(false)
  })

  it("is built also when there is nothing to compile", async () => {
    const plan = async (text: string) => {
      const config = await shop((yaml) => yaml.replace("port: 3000", `port: 3000\n    toolchain: plain\n    commands: {${text}}`).replace("toolchain: python\n", "\n"))
      return planStages(config, ["build"], { services: ["api"] })[0]
    }
    expect((await plan("start: [./api]"))?.skip).toBe(null)
    expect((await plan("test: [./api]"))?.skip).toMatchObject({ kind: "not-configured" })
  })
})
