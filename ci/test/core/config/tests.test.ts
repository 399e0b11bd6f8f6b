import { describe, expect, it } from "vitest"
import { problemsOf, shop, SHOP } from "../support.js"

const withTests = (tests: string): string => SHOP.replace("image: shop/api", `image: shop/api\n    tests: ${tests}`)

describe("the tests of a service", () => {
  it("may be none", async () => {
    const { services } = await shop(() => withTests("none"))
    expect(services["api"]?.tests).toMatchObject({ none: true, shards: 1, junit: "reports/junit.xml" })
    expect(services["web"]?.tests.none).toBe(false)
  })

  it("may have services beside them", async () => {
    const { services } = await shop(() => withTests("{shards: 4, flakyRetries: 2, services: {db: {image: postgres, port: 5432, env: {POSTGRES_DB: 7}}, cache: {image: \"redis:7\", port: 6379, command: [redis-server]}}}"))
    expect(services["api"]?.tests).toMatchObject({
      none: false,
      shards: 4,
      flakyRetries: 2,
      services: { db: { image: "postgres", port: 5432, startSeconds: 60, env: { POSTGRES_DB: "7" }, command: null }, cache: { image: "redis:7", port: 6379, startSeconds: 60, env: {}, command: ["redis-server"] } },
    })
  })

  it.each([
    ["nothing", "services.api.tests: expected a mapping, or `none`, got \"nothing\""],
    ["[none]", "services.api.tests: expected a mapping, or `none`, got a list"],
    ["{shards: 33}", "services.api.tests.shards: expected a whole number from 1 to 32, got 33"],
    ["{flakyRetries: 6}", "services.api.tests.flakyRetries: expected a whole number from 0 to 5, got 6"],
    ["{minimumChangedCoveragePercent: 101}", "services.api.tests.minimumChangedCoveragePercent: expected a number from 0 to 100, got 101"],
    ["{services: {db: {image: postgres}}}", "services.api.tests.services.db: expected the key `port`, got nothing"],
    ["{services: {My_DB: {image: postgres, port: 1}}}", "services.api.tests.services.My_DB: expected a name of small letters, digits and dashes that starts with a letter (at most 40), got `My_DB`"],
    ["{shard: 1}", "services.api.tests.shard: expected a known key, got unknown key `shard`. Did you mean `shards`?"],
  ])("are refused as %s", async (tests, problem) => {
    expect((await problemsOf(withTests(tests))).join("\n")).toContain(problem)
  })
})
