// terraform-plan, -apply and -drift for real: tofu, a state with locks behind HTTP, and resources that need no provider.
import { join } from "node:path"
import { stringify } from "yaml"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { call, closingLine, ROOT } from "../support/daggerw.js"
import { newRun } from "../support/runs.js"
import { startStateServer, type StateServer } from "../support/state-server.js"
import { newTree, type Tree } from "../support/trees.js"

// The machine that the engine runs on, as its containers see it.
const HOST = "10.90.1.1"
const COMMIT = "1".repeat(40)
const PASSPHRASE = "a-passphrase-of-this-test-alone"
const TOKEN = "hunter2-of-this-test"

let state: StateServer
beforeAll(async () => {
  state = await startStateServer(HOST)
})
afterAll(() => void state.server.close())

/** A database that is none, and one resource beside it. `keep` makes its end a loss of data. */
function infrastructure(size: number, { database = true }: { database?: boolean } = {}): Tree {
  const tree = newTree({ "pins.yaml": "pins.yaml" })
  const root = (environment: string): string => `terraform {
  backend "http" {
    address        = "${state.url}/${environment}"
    lock_address   = "${state.url}/${environment}"
    unlock_address = "${state.url}/${environment}"
  }
}
variable "token" {
  type      = string
  sensitive = true
}
variable "size" {
  type    = number
  default = ${size}
  validation {
    condition     = var.size <= 100
    error_message = "size: expected 100 at most."
  }
}
resource "terraform_data" "network" {
  input = "${environment} \${var.size} \${var.token}"
}
${database ? 'resource "terraform_data" "database" {\n  triggers_replace = [var.size]\n}\n' : ""}`
  const credentials = { TF_VAR_token: "INFRA_TOKEN" }
  return tree
    .write("docs/page.txt", "A page.\n")
    .write("infra/envs/staging/main.tf", root("staging"))
    .write("infra/envs/production/main.tf", root("production"))
    .write("delivery.yaml", stringify({
      version: 1, project: "infra", services: { docs: { path: "docs", toolchain: "plain", commands: { lint: ["test", "-s", "page.txt"] } } },
      environments: { staging: { kubeconfig: "KUBECONFIG_STAGING" }, production: { kubeconfig: "KUBECONFIG_PRODUCTION", approval: "required" } },
      terraform: { path: "infra", passphrase: "PLAN_PASSPHRASE", keep: ["terraform_data"], credentials: { staging: credentials, production: credentials } },
    }))
}

async function live(tree: Tree, argv: readonly string[], commit = COMMIT) {
  const run = newRun("terraform-live")
  const given = ["--credentials=env:PLAN_PASSPHRASE", "--credentials=env:INFRA_TOKEN"]
  const ended = await call([`--source=${tree.path}`, `--commit=${commit}`, "--dirty=false", ...given, `--run-id=${run.runId}`, ...argv], { env: { PLAN_PASSPHRASE: PASSPHRASE, INFRA_TOKEN: TOKEN }, limitSeconds: 600 })
  const hash = /terraform plan ([0-9a-f]{64})/.exec(ended.output)?.[1] ?? ""
  const saved = join(ROOT, ".delivery/runs", run.runId, "terraform")
  return { run, ended, hash, apply: (environment: string, ...more: string[]) => ["terraform-apply", `--environment=${environment}`, `--saved=${saved}`, `--plan=${hash}`, ...more] }
}
const plan = (environment: string): string[] => ["terraform-plan", `--environment=${environment}`]

describe("a plan, its approval and its application", () => {
  it("plans, applies that plan alone, and finds nothing to do and no drift afterwards", async () => {
    const tree = infrastructure(1)
    const planned = await live(tree, plan("production"))
    expect(planned.ended.status, planned.ended.output).toBe(0)
    expect(planned.ended.output).toContain("2 to create")
    expect(planned.hash).not.toBe("")
    expect(planned.run.has("terraform/production.tfplan")).toBe(true)
    expect(planned.run.text("terraform/production.tfplan")).not.toContain(TOKEN)
    expect(planned.ended.output).not.toContain(TOKEN)

    const unapproved = await live(tree, planned.apply("production"))
    expect([unapproved.ended.status, closingLine(unapproved.ended)]).toEqual([4, expect.stringContaining("needs an approval of plan")])
    const other = await live(tree, planned.apply("production", "--approved-by=ada").map((word) => (word.startsWith("--plan=") ? `--plan=${"0".repeat(64)}` : word)))
    expect([other.ended.status, closingLine(other.ended)]).toEqual([2, expect.stringContaining("Nothing was applied")])
    const elsewhere = await live(tree, planned.apply("production", "--approved-by=ada"), "2".repeat(40))
    expect([elsewhere.ended.status, closingLine(elsewhere.ended)]).toEqual([2, expect.stringMatching(/made from commit 1{12}.*checkout is at 2{12}/)])
    expect(state.states.has("/production")).toBe(false)

    const applied = await live(tree, planned.apply("production", "--approved-by=ada"))
    expect([applied.ended.status, closingLine(applied.ended)], applied.ended.output).toEqual([0, expect.stringContaining("passed")])
    expect(state.states.get("/production")).toContain("terraform_data")
    expect(JSON.parse(applied.run.text("terraform/production.applied.json"))).toMatchObject({ plan: planned.hash, approvedBy: "ada", commit: COMMIT, outcome: "applied" })
    const again = await live(tree, planned.apply("production", "--approved-by=ada"))
    expect([again.ended.status, closingLine(again.ended)]).toEqual([2, expect.stringContaining("the state has moved since the plan was made")])

    expect((await live(tree, plan("production"))).ended.output).toContain("nothing to do")
    const drift = await live(tree, ["terraform-drift", "--environment=production"])
    expect([drift.ended.status, closingLine(drift.ended)]).toEqual([0, expect.stringContaining("passed")])
  })

  it("asks for a confirmation of each loss of data, by its address", async () => {
    const first = await live(infrastructure(1), plan("staging"))
    expect((await live(infrastructure(1), first.apply("staging"))).ended.status).toBe(0)
    const without = infrastructure(1, { database: false })
    const planned = await live(without, plan("staging"))
    expect(planned.ended.output).toMatch(/loses data, so each needs --confirm-loss:\n {2}destroy {2}terraform_data\.database/)
    const refused = await live(without, planned.apply("staging"))
    expect([refused.ended.status, closingLine(refused.ended)]).toEqual([4, expect.stringContaining("destroy terraform_data.database")])
    const wrong = await live(without, planned.apply("staging", "--confirm-loss=terraform_data.network"))
    expect([wrong.ended.status, closingLine(wrong.ended)]).toEqual([2, expect.stringContaining("the plan loses no data of terraform_data.network")])
    expect((await live(without, planned.apply("staging", "--confirm-loss=terraform_data.database"))).ended.status).toBe(0)
    expect(state.states.get("/staging")).not.toContain('"database"')
  })

  it("tells a lock that somebody else holds, a variable out of range and a saved plan of another passphrase apart", async () => {
    state.locks.set("/staging", JSON.stringify({ ID: "0b6f7e5c-0000-4000-8000-000000000000", Operation: "OperationTypeApply", Who: "grace@laptop", Created: "2026-11-23T12:00:00Z" }))
    const locked = await live(infrastructure(2), plan("staging"))
    expect([locked.ended.status, closingLine(locked.ended)]).toEqual([2, expect.stringMatching(/somebody else holds the state's lock.*grace@laptop|somebody else holds the state's lock/)])
    state.locks.clear()
    const range = await live(infrastructure(1000), plan("staging"))
    expect([range.ended.status, closingLine(range.ended)]).toEqual([1, expect.stringContaining("size: expected 100 at most")])
  })
})
