import { describe, expect, it } from "vitest"
import { problemsOf, shop, SHOP } from "../support.js"

const withSonar = (sonar: string): string => `${SHOP}sonar: ${sonar}\n`

describe("sonar", () => {
  it("has defaults: a server of the call's own, and a gate on the whole code", async () => {
    const { sonar } = await shop(() => withSonar("{projectKey: shop}"))
    expect(sonar).toMatchObject({ projectKey: "shop", hostUrl: null, token: null, sources: null, exclusions: [], properties: {}, startSeconds: 600, analysisSeconds: 300 })
    expect(sonar?.gate).toContainEqual({ metric: "coverage", op: "LT", error: 80 })
    expect(sonar?.gate.filter(({ metric }) => metric.startsWith("new_"))).toEqual([])
  })

  it("takes a gate, a server and settings", async () => {
    expect((await shop(() => withSonar("{projectKey: shop, gate: [{metric: bugs, op: GT, error: 0}]}"))).sonar?.gate).toEqual([{ metric: "bugs", op: "GT", error: 0 }])
    const { sonar } = await shop(() => withSonar("{projectKey: a:b, hostUrl: https://sonar.example.com/x, token: SONAR_TOKEN, properties: {sonar.python.version: '3.11'}}"))
    expect(sonar).toMatchObject({ hostUrl: "https://sonar.example.com/x", token: "SONAR_TOKEN", properties: { "sonar.python.version": "3.11" } })
  })

  it.each([
    ["no key", "{}", /`projectKey`/],
    ["a key of digits alone", '{projectKey: "12"}', /not digits alone/],
    ["a server that is no URL", "{projectKey: s, hostUrl: sonar, token: T}", /a URL such as/],
    ["a server without a token", "{projectKey: s, hostUrl: 'https://x'}", /sonar\.hostUrl: expected `token` beside `hostUrl`/],
    ["a token without a server", "{projectKey: s, token: T}", /sonar\.token: expected `hostUrl`/],
    ["a token's value", "{projectKey: s, hostUrl: 'https://x', token: sqa_123}", /the NAME of a credential/],
    ["a gate for a server that has its own", "{projectKey: s, hostUrl: 'https://x', token: T, gate: []}", /sonar\.gate: expected no `gate`/],
    ["a secret in the settings", "{projectKey: s, properties: {sonar.token: x}}", /sonar\.properties: .*got sonar\.token/],
    ["what the module sets", "{projectKey: s, properties: {sonar.sources: x}}", /got sonar\.sources/],
    ["a setting of something else", "{projectKey: s, properties: {http.proxyHost: x}}", /starts with `sonar\.`/],
    ["a condition that compares otherwise", "{projectKey: s, gate: [{metric: bugs, op: EQ, error: 0}]}", /LT or GT/],
  ])("is refused with %s", async (_, sonar, problem) => {
    expect(await problemsOf(withSonar(sonar))).toEqual([expect.stringMatching(problem)])
  })
})
