// Infrastructure, chart and delivery.yaml speak of the same things by the same names.
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "yaml"
import { describe, expect, it } from "vitest"
import { ROOT } from "../support/daggerw.js"

interface Delivery {
  readonly services: Readonly<Record<string, { readonly image: string }>>
  readonly environments: Readonly<Record<string, { readonly namespace: string; readonly values: readonly string[]; readonly approval?: string }>>
  readonly project: string
}
interface Values {
  readonly services?: Readonly<Record<string, { readonly secretEnv?: Readonly<Record<string, { readonly key: string }>> }>>
  readonly backup?: { readonly secretEnv?: Readonly<Record<string, { readonly key: string }>> }
  readonly databases?: Readonly<Record<string, { readonly cidrs?: readonly string[] }>>
}

const text = (path: string): string => readFileSync(join(ROOT, path), "utf8")
const delivery = parse(text("delivery.yaml")) as Delivery
const remote = Object.entries(delivery.environments).filter(([name]) => name !== "local")
const product = text("terraform/modules/product/main.tf")
const root = (environment: string, file: string): string => text(`terraform/envs/${environment}/${file}`)
const setting = (environment: string, name: string): string => new RegExp(`^${name} += "?([^"\\n]*)"?$`, "m").exec(root(environment, "terraform.tfvars"))?.[1] ?? ""
const local = (name: string, environment: string): string => (new RegExp(`^ *${name} += "([^"]*)"`, "m").exec(product)?.[1] ?? "").replace("${var.environment_short}", setting(environment, "environment_short")).replace("${var.environment}", environment)

describe("the environments", () => {
  it("are those of delivery.yaml, but for `local`", () => {
    expect(readdirSync(join(ROOT, "terraform/envs")).sort()).toEqual(remote.map(([name]) => name).sort())
  })

  it.each(remote)("%s has the namespace, the protection and a state of its own", (name, { namespace, approval }) => {
    expect(setting(name, "environment")).toBe(name)
    expect(local("namespace", name)).toBe(namespace)
    expect(setting(name, "critical")).toBe(String(approval === "required"))
    expect(root(name, "backend.tf")).toContain(`key          = "${name}/terraform.tfstate"`)
  })

  it("have the cluster that the docs name", () => {
    expect(local("cluster_name", "production")).toBe("docuthinker-eks-prod")
    expect(text("delivery.yaml")).toContain("# Cluster docuthinker-eks-prod.")
    expect(text("docs/terraform.md")).toContain("aws eks update-kubeconfig --name docuthinker-eks-prod")
  })

  it("differ in their settings and in where their state lies, and in nothing else", () => {
    for (const file of ["main.tf", "variables.tf", "outputs.tf", "providers.tf", "versions.tf", "tests/plan.tftest.hcl"]) {
      expect(new Set(remote.map(([name]) => root(name, file))).size, file).toBe(1)
    }
  })
})

describe("what the chart asks for", () => {
  it.each(remote)("of %s is what the infrastructure makes", (name, { values }) => {
    const files = values.map((path) => parse(text(path)) as Values)
    const prefix = /prefix += "(docuthinker\/\$\{var\.environment\})"/.exec(product)?.[1]?.replace("${var.environment}", name)
    const made = [...(/secrets = \{\n([^]*?)\n {2}\}/.exec(product)?.[1] ?? "").matchAll(/^ +(\w+) += /gm)].map(([, secret]) => `${prefix}/${secret}`)
    const asked = files.flatMap(({ services = {}, backup }) => [...Object.values(services), backup ?? {}].flatMap(({ secretEnv = {} }) => Object.values(secretEnv).map(({ key }) => key)))
    expect(made.length).toBe(2)
    for (const key of asked) expect(made).toContain(key)
    const cidrs = files.flatMap(({ databases = {} }) => Object.values(databases).flatMap((database) => database.cidrs ?? []))
    for (const cidr of cidrs) expect(cidr).toBe(setting(name, "cidr"))
  })

  it("of images has a repository for each service, and one for the release itself", () => {
    const repositories = (/variable "repositories" \{[^]*?default += \[([^\]]*)\]/.exec(text("terraform/modules/product/variables.tf"))?.[1] ?? "").split(",").map((name) => name.trim().replaceAll('"', ""))
    expect(repositories.sort()).toEqual([delivery.project, ...Object.values(delivery.services).map(({ image }) => image)].sort())
  })
})

describe("the provider", () => {
  it("is held at the version whose schema the stand-in has, which knows each type that is used", () => {
    const { provider_version: version, provider_schemas: schemas } = JSON.parse(text("ci/tools/terraform/stand-in/schema.json")) as { provider_version: string; provider_schemas: Record<string, { resource_schemas: object }> }
    for (const [name] of remote) expect(root(name, "versions.tf")).toContain(`version = "${version}"`)
    const files = readdirSync(join(ROOT, "terraform"), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".tf"))
    const used = new Set(files.flatMap((file) => [...text(`terraform/${file}`).matchAll(/^resource "(\w+)"/gm)].map(([, type = ""]) => type)))
    expect(used.size).toBeGreaterThan(60)
    expect([...used].filter((type) => !(type in (schemas["hashicorp/aws"]?.resource_schemas ?? {})))).toEqual([])
  })
})
