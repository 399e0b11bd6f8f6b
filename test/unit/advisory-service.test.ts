import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { MODES, startAdvisoryService } from "../support/advisory-service/server.mjs"

const QUESTIONS = [
  { path: "/-/npm/v1/security/advisories/bulk", body: { lodash: ["4.17.15", "4.17.21"], left: ["1.0.0"] }, says: ["GHSA-p6mc-m468-83gw", "GHSA-29mw-wpgm-hmr9"] },
  { path: "/-/npm/v1/security/audits", body: { dependencies: { a: { version: "1.0.0", dependencies: { lodash: { version: "4.17.20" } } } } }, says: ["GHSA-29mw-wpgm-hmr9", "a>lodash"] },
  { path: "/v1/query", body: { package: { name: "requests", ecosystem: "PyPI" }, version: "2.19.0" }, says: ["PYSEC-2018-28", "CVE-2018-18074"] },
]

describe("the advisory service of the tests", () => {
  let service: Awaited<ReturnType<typeof startAdvisoryService>>
  const ask = (url: string, body: object) => fetch(url, { method: "POST", body: JSON.stringify(body), signal: AbortSignal.timeout(5000) })

  beforeAll(async () => {
    service = await startAdvisoryService({ registry: "http://registry.test" })
  })
  afterAll(() => service.close())

  it.each(QUESTIONS)("answers $path", async ({ path, body, says }) => {
    const text = await (await ask(`${service.url()}${path}`, body)).text()
    for (const word of says) expect(text).toContain(word)
    expect(text).not.toContain("minimist")
  })

  it("says nothing of what it does not know", async () => {
    const answers = await Promise.all([ask(`${service.url()}${QUESTIONS[0]?.path}`, { lodash: ["4.17.21"] }), ask(`${service.url()}/v1/query`, { package: { name: "requests", ecosystem: "PyPI" }, version: "2.20.0" })])
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([{}, {}])
  })

  it.each([
    ["refusing", 405],
    ["missing", 404],
    ["forbidden", 401],
    ["broken", 500],
    ["unavailable", 503],
    ["rubbish", 200],
  ])("can be %s, by its address and by a word to it", async (mode, status) => {
    const question = QUESTIONS[2]
    expect((await ask(`${service.url(mode)}${question?.path}`, question?.body ?? {})).status).toBe(status)
    service.answerAs(mode)
    expect((await ask(`${service.url()}${question?.path}`, question?.body ?? {})).status).toBe(status)
    service.answerAs("healthy")
  })

  it("can break off, and has all the modes that the recorded reports were made with", async () => {
    await expect(ask(`${service.url("cut")}/v1/query`, QUESTIONS[2]?.body ?? {})).rejects.toThrow()
    expect(Object.keys(MODES)).toEqual(["healthy", "refusing", "missing", "forbidden", "broken", "unavailable", "rubbish", "wrong", "empty", "cut", "hanging"])
  })

  it("sends who wants a package to the registry", async () => {
    const answer = await fetch(`${service.url("refusing")}/lodash/-/lodash-4.17.15.tgz`, { redirect: "manual" })
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "http://registry.test/lodash/-/lodash-4.17.15.tgz"])
  })
})
