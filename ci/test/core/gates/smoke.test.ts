import { describe, expect, it } from "vitest"
import type { SmokeCheck } from "../../../src/core/config/smoke.js"
import { judgeSmoke, smokeChecks, type SmokeResponse } from "../../../src/core/gates/smoke.js"
import { shop } from "../support.js"

const CHECK: SmokeCheck = { name: "lists", method: "GET", path: "/x", body: null, status: 200, contains: null, json: {}, headers: {}, maximumLatencyMs: 100 }
const judge = (check: Partial<SmokeCheck>, response: Partial<SmokeResponse> | null, error: string | null = null, strangerBody: string | null = null) =>
  judgeSmoke([
    {
      service: "api",
      check: { ...CHECK, ...check },
      url: "http://api/x",
      response: response === null ? null : { status: 200, body: '{"status":"ok","items":[{"id":7}]}', headers: { "content-type": "application/json; charset=utf-8" }, latencyMs: 5, ...response },
      error,
      strangerBody,
    },
  ])

describe("smoke", () => {
  it.each<[string, Partial<SmokeCheck>]>([
    ["the status is right", {}],
    ["the text is there", { contains: '"ok"' }],
    ["the JSON values are right", { json: { status: "ok", "items.0.id": 7, "items.0": { id: 7 } } }],
    ["the header holds the text", { headers: { "content-type": "json" } }],
  ])("passes when %s", (_, check) => {
    expect(judge(check, {})).toMatchObject({ verdict: "passed", reason: "1 check passed" })
  })

  it("fails when every path gets the same page with 200, and passes when only other paths do", () => {
    expect(judge({}, { body: "<html>" }, null, "<html>").findings[0]?.message).toMatch(/a service that answers 200 to everything proves nothing/)
    expect(judge({}, {}, null, "<html>").verdict).toBe("passed")
  })

  it.each<[string, Partial<SmokeCheck>, Partial<SmokeResponse> | null, RegExp]>([
    ["the status is another", {}, { status: 503, body: "no" }, /expected status 200, got 503: "no"$/],
    ["the text is missing", { contains: "hello" }, {}, /expected a text with "hello", got "\{/],
    ["a JSON value is another", { json: { status: "up" } }, {}, /expected `status` to be "up", got "ok"/],
    ["a JSON value is missing", { json: { "items.1.id": 7 } }, {}, /expected `items\.1\.id` to be 7, got nothing/],
    ["a JSON value would come from the prototype", { json: { "items.constructor": 7 } }, {}, /got nothing/],
    ["the body is no JSON", { json: { a: 1 } }, { body: "<html>" }, /expected JSON, got "<html>"/],
    ["a header is another", { headers: { "content-type": "html" } }, {}, /expected the header content-type with "html", got "application\/json/],
    ["a header is missing", { headers: { etag: "1" } }, {}, /expected the header etag with "1", got none/],
    ["it is slow", {}, { latencyMs: 150.4 }, /within 100 ms, got one after 150 ms/],
    ["nobody answers", {}, null, /no answer: connection refused/],
  ])("fails when %s", (_, check, response, message) => {
    const gate = judge(check, response, "connection refused")
    expect(gate.verdict).toBe("failed")
    expect(gate.findings).toHaveLength(1)
    expect(gate.findings[0]?.message).toMatch(message)
    expect(gate.reason).toMatch(/^1 of 1 check failed: api lists: GET http:\/\/api\/x: /)
  })

  it("reports everything that is wrong with an answer, and counts checks", () => {
    expect(judge({ contains: "hello" }, { status: 500, latencyMs: 900 })).toMatchObject({ findings: { length: 3 } })
  })

  it("is an error without a check", () => {
    expect(judgeSmoke([]).verdict).toBe("error")
  })

  it("asks every service whether it is ready", async () => {
    const service = (await shop()).services["api"]
    expect(service === undefined ? [] : smokeChecks(service)).toMatchObject([{ name: "is ready", path: "/health/ready", status: 200 }])
  })
})
