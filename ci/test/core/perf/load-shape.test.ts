import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { k6Scenario, k6Thresholds } from "../../../src/core/perf/k6-options.js"
import { parseBudgets, parseProfiles } from "../../../src/core/perf/load-files.js"
import { chosenScript, entryScript, harnessSettings } from "../../../src/core/perf/load-plan.js"
import { DEFAULT_PROFILES } from "../../../src/core/perf/load-profiles.js"
import { loadArea, withLoadTime } from "../../../src/core/perf/load-shape.js"
import { budgetFor } from "../../../src/core/perf/load-budget.js"
import { planStages } from "../../../src/core/plan.js"
import { shop } from "../support.js"
import { BUDGET, planOf, request, shapeOf } from "./support.js"

const file = (name: string): string => readFileSync(new URL(`../../../../perf/${name}`, import.meta.url), "utf8")

describe("profiles", () => {
  it("load is the seed's: to 10, 50, 100 users, 100 held, and down", () => {
    expect(k6Scenario(shapeOf({ profile: "load" }))).toEqual({
      executor: "ramping-vus",
      startVUs: 0,
      stages: [
        { target: 10, duration: "120000ms" },
        { target: 50, duration: "300000ms" },
        { target: 100, duration: "300000ms" },
        { target: 100, duration: "300000ms" },
        { target: 0, duration: "120000ms" },
      ],
      gracefulRampDown: "10s",
      gracefulStop: "10s",
    })
  })

  it("are the same in this repository's file as where there is none", async () => {
    expect((await parseProfiles(file("profiles.json"), "perf/profiles.json")).profiles).toEqual(DEFAULT_PROFILES)
  })

  it("all follow one target", () => {
    const most = (flags: Parameters<typeof shapeOf>[0]) => Math.max(...shapeOf(flags).points.map(([, percent]) => percent))
    expect(Object.keys(DEFAULT_PROFILES).map((profile) => [profile, most({ profile })])).toEqual([["smoke", 2], ["load", 100], ["stress", 200], ["spike", 400], ["soak", 100], ["breakpoint", 1000]])
    expect(k6Scenario(shapeOf({ profile: "smoke" }))).toMatchObject({ executor: "constant-vus", vus: 2, duration: "30000ms" })
    expect(k6Scenario(shapeOf({ profile: "spike", vus: 50 }))).toMatchObject({ startVUs: 5, stages: [{ target: 5 }, { target: 200, duration: "10000ms" }, { target: 200 }, { target: 5 }, { target: 5 }] })
  })

  it("--vus alone is that many users from the first to the last second", () => {
    expect(k6Scenario(shapeOf({ vus: 100, duration: "60s" }))).toMatchObject({ executor: "constant-vus", vus: 100, duration: "60000ms" })
    expect(shapeOf({ vus: 100 })).toMatchObject({ profile: "constant", model: "closed", seconds: 300, thinkSeconds: 1 })
  })

  it("--rate begins iterations without a pause; with --vus it has no more users than that", () => {
    expect(k6Scenario(shapeOf({ rate: 20, duration: "60s" }))).toMatchObject({ executor: "constant-arrival-rate", rate: 20, timeUnit: "1s", maxVUs: 40 })
    expect(k6Scenario(shapeOf({ rate: 20, vus: 7, duration: "60s" }))).toMatchObject({ rate: 20, preAllocatedVUs: 7, maxVUs: 7 })
    expect(shapeOf({ rate: 20 })).toMatchObject({ model: "open", thinkSeconds: 0 })
    expect(k6Scenario(shapeOf({ profile: "load", rate: 10 }))).toMatchObject({ executor: "ramping-arrival-rate", startRate: 0, stages: [{ target: 1 }, { target: 5 }, { target: 10 }, { target: 10 }, { target: 0 }] })
  })

  it("--duration stretches or shortens the whole shape", () => {
    expect(shapeOf({ profile: "load", duration: "190s" }).points).toEqual([[0, 0], [20, 10], [70, 50], [120, 100], [170, 100], [190, 0]])
    expect(shapeOf({ profile: "soak", duration: "4h" }).seconds).toBe(4 * 3600)
  })

  it("the breakpoint's rate follows from users by Little's law", () => {
    const shape = shapeOf({ profile: "breakpoint" })
    expect(shape.ratePerSecond).toBeCloseTo(100 / 1.5)
    expect(k6Scenario(shape)).toMatchObject({ executor: "ramping-arrival-rate", startRate: 0, stages: [{ target: 667, duration: "1200000ms" }], maxVUs: 1334 })
  })

  it("the area below the line is what can be served", () => {
    expect(loadArea(shapeOf({ vus: 10, duration: "60s" }))).toBe(600)
    expect(loadArea(shapeOf({ rate: 5, duration: "60s" }))).toBe(300)
    expect(loadArea(shapeOf({ profile: "load" }))).toBe(120 * 5 + 300 * 30 + 300 * 75 + 300 * 100 + 120 * 50)
  })

  it("a load gets the time that it takes, whatever the stage's limit is", async () => {
    const plan = planStages(await shop(), ["perf"], { environment: "staging" })
    expect(withLoadTime(plan, request({ profile: "soak" }))[0]?.timeoutSeconds).toBe(7500)
    expect(withLoadTime(plan, request({ vus: 5, duration: "30s" }))[0]?.timeoutSeconds).toBe(3600)
  })
})

describe("limits", () => {
  it("are the budget's, with the guards that k6 lacks", () => {
    expect(k6Thresholds(shapeOf({ vus: 5 }), { ...BUDGET, p99Milliseconds: 900 })).toEqual({
      http_req_duration: ["p(95)<500", "p(99)<900"],
      http_req_failed: ["rate<0.001"],
      checks: ["rate>0.99"],
      iterations: ["count>0"],
      http_reqs: ["count>0"],
      script_exceptions: ["count==0"],
    })
  })

  it("count what an open model could not begin", () => {
    expect(k6Thresholds(shapeOf({ rate: 100, duration: "100s" }), BUDGET)).toMatchObject({ dropped_iterations: ["count<=10"] })
  })

  it("beyond the target hold back only errors", () => {
    expect(k6Thresholds(shapeOf({ profile: "stress" }), BUDGET)).toMatchObject({ "http_req_duration{load:within}": ["p(95)<500"], "http_req_failed{load:within}": ["rate<0.001"], "http_req_failed{load:over}": ["rate<0.05"] })
    expect(JSON.parse(harnessSettings(planOf({ profile: "stress" }), "load"))).toMatchObject({ levels: [[0, 0], [120, 100], [420, 100], [540, 150], [840, 150], [960, 200], [1260, 200], [1380, 50], [1500, 50]] })
  })

  it("end a breakpoint test", () => {
    expect(k6Thresholds(shapeOf({ profile: "breakpoint" }), BUDGET)).toMatchObject({ http_req_duration: [{ threshold: "p(95)<500", abortOnFail: true }] })
  })
})

describe("the files of the load tests", () => {
  it("budgets: delivery.yaml before the file, the file before the SLO", async () => {
    const none = { p95Ms: null, p99Ms: null, errorRate: null, minimumRequests: null }
    const budgets = { name: "perf/budgets.json", budgets: await parseBudgets(file("budgets.json"), "perf/budgets.json") }
    expect(budgetFor("staging", budgets, none)).toMatchObject({ p95Milliseconds: 500, errorRate: 0.001, source: "perf/budgets.json" })
    expect(budgetFor("staging", budgets, { ...none, p95Ms: 300 })).toMatchObject({ p95Milliseconds: 300, errorRate: 0.001, source: "delivery.yaml" })
    expect(budgetFor("elsewhere", null, none)).toMatchObject({ p95Milliseconds: 500, errorRate: 0.001, source: "no budget is set, so the SLO" })
  })

  it("say where they are wrong, all at once", async () => {
    const text = '{\n  "staging": { "p95Milliseconds": -1, "errorRate": 2 },\n  "dev": { "p95": 5 }\n}\n'
    await expect(parseBudgets(text, "perf/budgets.json")).rejects.toThrow(/perf\/budgets\.json: 3 problems\n.*budgets\.json:2: staging\.p95Milliseconds: expected a whole number[^]*staging\.errorRate[^]*budgets\.json:3: dev\.p95: expected a known key/)
    await expect(parseProfiles('{"profiles": {"x": {"stages": [{"percent": 5, "duration": "60"}]}}}', "p.json")).rejects.toThrow(/x\.stages\.0\.duration: expected a time with its unit/)
    await expect(parseProfiles('{"profiles": {"x": {"stages": [{"percent": 5, "duration": "0s"}]}}}', "p.json")).rejects.toThrow(/expected a stage that takes time/)
    await expect(parseProfiles("{", "p.json")).rejects.toThrow(/expected valid YAML/)
  })

  it("a script is found by its name, or is the only one", () => {
    const paths = ["scenarios/upload.ts", "scenarios/read.js", "lib/x.ts", "scenarios/deep/no.ts"]
    expect(chosenScript(paths, "read", "perf")).toEqual({ scenario: "read", script: "scenarios/read.js" })
    expect(chosenScript(["scenarios/upload.ts"], null, "perf").scenario).toBe("upload")
    expect(() => chosenScript(paths, null, "perf")).toThrow(/for there are several: read, upload/)
    expect(() => chosenScript(paths, "no", "perf")).toThrow(/expected one of read, upload .*got no/)
    expect(() => chosenScript(["lib/x.ts"], null, "perf")).toThrow(/expected a k6 script/)
    expect(entryScript("scenarios/read.js")).toContain("from './perf/scenarios/read.js'")
  })

  it("a profile that nobody has is refused with those that there are", () => {
    expect(() => planOf({ profile: "heavy" })).toThrow(/--profile: expected one of smoke, load, stress, spike, soak, breakpoint, got heavy/)
  })
})
