import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { loadAjv } from "../../../src/core/lazy.js"
import { errorGate, passedGate } from "../../../src/core/gates/gate.js"
import { rowsRun, type CallRow } from "../../../src/core/terraform/rows-run.js"
import { HEADER } from "../report/sample.js"

describe("run.json of a call with rows", () => {
  it("holds what its schema allows, whatever else its rows carry", async () => {
    const { Ajv } = await loadAjv()
    const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync("docs/run.schema.json", "utf8")) as object)
    const row = { stage: "trivy", environment: null, gate: passedGate("3 files"), durationSeconds: 1.5, cached: false, log: "a long text" }
    const run = rowsRun(HEADER, [row, { ...row, stage: "policy", environment: "dev", gate: errorGate("it was not reached") }] satisfies readonly CallRow[], ["terraform/findings.txt"], 2)
    expect(validate(run), JSON.stringify(validate.errors)).toBe(true)
    expect(run).toMatchObject({ verdict: "error", reason: "policy (dev): it was not reached" })
    expect(JSON.stringify(run)).not.toContain("a long text")
  })
})
