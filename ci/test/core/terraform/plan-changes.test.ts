import { describe, expect, it } from "vitest"
import { driftedResources, planChanges, planProviders, readPlan } from "../../../src/core/terraform/plan-changes.js"
import { countChanges, renderChanges } from "../../../src/core/terraform/plan-text.js"

const resource = (address: string, actions: string[], more: object = {}, mode = "managed") => ({ address, mode, type: address.split(".").at(-2), change: { actions, ...more } })
const plan = {
  resource_changes: [
    resource("module.a.aws_db_instance.main", ["delete", "create"], { replace_paths: [["engine"]], before: { password: "hunter2" }, after: { password: "hunter3" } }),
    resource("aws_subnet.old", ["delete"]),
    resource("aws_iam_role_policy.ci", ["update"], { before: { policy: "a" }, after: { policy: "b" } }),
    resource("aws_lb.main", ["update"], { before: { idle_timeout: 60, arn: "x" }, after: { idle_timeout: 30, arn: "x" }, after_unknown: { dns_name: true } }),
    resource("aws_nat_gateway.c", ["create"]),
    resource("aws_vpc.main", ["no-op"]),
    resource("data.aws_region.here", ["read"], {}, "data"),
    resource("aws_dynamodb_like_table.mine", ["delete"]),
  ],
}

describe("what a plan would do", () => {
  it("is told by address, with what differs and what forces it, without a value", () => {
    const changes = planChanges(plan, [])
    expect(changes.map(({ action, address, losesData, fields }) => [action, address, losesData, fields.join()])).toEqual([
      ["replace", "module.a.aws_db_instance.main", true, "engine"],
      ["destroy", "aws_subnet.old", false, ""],
      ["change", "aws_iam_role_policy.ci", false, "policy"],
      ["change", "aws_lb.main", false, "dns_name,idle_timeout"],
      ["create", "aws_nat_gateway.c", false, ""],
      ["destroy", "aws_dynamodb_like_table.mine", false, ""],
    ])
    expect(JSON.stringify(changes)).not.toContain("hunter")
    expect(planChanges(plan, ["aws_dynamodb_like_table"]).at(-1)?.losesData).toBe(true)
  })

  it("is rendered with the dangerous first", () => {
    const text = renderChanges(planChanges(plan, []))
    const order = ["loses data", "module.a.aws_db_instance.main  (because of engine)", "destroyed:", "aws_subnet.old", "who may come in", "aws_iam_role_policy.ci", "changed:", "aws_lb.main", "created:", "aws_nat_gateway.c", "cost drivers: +1 aws_nat_gateway"]
    const places = order.map((words) => text.indexOf(words))
    expect(places).not.toContain(-1)
    expect(places).toEqual([...places].sort((one, other) => one - other))
    expect(countChanges(planChanges(plan, []))).toBe("1 to create, 2 to change, 1 to replace, 2 to destroy")
    expect(countChanges([])).toBe("nothing to do")
  })

  it("finds what differs from what was applied, and what is gone", () => {
    const drift = driftedResources({ resource_drift: [resource("aws_s3_bucket.a", ["update"], { before: { tags: {} }, after: { tags: { a: "b" } } }), resource("aws_eip.b", ["delete"])] })
    expect(drift.map(({ address, action, fields }) => [address, action, fields])).toEqual([["aws_s3_bucket.a", "change", ["tags"]], ["aws_eip.b", "destroy", []]])
  })
})

describe("a plan", () => {
  it("is read as tofu shows it", () => {
    expect(readPlan(JSON.stringify({ format_version: "1.2", ...plan }))).toMatchObject(plan)
  })

  it.each([["nothing", ""], ["words", "Error: no plan\n"], ["half of one", '{"format_version":"1.2","resource_'], ["something else", '{"valid":true}'], ["a list", "[]"]])("is none when it is %s", (_, text) => {
    expect(readPlan(text)).toBeNull()
  })
})

describe("the providers that a plan would run", () => {
  const AWS = "registry.opentofu.org/hashicorp/aws"
  it("are those of its resources and of its configuration, without what tofu brings itself", () => {
    const touched = { ...resource("aws_vpc.main", ["create"]), provider_name: AWS }
    const builtIn = { ...resource("terraform_data.one", ["create"]), provider_name: "terraform.io/builtin/terraform" }
    expect(planProviders({ resource_changes: [touched, touched, builtIn], configuration: { provider_config: { "aws.replica": { full_name: AWS }, tls: { full_name: "registry.opentofu.org/hashicorp/tls" } } } })).toEqual([AWS, "registry.opentofu.org/hashicorp/tls"])
  })
  it("are none where tofu alone is at work", () => {
    expect(planProviders({ resource_changes: [{ ...resource("terraform_data.one", ["create"]), provider_name: "terraform.io/builtin/terraform" }] })).toEqual([])
  })
})
