import { describe, expect, it } from "vitest"
import { durationText, parseDuration } from "../../../src/core/perf/duration.js"
import { refuseTarget, unconfirmed } from "../../../src/core/perf/load-target.js"
import { shop } from "../support.js"
import { request } from "./support.js"

describe("a duration", () => {
  it.each([["30s", 30], ["5m", 300], ["1h30m", 5400], ["1m30s", 90], ["1.5s", 1.5], ["500ms", 0.5]] as const)("%s is %d s", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  it.each(["", "60", "5 m", "-5s", "s", "5d", "1m2h", "1e3s"])("%j is none", (text) => {
    expect(parseDuration(text)).toBeNull()
  })

  it("reads the same the other way", () => {
    expect([30, 90, 300, 5400, 7261].map(durationText)).toEqual(["30s", "1m30s", "5m", "1h30m", "2h1m1s"])
  })
})

describe("the flags of perf", () => {
  it.each<[string, Parameters<typeof request>[0], RegExp]>([
    ["a negative number of users", { vus: -5 }, /^--vus: expected the number of users, 1 to 20000, got -5\.$/],
    ["no user", { vus: 0 }, /--vus: .* got 0/],
    ["an absurd number of users", { vus: 1_000_000 }, /--vus: .* got 1000000/],
    ["an absurd rate", { rate: 9_999_999 }, /--rate: expected the number of iterations begun each second/],
    ["a duration without a unit", { duration: "60" }, /--duration: expected a time with its unit.* got "60"\. Did you mean 60s\?/],
    ["a duration too short to tell anything", { duration: "1s" }, /--duration: .* got 1s/],
    ["a duration of a week", { duration: "168h" }, /5s to 48h/],
    ["a path as a scenario", { scenario: "../../etc/passwd" }, /--scenario: expected a name/],
    ["an address without a scheme", { baseUrl: "staging.example.org" }, /--base-url: expected an http or https address/],
    ["a password in the address", { baseUrl: "https://me:secret@staging.example.org" }, /^--base-url: (?!.*secret).*account/],
    ["too many runners", { distributed: 1000 }, /--distributed: .* got 1000/],
  ])("refuse %s", (_, flags, message) => {
    expect(() => request(flags)).toThrow(message)
  })

  it("are refused all at once", () => {
    expect(() => request({ vus: -1, rate: -1, duration: "x", baseUrl: "y" })).toThrow(/--vus[^]*--rate[^]*--duration[^]*--base-url/)
  })
})

const config = await shop((text) => text.replace("allowPerf: true", "allowPerf: true, baseUrl: https://staging.example.org").replace("approval: required,", "approval: required, baseUrl: https://shop.example.org,"))

describe("where load may go", () => {
  it.each<[string, string, Parameters<typeof request>[0], RegExp]>([
    ["an environment that does not allow it", "dev", {}, /environment dev: expected `allowPerf: true`/],
    ["production, without `allowPerf`", "production", { confirm: "production" }, /environment production: expected `allowPerf: true`/],
    ["the address of production as staging's", "staging", { baseUrl: "https://shop.example.org/api" }, /is the address of environment production, not of staging/],
    ["the same in capitals with a port and a dot", "staging", { baseUrl: "https://SHOP.example.org.:443" }, /is the address of environment production/],
    ["an address for local", "local", { baseUrl: "https://staging.example.org" }, /expected none for `local`/],
  ])("refuses %s, and says that nothing was sent", (_, environment, flags, message) => {
    expect(() => refuseTarget(config, environment, request(flags))).toThrow(message)
    expect(() => refuseTarget(config, environment, request(flags))).toThrow(/No request was sent\.$/)
  })

  it("refuses an environment without an address", async () => {
    expect(() => refuseTarget(config, "staging", request())).not.toThrow()
    const plain = await shop()
    expect(() => refuseTarget(plain, "staging", request())).toThrow(/expected `baseUrl` in delivery\.yaml or --base-url, got neither/)
    expect(() => refuseTarget(plain, "staging", request({ baseUrl: "https://staging.example.org" }))).not.toThrow()
  })

  it("asks for the name of production once more", async () => {
    const allowed = await shop((text) => text.replace("approval: required,", "approval: required, allowPerf: true, baseUrl: https://shop.example.org,"))
    const production = allowed.environments["production"]
    expect(() => refuseTarget(allowed, "production", request())).toThrow(/expected `--confirm production`, for users are there, got none/)
    expect(() => refuseTarget(allowed, "production", request({ confirm: "staging" }))).toThrow(/got --confirm staging|`--confirm staging`/)
    expect(() => refuseTarget(allowed, "production", request({ confirm: "production" }))).not.toThrow()
    expect(production === undefined ? null : unconfirmed(production, request())).toMatch(/`perf --environment production --confirm production` is a call of its own/)
  })
})
