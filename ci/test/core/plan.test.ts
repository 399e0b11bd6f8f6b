import { describe, expect, it } from "vitest"
import { UsageError } from "../../src/core/errors.js"
import { endsWithPlan, planPipeline, planStages, type PlanOptions } from "../../src/core/plan.js"
import { renderPlan } from "../../src/core/report/plan-table.js"
import { STAGE_NAMES, STAGES } from "../../src/core/stage.js"
import { shop } from "./support.js"

const config = await shop()
const withService = (lines: string) => shop((text) => text.replace("environments:", `${lines}environments:`))

/** Ids of the stages that will run. */
const running = (options: PlanOptions): string[] =>
  planPipeline(config, options)
    .filter((planned) => planned.skip === null)
    .map((planned) => planned.id)

const skipOf = (options: PlanOptions, id: string) => planPipeline(config, options).find((planned) => planned.id === id)?.skip

describe("the stage table", () => {
  it("has one row for each name, in the same order", () => {
    expect(STAGES.map((stage) => stage.name)).toEqual(STAGE_NAMES)
  })

  it("needs only what stands above", () => {
    for (const [index, stage] of STAGES.entries()) {
      for (const need of [...stage.needs, ...stage.needsOfAllServices]) expect(STAGE_NAMES.indexOf(need)).toBeLessThan(index)
    }
  })
})

describe("the plan of a pipeline", () => {
  it("goes through the stages in the order of the design", () => {
    expect([...new Set(planPipeline(config).map((planned) => planned.stage))]).toEqual(STAGE_NAMES)
  })

  it("without flags runs everything that exists, on local", () => {
    expect(running({})).toEqual([
"lint:web", "lint:api", "lint-files", "charts-check", "audit:web", "audit:api", "scan-files", "sast:web", "sast:api", "build:web", "build:api", "test:web", "test:api",
      "package:web", "package:api", "scan-images:web", "scan-images:api", "sign", "push", "deploy-plan:local", "deploy:local", "smoke:local", "perf:local",
    ])
  })

  it("packages nothing before every check of every service", () => {
    const needs = planPipeline(config).find((planned) => planned.id === "package:web")?.needs
    for (const id of ["lint:api", "audit:api", "build:api", "test:api", "lint:web", "lint-files", "charts-check", "sast:api", "sonar"]) expect(needs).toContain(id)
  })

  it("scans files before the build and images before the push", () => {
    const needsOf = (id: string) => planPipeline(config).find((planned) => planned.id === id)?.needs
    expect(needsOf("build:web")).toContain("scan-files")
    expect(needsOf("push")).toEqual(expect.arrayContaining(["scan-images:web", "scan-images:api", "sign"]))
  })

  it("takes environments in the order of delivery.yaml, each after the gates of the one before", () => {
    const plan = planPipeline(config, { environments: ["production", "dev"] })
    expect(plan.filter((planned) => planned.stage === "deploy").map((planned) => planned.environment)).toEqual(["dev", "production"])
    const entry = plan.find((planned) => planned.id === "deploy-plan:production")
    expect(entry?.needs).toEqual(expect.arrayContaining(["push", "deploy:dev", "smoke:dev", "perf:dev", "lint:web", "test:api"]))
    expect(entry?.mustPass).toEqual(["lint:web", "lint:api", "test:web", "test:api"])
  })

  it("names only ids that it has", () => {
    const plan = planPipeline(config, { environments: ["dev", "staging", "production"] })
    const ids = plan.map((planned) => planned.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const planned of plan) expect(ids).toEqual(expect.arrayContaining([...planned.needs, ...planned.mustPass]))
  })

  it.each<[string, PlanOptions, string, string, string]>([
    ["--skip names", { skip: ["perf"] }, "perf:local", "requested", "--skip perf"],
    ["--skip scan means both scans", { skip: ["scan"] }, "scan-images:web", "requested", "--skip scan-images"],
    ["--only leaves out", { only: ["lint", "test"] }, "build:web", "requested", "not in --only lint,lint-files,test"],
    ["--until cuts off", { until: "test" }, "package:web", "requested", "after --until test"],
    ["--services leaves out", { services: ["api"] }, "test:web", "requested", "not in --services api"],
    ["--skip names by the function", { skip: ["lint"] }, "lint-files", "requested", "--skip lint-files"],
    ["--services leaves out of the whole", { services: ["api"] }, "lint-files", "requested", "--services api is not the whole release"],
    ["--services makes no release", { services: ["api"] }, "push", "requested", "--services api is not the whole release"],
    ["did not change", { since: { ref: "main", changedServices: ["api"] } }, "test:web", "unchanged", "web did not change since main"],
    ["has nothing to release", { since: { ref: "main", changedServices: [] } }, "deploy:local", "unchanged", "nothing changed since main"],
    ["has another strategy", {}, "canary:local", "not-configured", "the strategy is rolling"],
    ["has no section", {}, "sonar", "not-configured", "delivery.yaml has no `sonar`"],
    ["must not be loaded", { environments: ["dev"] }, "perf:dev", "not-configured", "`allowPerf` is false"],
  ])("skips what %s", (_, options, id, kind, reason) => {
    expect(skipOf(options, id)).toEqual({ kind, reason })
  })

  it("still releases when only the chart changed", () => {
    const since = { ref: "main", changedServices: [], releaseChanged: true }
    expect(running({ since })).toEqual(["lint-files", "charts-check", "scan-files", "package:web", "package:api", "scan-images:web", "scan-images:api", "sign", "push", "deploy-plan:local", "deploy:local", "smoke:local", "perf:local"])
  })

  it("skips the tests of a service that has none and says so", async () => {
    const without = await shop((text) => text.replace("image: shop/api", "image: shop/api\n    tests: none"))
    expect(planPipeline(without).find(({ id }) => id === "test:api")?.skip).toEqual({ kind: "not-configured", reason: "delivery.yaml says `tests: none`" })
    expect(planStages(without, ["test"]).map(({ skip }) => skip?.kind)).toEqual([undefined, "not-configured"])
  })

  it("packages also the services that did not change, for a release names all", () => {
    expect(skipOf({ since: { ref: "main", changedServices: ["api"] } }, "package:web")).toBeNull()
  })

  it("ends with the plan of an environment", () => {
    const ids = running({ environments: ["dev", "production"], until: "production-plan" })
    expect(ids.at(-1)).toBe("deploy-plan:production")
    expect(ids).toContain("smoke:dev")
    const plan = (until: string | null) => endsWithPlan(planPipeline(config, { environments: ["dev", "production"], until }))
    expect([plan("production-plan"), plan("dev-plan"), plan(null)]).toEqual([["production"], ["dev"], []])
  })

  it("ends with a stage in the first environment", () => {
    expect(running({ environments: ["dev", "staging"], until: "deploy" }).at(-1)).toBe("deploy:dev")
  })

  it("takes the limits from delivery.yaml", async () => {
    const limited = await shop((text) => `${text}stages: {lint: {timeoutSeconds: 7, retries: 3}}\n`)
    expect(planPipeline(limited)[0]).toMatchObject({ id: "lint:web", timeoutSeconds: 7, retries: 3 })
  })

  it("skips a command that neither the toolchain nor the service has", async () => {
    const plain = await withService("  docs: {path: docs, toolchain: plain, image: shop/docs, port: 81, commands: {lint: [vale, .]}}\n")
    const skips = Object.fromEntries(planPipeline(plain).map((planned) => [planned.id, planned.skip]))
    expect(skips["lint:docs"]).toBeNull()
    expect(skips["test:docs"]).toEqual({ kind: "not-configured", reason: "no `commands.test`, and toolchain `plain` has none" })
  })
})

describe("a plan is refused", () => {
  it.each<[string, PlanOptions, RegExp]>([
    ["with an unknown stage in --skip", { skip: ["lnt"] }, /unknown stage in --skip `lnt`\. Did you mean `lint`\? Known: lint, lint-files, charts-check, audit/],
    ["with two unknown stages at once", { only: ["aa", "bb"] }, /`aa`[\s\S]*`bb`/],
    ["with an unknown environment", { environments: ["prod"] }, /unknown environment `prod`\. Known: local, dev, staging, production/],
    ["with an unknown service", { services: ["apj"] }, /unknown service `apj`\. Did you mean `api`\?/],
    ["with an unknown --until", { until: "staging-plan" }, /unknown end in --until `staging-plan`/],
    ["when it skips what an environment requires", { environments: ["production"], skip: ["test"] }, /`production` requires `test:web`, which is skipped: --skip test/],
    ["when --only leaves out what an environment requires", { environments: ["production"], only: ["deploy"] }, /requires `lint:web`/],
    ["when what an environment requires did not change", { environments: ["production"], since: { ref: "x", changedServices: ["api"] } }, /requires `lint:web`/],
  ])("%s", (_, options, message) => {
    expect(() => planPipeline(config, options)).toThrow(UsageError)
    expect(() => planPipeline(config, options)).toThrow(message)
  })

  it("not when the environment that requires it is not reached", () => {
    expect(() => planPipeline(config, { environments: ["dev", "production"], until: "dev-plan", skip: ["test"] })).not.toThrow()
  })

  it("when an environment requires what this version does not have", async () => {
    const strict = await shop((text) => text.replace("[lint, test]", "[switch]"))
    expect(() => planPipeline(strict, { environments: ["production"] })).toThrow(/requires `switch:production`, which is skipped: the strategy/)
  })

  it("when an environment requires signatures and nobody is named who signs", async () => {
    const strict = await shop((text) => text.replace("[lint, test]", "[sign]"))
    expect(() => planPipeline(strict, { environments: ["production"] })).toThrow(/`production` requires `sign`, which is skipped: delivery\.yaml has no `signing`/)
    const signing = await shop((text) => `${text.replace("[lint, test]", "[sign]")}signing: {key: K, publicKey: cosign.pub}\n`)
    expect(() => planPipeline(signing, { environments: ["production"] })).not.toThrow()
  })

  it("for an environment with an owner that it cannot serve, which must not become another one", async () => {
    const other = await shop((text) => text.replace("KUBECONFIG_DEV}", "KUBECONFIG_DEV, owner: argocd}"))
    expect(() => planPipeline(other, { environments: ["dev"] })).toThrow(/which this version does not have yet/)
    expect(() => planStages(other, ["deploy"], { environment: "dev" })).toThrow(UsageError)
    expect(() => planPipeline(other)).not.toThrow()
  })
})

describe("an environment whose strategy moves traffic", () => {
  it.each([["canary", "canary"], ["blueGreen", "switch"]])("%s has the stage %s between deploy and smoke, and the other one is skipped", async (kind, stage) => {
    const config = await shop((text) => text.replace("KUBECONFIG_DEV}", `KUBECONFIG_DEV, strategy: {${kind}: {}}}`))
    const rows = planPipeline(config, { environments: ["dev"] }).filter(({ environment }) => environment === "dev")
    expect(rows.filter((row) => ["canary", "switch"].includes(row.stage) && row.skip === null).map((row) => row.stage)).toEqual([stage])
    expect(rows.find((row) => row.stage === stage)?.needs).toEqual(["deploy:dev"])
    expect(rows.find((row) => row.stage === "smoke")?.needs).toContain(`${stage}:dev`)
  })
})

describe("the plan of single stages", () => {
  it("has their rows alone", () => {
    const plan = planStages(config, ["test"], { services: ["api"] })
    expect(plan.map((planned) => [planned.id, planned.needs])).toEqual([["test:api", []]])
  })

  it("leaves out what did not change", () => {
    const plan = planStages(config, ["lint", "test"], { since: { ref: "main", changedServices: ["api"] } })
    expect(plan.map(({ id, skip }) => [id, skip?.reason])).toEqual([
      ["lint:web", "web did not change since main"], ["lint:api", undefined], ["lint-files", undefined], ["test:web", "web did not change since main"], ["test:api", undefined],
    ])
  })

  it("leaves out the files of the whole repository only when nothing at all changed", () => {
    const skipOfFiles = (releaseChanged: boolean) => planStages(config, ["lint"], { since: { ref: "main", changedServices: [], releaseChanged } }).find(({ id }) => id === "lint-files")?.skip
    expect(skipOfFiles(false)).toEqual({ kind: "unchanged", reason: "nothing changed since main" })
    expect(skipOfFiles(true)).toBeNull()
  })

  it("lints the files of the whole repository, unless only some services are asked for", () => {
    const skips = (services: readonly string[]) => planStages(config, ["lint"], { services }).map((planned) => [planned.id, planned.skip?.reason ?? null])
    expect(skips([])).toEqual([["lint:web", null], ["lint:api", null], ["lint-files", null]])
    expect(skips(["api"])).toEqual([["lint:api", null], ["lint-files", "--services api is not the whole release"]])
  })

  it("keeps the order between them", () => {
    const plan = planStages(config, ["smoke", "deploy"], { environment: "staging" })
    expect(plan.map((planned) => [planned.id, planned.needs])).toEqual([["deploy:staging", []], ["smoke:staging", ["deploy:staging"]]])
  })

  it("keeps it across what is left out: a load test without smoke still waits for the deployment", () => {
    const plan = planStages(config, ["deploy", "perf"], { environment: "staging" })
    expect(plan.map((planned) => [planned.id, planned.needs])).toEqual([["deploy:staging", []], ["perf:staging", ["deploy:staging"]]])
  })
})

it("prints a plan as a table", () => {
  expect(renderPlan(planStages(config, ["test", "sonar"]))).toBe(
    ["test:web  run (at most 1200 s)", "test:api  run (at most 1200 s)", "sonar     skip, not-configured: delivery.yaml has no `sonar`"].join("\n"),
  )
})
