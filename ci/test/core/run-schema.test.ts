import { Ajv } from "ajv"
import { expect, it } from "vitest"
import { runSchema } from "../../src/core/run-schema.js"
import { parseRunJson, renderRunJson } from "../../src/core/run.js"
import { failedRun, interruptedRun } from "./report/sample.js"

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(runSchema())

it("describes every run.json that we write", async () => {
  for (const run of [await failedRun(), await interruptedRun()]) {
    expect(validate(JSON.parse(renderRunJson(run)))).toBe(true)
    expect(parseRunJson(renderRunJson(run))).toEqual(run)
  }
})

it("refuses a key that it does not know", async () => {
  expect(validate({ ...(await failedRun()), extra: 1 })).toBe(false)
})

it("is asked for by its version", () => {
  expect(() => parseRunJson('{"schemaVersion": 2, "stages": []}')).toThrow("run.json: expected schemaVersion 1 with stages, got 2")
})
