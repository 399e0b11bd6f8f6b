import { describe, expect, it } from "vitest"
import { ciFiles, planFiles, type FilesInput } from "../../../src/core/lint-files/plan-files.js"
import { standInRelease } from "../../../src/core/lint-files/stand-in.js"
import { shop } from "../support.js"

const YAMLLINT = ["yamllint", "-f", "parsable", "-d", "{rules: {anchors: enable, key-duplicates: enable}}", "--"]
const HADOLINT = ["hadolint", "--no-color", "--failure-threshold", "warning", "--"]
const schema = (name: string): string[] => ["check-jsonschema", "--builtin-schema", name]

function plan(paths: readonly string[], more: Partial<FilesInput> & { readonly texts?: Readonly<Record<string, string>> } = {}) {
  const { texts = {}, ...rest } = more
  return planFiles({ tree: { paths: new Set(paths), texts }, dockerfiles: [], exclude: [], chart: null, environments: [], root: "/work", releaseValues: "/lint/values.json", ...rest })
}

/** The programs that look at one file. */
const programs = (path: string, text = ""): readonly string[] => plan([path], { texts: { [path]: text } }).commands.map(({ argv }) => [argv[0], ...argv.filter((word) => word.startsWith("vendor."))].join(" "))

describe("files that are left out", () => {
  it("are counted, and nothing looks at them, also where delivery.yaml names them elsewhere", () => {
    const { commands, linted } = plan(["app.yaml", "docs/samples/broken.yaml", "docs/samples/.gitlab-ci.yml", "old/Dockerfile"], { exclude: ["docs/samples/**", "old/Dockerfile"], dockerfiles: ["old/Dockerfile"] })
    expect(commands.map(({ argv }) => argv.at(-1))).toEqual(["app.yaml"])
    expect(linted).toBe("1 YAML file, 3 files left out (lint.exclude)")
  })
})

describe("which tool takes which file", () => {
  it.each<[string, readonly string[]]>([
    ["Dockerfile", ["hadolint"]],
    ["apps/web/Dockerfile", ["hadolint"]],
    ["Dockerfile.dev", ["hadolint"]],
    ["build/web.Dockerfile", ["hadolint"]],
    ["web.dockerfile", ["hadolint"]],
    ["Containerfile", ["hadolint"]],
    ["Dockerfile.dockerignore", []],
    ["Dockerfile.j2", []],
    ["Dockerfile.md", []],
    ["dockerfile.ts", []],
    ["src/Dockerfiles.md", []],
    ["config/app.yaml", ["yamllint"]],
    ["config/app.yml", ["yamllint"]],
    ["pnpm-lock.yaml", []],
    ["apps/web/pnpm-lock.yaml", []],
    ["app.yaml.j2", []],
    [".gitlab-ci.yml", ["yamllint", "check-jsonschema vendor.gitlab-ci"]],
    ["ci/build.gitlab-ci.yml", ["yamllint", "check-jsonschema vendor.gitlab-ci"]],
    [".circleci/config.yml", ["yamllint", "check-jsonschema vendor.circle-ci"]],
    ["apps/.circleci/config.yml", ["yamllint"]],
    [".github/workflows/ci.yml", ["yamllint", "check-jsonschema vendor.github-workflows", "actionlint"]],
    [".github/workflows/more/ci.yml", ["yamllint"]],
    [".github/actions/setup/action.yml", ["yamllint", "check-jsonschema vendor.github-actions"]],
    [".github/dependabot.yml", ["yamllint", "check-jsonschema vendor.dependabot"]],
    ["README.md", []],
  ])("%s goes to %j", (path, expected) => {
    expect(programs(path)).toEqual(expected)
  })

  it("leaves a GitLab file with a header of its own to yamllint: the schema is for one document", () => {
    expect(programs(".gitlab-ci.yml", "spec:\n  inputs: {}\n---\ntest: {script: a}\n")).toEqual(["yamllint"])
    expect(programs(".gitlab-ci.yml", "# ours\n---\ntest: {script: a}\n")).toEqual(["yamllint", "check-jsonschema vendor.gitlab-ci"])
  })

  it("takes a Dockerfile that delivery.yaml names, whatever it is called", () => {
    expect(plan(["build/image.web"], { dockerfiles: ["build/image.web"] }).commands).toEqual([{ argv: [...HADOLINT, "build/image.web"], folder: "" }])
  })

  it("leaves the templates of every chart to Helm, and takes its other YAML", () => {
    const paths = ["Chart.yaml", "templates/a.yaml", "charts/shop/Chart.yaml", "charts/shop/templates/tests/a.yaml", "charts/shop/values.yaml", "apps/templates/page.yaml"]
    expect(plan(paths).commands).toEqual([{ argv: [...YAMLLINT, "Chart.yaml", "apps/templates/page.yaml", "charts/shop/Chart.yaml", "charts/shop/values.yaml"], folder: "" }])
  })

  it("knows the CI files before it has their texts", () => {
    expect(ciFiles(["a.yaml", ".gitlab-ci.yml", ".github/workflows/a.yml"])).toEqual([".gitlab-ci.yml", ".github/workflows/a.yml"])
  })
})

describe("the repository's own configuration", () => {
  it("wins, the nearest one for each file, with the tool beside it", () => {
    const paths = [".yamllint", "a.yaml", "apps/web/.hadolint.yaml", "apps/web/Dockerfile", "apps/web/sub/Dockerfile", "apps/api/Dockerfile"]
    expect(plan(paths).commands).toEqual([
      { argv: ["hadolint", "--no-color", "--failure-threshold", "warning", "--", "apps/api/Dockerfile"], folder: "" },
      { argv: ["hadolint", "--no-color", "--", "Dockerfile", "sub/Dockerfile"], folder: "apps/web" },
      { argv: ["yamllint", "-f", "parsable", "--", "a.yaml", "apps/web/.hadolint.yaml"], folder: "" },
    ])
  })
})

describe("the chart", () => {
  const chart = { path: "./charts/shop/", release: "shop" }
  const environments = [{ namespace: "dev", values: [] }, { namespace: "prod", values: ["charts/shop/values-prod.yaml", "./more.yaml"] }]

  it("is linted in its folder with the values of each environment, and those of a release last", () => {
    expect(plan([], { chart, environments })).toEqual({
      commands: [
        { argv: ["helm", "lint", "--strict", ".", "--namespace", "dev", "--values", "/lint/values.json"], folder: "charts/shop" },
        {
          argv: ["helm", "lint", "--strict", ".", "--namespace", "prod", "--values", "/work/charts/shop/values-prod.yaml", "--values", "/work/more.yaml", "--values", "/lint/values.json"],
          folder: "charts/shop",
        },
      ],
      linted: "1 chart",
    })
  })

  it("gets a reference by digest for the image of each service", async () => {
    const { images } = standInRelease(await shop())
    expect(Object.keys(images)).toEqual(["web", "api"])
    expect(images["web"]?.ref).toBe(`registry.invalid/shop/web@sha256:${"0".repeat(64)}`)
  })
})

describe("the whole", () => {
  it("says what is linted", () => {
    const paths = ["Dockerfile", "a/Dockerfile", ".gitlab-ci.yml", ".github/workflows/ci.yml", "a.yaml"]
    const { linted, commands } = plan(paths, { chart: { path: "chart", release: "a" }, environments: [{ namespace: "local", values: [] }] })
    expect(linted).toBe("2 Dockerfiles, 3 YAML files, 2 CI files, 1 chart")
    expect(commands.map(({ argv }) => argv[0])).toEqual(["hadolint", "yamllint", "check-jsonschema", "check-jsonschema", "actionlint", "helm"])
    expect(commands[2]?.argv).toEqual([...schema("vendor.gitlab-ci"), "--data-transform", "gitlab-ci", "--", ".gitlab-ci.yml"])
  })

  it("is nothing in a repository without such files", () => {
    expect(plan(["README.md", "src/a.ts"])).toEqual({ commands: [], linted: "" })
  })

  it("is split before the arguments are too long for one command", () => {
    const paths = Array.from({ length: 5000 }, (_, index) => `folder-with-a-long-name-${index}/values-of-something.yaml`)
    const { commands } = plan(paths)
    expect(commands.length).toBeGreaterThan(1)
    expect(commands.flatMap(({ argv }) => argv.slice(YAMLLINT.length))).toEqual([...paths].sort())
    for (const { argv } of commands) expect(argv.join(" ").length).toBeLessThan(110_000)
  })

  it("keeps names with spaces and letters of any language as they are", () => {
    expect(plan(["ä b/c d.yaml"]).commands[0]?.argv.at(-1)).toBe("ä b/c d.yaml")
  })
})
