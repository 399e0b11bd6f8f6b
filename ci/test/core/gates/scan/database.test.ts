import { describe, expect, it } from "vitest"
import { judgeDatabase } from "../../../../src/core/gates/scan/database.js"
import { fetchedDatabase } from "../../../../src/core/scan/fetch-database.js"
import { execOutcome } from "../../support.js"
import { databaseLimits, METADATA, SAMPLE } from "./recorded-scan.js"

const judged = (metadata: string | null, sample: string | null = null, notRenewed: string | null = null) => judgeDatabase({ metadata, sample, notRenewed }, databaseLimits)
const madeAt = (time: string) => METADATA.replace('"UpdatedAt":"2026-11-23T00:00:00Z"', `"UpdatedAt":"${time}"`)

describe("a vulnerability database", () => {
  it.each(["2026-11-23T00:00:00Z", "2026-11-20T12:00:00Z", "2026-11-23T20:00:00.123456789Z"])("made at %s will do", (time) => {
    expect(judged(madeAt(time))).toEqual({ problem: null, remarks: [] })
  })

  it.each([
    [madeAt("2026-11-20T11:59:59Z"), /is 3 days old \(made 2026-11-20T11:59:59Z\), more than 3/],
    [madeAt("2023-01-01T00:00:00Z"), /days old/],
    [madeAt("2026-11-25T00:00:00Z"), /expected a time in the past/],
    [madeAt("soon"), /expected a time in the past/],
    ['{"Version":2}', /metadata\.json cannot be read/],
    ["[]", /metadata\.json cannot be read/],
    ["{", /metadata\.json cannot be read/],
    [METADATA.replace('"Version":2', '"Version":1'), /has schema 1, expected 2/],
    [METADATA.replace('"Version":2,', ""), /has schema undefined/],
    [null, /^there is no vulnerability database$/],
  ])("as %s will not", (metadata, problem) => {
    expect(judged(metadata).problem).toMatch(problem)
  })

  it("that could not be renewed will do until it is too old, and that is told", () => {
    expect(judged(METADATA, null, "fetching it ended with 1: TOOMANYREQUESTS").remarks).toEqual(["the vulnerability database of 2026-11-23T00:00:00Z could not be renewed: fetching it ended with 1: TOOMANYREQUESTS"])
    expect(judged(madeAt("2026-11-01T00:00:00Z"), null, "x").problem).toMatch(/more than 3 .*: x$/)
    expect(judged(null, null, "connection refused").problem).toBe("there is no vulnerability database: connection refused")
  })

  it("that is a sample is one at any age, and must say how large it is", () => {
    expect(judged(madeAt("2020-01-01T00:00:00Z"), SAMPLE)).toEqual({ problem: null, remarks: ["sample database, 13 advisories, not a security statement"] })
    for (const sample of ["", "{}", '{"advisories":0}', '{"advisories":"13"}']) expect(judged(METADATA, sample).problem).toMatch(/does not say how many advisories/)
  })
})

describe("fetching it", () => {
  const hash = "a".repeat(64)
  it("names it by its content", () => {
    expect(fetchedDatabase(execOutcome("sh", 0, `INFO\ndatabase ${hash}\n`))).toEqual({ identity: hash, notRenewed: null })
  })
  it("may fail and leave the one before", () => {
    expect(fetchedDatabase(execOutcome("sh", 1, `database ${hash}\n`, "2026-11-23T13:33:01Z\tFATAL\tFatal error\trun error: DB error: OCI repository error\n"))).toEqual({ identity: hash, notRenewed: "fetching it ended with 1: Fatal error run error: DB error: OCI repository error" })
  })
  it("tells the cause where Trivy lists it", () => {
    const said = '2026-11-23T14:56:01Z\tFATAL\tFatal error\trun error: DB error: OCI repository error: 1 error occurred:\n\t* Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused\n\n'
    expect(fetchedDatabase(execOutcome("sh", 1, "", said)).notRenewed).toBe('fetching it ended with 1: Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused')
  })
  it("may fail and leave none", () => {
    expect(fetchedDatabase(execOutcome("sh", 137))).toEqual({ identity: null, notRenewed: "fetching it ended with 137: it said nothing" })
  })
})
