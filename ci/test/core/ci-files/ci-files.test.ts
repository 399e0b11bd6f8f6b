import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { checkedFiles } from "../../../src/core/ci-files/check-files.js"
import { ciFiles, wrapperFor } from "../../../src/core/ci-files/ci-files.js"
import { planCi, type CiPlan } from "../../../src/core/ci-files/ci-plan.js"
import { namesOfCredentials } from "../../../src/core/ci-files/credential-names.js"
import { nextSteps } from "../../../src/core/ci-files/next-steps.js"
import { CI_SYSTEMS } from "../../../src/core/config/ci.js"
import { problemsOf, shop, SHOP } from "../support.js"

const plan = async (edit: (text: string) => string = (text) => text): Promise<CiPlan> => planCi(await shop(edit), parse(edit(SHOP)))
const callsOf = ({ check, deliver, gated, weekly, onRequest }: CiPlan): unknown => ({
  check: check.call,
  deliver: deliver.call,
  gated: gated?.call ?? null,
  weekly: Object.values(weekly).map(({ call }) => call),
  onRequest: Object.values(onRequest).map(({ call }) => call),
})
const header = { runId: "r1", attempt: 1, commit: "c", dirty: false, release: null, environment: null, startedAt: "2026-01-01T00:00:00.000Z" }

describe("the calls of a product", () => {
  it("are two around the gate, one for a change, and those that time or people ask for", async () => {
    expect(callsOf(await plan())).toEqual({
      check: "pipeline --environments local",
      deliver: "pipeline --environments dev,staging,production --until production-plan",
      gated: 'deploy --environment production --plan "$(cat .delivery/runs/*/plans/production.hash)" --approved-by <approved by>',
      weekly: ["scan", "drift --environment production"],
      onRequest: ["perf --environment staging", "rollback --environment production"],
    })
  })

  it("are one where nobody has to approve", async () => {
    const calls = await plan((text) => text.replace("approval: required, ", ""))
    expect(callsOf(calls)).toMatchObject({ deliver: "pipeline --environments dev,staging,production", gated: null })
  })

  it("deploy nothing where there is nothing to deploy", async () => {
    const only = await plan((text) => text.replace(/^chart:.*\n/m, "").replace(/^environments:\n( .*\n)+/m, "").replace(/^perf:.*\n/m, ""))
    expect(callsOf(only)).toEqual({ check: "pipeline --environments local", deliver: "pipeline --environments local", gated: null, weekly: ["scan"], onRequest: [] })
    for (const { text } of ciFiles(only, CI_SYSTEMS)) expect(text).not.toMatch(/deploy-|rollback --|undefined/)
  })

  it("leave out what runs by itself where no day is set", async () => {
    const calls = await plan((text) => `${text}ci: {weekly: null}\n`)
    expect(callsOf(calls)).toMatchObject({ weekly: [] })
    for (const { text } of ciFiles(calls, CI_SYSTEMS)) expect(text).not.toMatch(/\bscan\b/)
  })

  it("are refused where the gate is not the last one", async () => {
    await expect(plan((text) => text.replace("{kubeconfig: KUBECONFIG_DEV}", "{kubeconfig: KUBECONFIG_DEV, approval: required}"))).rejects.toThrow(
      "expected `dev`, which needs an approval, to be the last one, got `staging`, `production` after it",
    )
  })

  it("take the branch and the machines that delivery.yaml names", async () => {
    const calls = await plan((text) => `${text}ci: {branch: release/stable, runner: big}\n`)
    for (const { path, text } of ciFiles(calls, CI_SYSTEMS)) expect(`${path} ${/release\/stable/.test(text) && /\bbig\b/.test(text)}`).toBe(`${path} true`)
  })
})

describe("YAML's anchors", () => {
  it.each([
    ["with a gate", (text: string) => text],
    ["without a gate", (text: string) => text.replace("approval: required, ", "")],
    ["without schedule", (text: string) => `${text}ci: {weekly: null}\n`],
  ])("are all referred to: %s", async (_, edit) => {
    for (const { path, text } of ciFiles(await plan(edit), CI_SYSTEMS)) {
      const names = (sign: string): string[] => [...new Set([...text.matchAll(new RegExp(` \\${sign}([a-z]+)( |$)`, "gm"))].map(([, name]) => name ?? ""))].toSorted()
      expect([path, names("&")]).toEqual([path, path.startsWith(".github") ? names("*") : []])
    }
  })
})

describe("an engine that outlives the jobs", () => {
  it("needs no Docker daemon beside a job of GitLab", async () => {
    const gitlab = async (ci: string): Promise<string> => ciFiles(await plan((text) => `${text}${ci}`), ["gitlab"])[0]?.text ?? ""
    expect(await gitlab("")).toContain("docker:29.7.2-dind")
    expect(await gitlab("ci: {engine: kept}\n")).not.toMatch(/dind|DOCKER_|services:/)
  })
})

describe("the credentials of a call", () => {
  const signed = { signing: { key: "COSIGN_KEY" }, registry: { address: "r.example", password: "REGISTRY_PASSWORD" }, environments: { a: { kubeconfig: "KUBE_A" }, b: { kubeconfig: "KUBE_B" } } }

  it("are those that the file names, of the environments that it goes to", () => {
    expect(namesOfCredentials(signed, ["b"])).toEqual(expect.arrayContaining(["REGISTRY_PASSWORD", "KUBE_B"]))
    expect(namesOfCredentials(signed, ["b"])).not.toContain("KUBE_A")
  })

  it("are no other texts in capitals", () => {
    expect(namesOfCredentials({ services: { web: { env: { MODE: "PRODUCTION" } } }, project: "SHOP" }, [])).toEqual([])
  })
})

describe("ci-check", async () => {
  const wanted = ciFiles(await plan(), CI_SYSTEMS)
  const present = Object.fromEntries(wanted.map(({ path, text }) => [path, text]))

  it("passes what ci-generate wrote", () => {
    expect(checkedFiles(header, wanted, present)).toMatchObject({ verdict: "passed", stages: [{ stage: "ci-check", verdict: "passed", findings: [] }] })
  })

  it("fails what was changed by hand or is missing, all at once, with file and line", () => {
    const changed = { ...present, Jenkinsfile: present["Jenkinsfile"]?.replace("agent none", "agent any") ?? "", ".gitlab-ci.yml": null }
    const { verdict, stages } = checkedFiles(header, wanted, changed)
    expect(verdict).toBe("failed")
    expect(stages[0]?.findings.map(({ file, line, message }) => [file, line, message])).toEqual([
      [".gitlab-ci.yml", null, "is missing"],
      ["Jenkinsfile", 9, "line 9: expected `agent none // a gate that waits holds no machine`, got `agent any // a gate that waits holds no machine`"],
    ])
    expect(stages[0]?.reason).toContain("Run ci-generate")
  })

  it("sees a line too many at the end", () => {
    const longer = { ...present, Jenkinsfile: `${present["Jenkinsfile"] ?? ""}more` }
    expect(checkedFiles(header, wanted, longer).verdict).toBe("failed")
  })
})

describe("a repository that does not hold the module", () => {
  it("gets the wrapper with the module's address", () => {
    expect(wrapperFor("#!/bin/sh\nmodule=\nx=1\n", "github.com/acme/delivery@v1.2.3")).toBe("#!/bin/sh\nmodule=github.com/acme/delivery@v1.2.3\nx=1\n")
  })

  it.each([
    ["github.com/acme/delivery", "expected a git address with a version"],
    ["github.com/acme/delivery@main", "expected a tag or a commit after the @, got `main`, which moves"],
    ["github.com/acme/delivery@v1; curl evil", "expected a git address with a version"],
    ["../delivery@v1", "expected a git address with a version"],
  ])("names it with a version: %s", async (module, message) => {
    expect((await problemsOf(`${SHOP}ci: {module: ${JSON.stringify(module)}}\n`)).join("\n")).toContain(message)
  })
})

describe("what is left to do", () => {
  it("is told for each system, with the names of the secrets", async () => {
    const lines = nextSteps(await plan(), { systems: CI_SYSTEMS, module: null, branch: "main", weekly: "17 4 * * 1", engine: "docker", runner: null, forge: null }).join("\n")
    for (const system of CI_SYSTEMS) expect(lines).toContain(`  ${system}: `)
    expect(lines).toContain("KUBECONFIG_DEV, KUBECONFIG_STAGING, KUBECONFIG_PRODUCTION")
    expect(lines).toContain("required reviewers")
  })
})
