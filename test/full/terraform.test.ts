// Infrastructure code before real tools: tofu, conftest, tflint, Trivy and checkov. One run judges many mistakes, each by the policy that must find it.
import { describe, expect, it } from "vitest"
import { call, closingLine } from "../support/daggerw.js"
import { newRun } from "../support/runs.js"
import { FILE_MISTAKES, NEW_FILES, PLAN_MISTAKES, PROTECTED_ALONE, plantMistakes } from "../support/terraform-mistakes.js"
import { productTree, type Tree } from "../support/trees.js"

async function checked(tree: Tree, what: string) {
  const run = newRun(what)
  const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "terraform-check"], { limitSeconds: 1800 })
  const row = (stage: string, environment: string | null = null) => run.record().stages.find((each) => each.stage === stage && each.environment === environment)
  const rules = (stage: string, environment: string | null = null): readonly string[] => [...new Set((row(stage, environment)?.findings ?? []).filter(({ severity }) => severity !== "info").map(({ rule }) => rule))].sort()
  return { run, ended, row, rules }
}

describe("terraform-check", () => {
  it("passes on this repository, says what could not run here, and comes from the cache the second time", async () => {
    const { row, ended } = await checked(productTree(), "terraform")
    expect(ended.status, ended.output).toBe(0)
    for (const environment of ["dev", "staging", "production"]) {
      expect(row("validate, test", environment)).toMatchObject({ verdict: "passed" })
      expect(row("policy", environment)).toMatchObject({ verdict: "passed", reason: expect.stringMatching(/^\d\d rules on a plan of the tests/) })
    }
    for (const stage of ["fmt", "modules", "policy of files", "tflint", "trivy", "checkov"]) expect(row(stage), stage).toMatchObject({ verdict: "passed" })
    const provider = row("provider")
    if (provider?.verdict !== "passed") expect(provider).toMatchObject({ verdict: "skipped", skipKind: "unavailable", reason: expect.stringContaining("hashicorp/aws 6.62.0") })
    expect((await checked(productTree(), "terraform-again")).row("modules")).toMatchObject({ verdict: "passed", cached: true })
  })

  it("finds each of the planted mistakes by its own policy, and no other", async () => {
    const tree = plantMistakes(productTree(), [...PLAN_MISTAKES, ...FILE_MISTAKES])
    for (const [file, text] of Object.entries(NEW_FILES)) tree.write(file, text)
    const { row, rules, ended } = await checked(tree, "terraform-red")
    expect(ended.status, closingLine(ended)).toBe(1)
    const all = PLAN_MISTAKES.map(({ policy }) => policy).sort()
    expect(all.length).toBeGreaterThan(40)
    expect(rules("policy", "production")).toEqual(all)
    expect(rules("policy", "dev")).toEqual(all.filter((policy) => !PROTECTED_ALONE.includes(policy)))
    expect(rules("policy of files")).toEqual([...FILE_MISTAKES.map(({ policy }) => policy), "pinned-modules", "provider-in-module"].sort())
    expect(rules("fmt")).toEqual(["fmt"])
    expect(rules("tflint")).toContain("terraform_unused_declarations")
    for (const stage of ["modules", "trivy", "checkov"]) expect(row(stage), stage).toMatchObject({ verdict: "failed" })
  })

  const FAULTS: readonly [string, (tree: Tree) => Tree, "failed" | "error", RegExp, string][] = [
    ["an argument that the provider does not have", (tree) => plantMistakes(tree, [{ policy: "schema", file: "modules/eks/main.tf", from: "enabled_cluster_log_types ", to: "enabled_log_types " }]), "failed", /Unsupported argument/, "modules"],
    ["an argument of another type", (tree) => plantMistakes(tree, [{ policy: "schema", file: "modules/database/main.tf", from: "monitoring_interval                   = 60", to: 'monitoring_interval                   = ["60"]' }]), "failed", /Incorrect attribute value type/, "modules"],
    ["a variable out of range", (tree) => plantMistakes(tree, [{ policy: "range", file: "envs/production/terraform.tfvars", from: "log_retention_days   = 365", to: "log_retention_days   = 17" }]), "failed", /Invalid value for variable: log_retention_days: expected/, "validate, test"],
    ["a file that is no HCL", (tree) => tree.write("terraform/modules/registry/broken.tf", "resource {{{\n"), "failed", /Invalid|Argument|block/, "modules"],
  ]
  it.each(FAULTS)("has a verdict on %s", async (_, plant, verdict, reason, stage) => {
    const { row, ended } = await checked(plant(productTree()), "terraform-fault")
    expect(row(stage, stage === "modules" ? null : "production"), ended.output).toMatchObject({ verdict, reason: expect.stringMatching(reason) })
    expect(ended.status, closingLine(ended)).toBe(1)
  })
})
