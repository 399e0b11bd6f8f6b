import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { ownCiFiles, ownCiPlan } from "../../ci/scripts/own-ci-files.js"
import { CI_ACTIONS, CI_IMAGES } from "../../ci/src/core/ci-files/versions.js"
import { ROOT } from "../support/daggerw.js"
import { at, callOf, list, readShims, runIdOf, stepTexts, tokensOf, type Mapping } from "../support/shims.js"

const shims = readShims(ROOT)
const plan = await ownCiPlan()
const files = await ownCiFiles()
const wanted = [plan.check, plan.deliver, ...(plan.gated === null ? [] : [plan.gated]), ...Object.values(plan.weekly), ...Object.values(plan.onRequest)]
const yaml = (file: string): Mapping => parse(readFileSync(`${ROOT}/${file}`, "utf8")) as Mapping

describe("the CI files", () => {
  it.each(files)("hold $path as ci-generate writes it; else run `npm run generate`", ({ path, text }) => {
    expect(readFileSync(`${ROOT}/${path}`, "utf8")).toBe(text)
  })

  it("make the two calls around the gate", () => {
    expect(wanted.map(({ call }) => call)).toEqual(
      expect.arrayContaining([
        "pipeline --environments dev,staging,production --until production-plan",
        'deploy --environment production --plan "$(cat .delivery/runs/*/plans/production.hash)" --approved-by <approved by>',
      ]),
    )
  })

  it.each(shims)("all make the same calls: $file", ({ jobs }) => {
    expect(jobs.map(callOf).toSorted()).toEqual(wanted.map(({ call }) => call).toSorted())
  })

  it("call functions that the module has", () => {
    const index = readFileSync(`${ROOT}/ci/src/index.ts`, "utf8")
    for (const { call } of wanted) {
      const name = call.split(" ")[0]?.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
      expect(index).toMatch(new RegExp(`  async ${name}\\(`))
    }
  })

  it("pin images by version and actions by commit", () => {
    const images = shims.flatMap(({ images: named }) => named)
    expect(images.length).toBeGreaterThanOrEqual(7)
    for (const image of images) expect(image).toMatch(/(:\d+\.\d+\.\d+(-[a-z]+)?|@[0-9a-f]{40})$/)
  })
})

describe("pins.yaml", () => {
  it("has the versions that the files name", () => {
    const pins = parse(readFileSync(`${ROOT}/pins.yaml`, "utf8")) as { images: Record<string, { name: string; tag: string }>; actions: Record<string, { name: string; version: string; commit: string }> }
    const images = ["docker-cli", "docker-dind"].map((key) => `${pins.images[key]?.name}:${pins.images[key]?.tag}`)
    expect(images).toEqual([CI_IMAGES.dockerCli, CI_IMAGES.dockerEngine])
    expect(Object.values(pins.actions).map(({ name, version, commit }) => [`${name}@${commit}`, version])).toEqual(Object.values(CI_ACTIONS))
  })
})

describe("docs/warm-runners", () => {
  const values = readFileSync(`${ROOT}/docs/warm-runners/values.yaml`, "utf8")

  it("has the pinned gateway before the engine, and names the pinned Dagger's chart", () => {
    const { images } = parse(readFileSync(`${ROOT}/pins.yaml`, "utf8")) as { images: Record<string, { name: string; tag: string }> }
    expect(list(at(parse(values), "engine", "sidecars")).map((sidecar) => at(sidecar, "image"))).toEqual([`${images["traefik"]?.name}:${images["traefik"]?.tag}`])
    const version = /^version=v(\S+)/m.exec(readFileSync(`${ROOT}/daggerw`, "utf8"))?.[1] ?? ""
    expect(values).toContain(`dagger-helm, ${version})`)
  })
})

describe("secrets", () => {
  it.each(shims)("are not there for a change that anybody may send: $file", ({ jobs }) => {
    expect(jobs.find(({ name }) => name === "check")?.secrets).toEqual([])
  })

  it("are there for what needs them, and no more", () => {
    const [, , jenkins, github] = shims
    for (const jobs of [jenkins?.jobs ?? [], github?.jobs ?? []]) {
      expect(jobs.find(({ name }) => name === "deploy-production")?.secrets.toSorted()).toEqual(plan.gated?.credentials.toSorted())
      expect(jobs.find(({ name }) => name === "deliver")?.secrets.toSorted()).toEqual(plan.deliver.credentials.toSorted())
    }
    expect(plan.gated?.credentials).toContain("KUBECONFIG_PRODUCTION")
    expect(plan.gated?.credentials).not.toContain("KUBECONFIG_STAGING")
  })

  it("are never arguments", () => {
    for (const { jobs } of shims) for (const { line } of jobs) expect(line).not.toMatch(/KUBECONFIG|PASSWORD|TOKEN|SECRET|--credentials/)
  })
})

describe(".gitlab-ci.yml", () => {
  it("shows each report where GitLab has a place for it", () => {
    expect(Object.keys(at(yaml(".gitlab-ci.yml"), "default", "artifacts", "reports") as Mapping)).toEqual(["junit", "codequality", "coverage_report", "sast", "container_scanning"])
  })

  it("waits for a person before production, and nowhere else", () => {
    const manual = Object.entries(yaml(".gitlab-ci.yml")).filter(([, job]) => list(at(job, "rules")).some((rule) => at(rule, "when") === "manual"))
    expect(manual.map(([name]) => name)).toEqual(["deploy-production"])
  })
})

describe(".circleci/config.yml", () => {
  it("waits for a person before production", () => {
    const jobs = list(at(yaml(".circleci/config.yml"), "workflows", "deliver", "jobs"))
    expect(jobs.map((job) => [at(job, "approve", "type"), at(job, "daggerw", "requires")])).toEqual([[undefined, undefined], ["approval", undefined], [undefined, ["approve"]]])
  })
})

describe("Jenkinsfile", () => {
  it("waits for a person before production, without a machine", () => {
    const tokens = tokensOf(shims.find(({ system }) => system === "jenkins")?.text ?? "")
    expect(tokens.slice(0, tokens.indexOf("input")).filter((token) => token === "stage").length).toBeGreaterThan(3)
    expect(tokens.filter((token) => token === "input")).toEqual(["input"])
    expect(tokens.slice(tokens.indexOf("agent"), tokens.indexOf("agent") + 2)).toEqual(["agent", "none"])
  })
})

describe(".github/workflows/delivery.yml", () => {
  const workflow = yaml(".github/workflows/delivery.yml")

  it("waits for a person before production", () => {
    expect(at(workflow, "jobs", "deploy-production", "environment")).toBe("production")
    expect(at(workflow, "jobs", "deploy-production", "needs")).toBe("deliver")
  })

  it("may read, and write no more than alerts from the branch", () => {
    expect(at(workflow, "permissions")).toEqual({ contents: "read" })
    const others = Object.entries(at(workflow, "jobs") as Mapping).flatMap(([name, job]) => (at(job, "permissions") === undefined ? [] : [[name, at(job, "permissions")]]))
    expect(others).toEqual([["deliver", { contents: "read", "security-events": "write" }]])
  })
})

describe.each(shims)("$file", (shim) => {
  it("has fewer than 50 lines", () => {
    expect(shim.text.trimEnd().split("\n").length).toBeLessThan(50)
  })

  it("gives each call a run id of its own, from the system's name and variables", () => {
    for (const job of shim.jobs) expect(runIdOf(job)).toMatch(new RegExp(`^${shim.system}(-(\\$[A-Z_]+|[a-z0-9]+))+$`))
  })

  it("leaves the tools of the stages to the module", () => {
    const tools = /\b(kubectl|npm|npx|helm|trivy|cosign|terraform)\b|\bdocker\s+(build|push|login)/
    for (const { line } of shim.jobs) expect(line).not.toMatch(tools)
  })

  it("has no shell logic that could hide the call's exit status", () => {
    const plain = shim.jobs.map(({ line }) => line.replace(/"\$\(cat [\w./*-]+\)"/, ""))
    for (const line of plain) expect(line).not.toMatch(/[|&;<>`\n]|\$\(|\b(if|for|while|set|exit|true)\b/)
    expect(shim.otherLines.filter((line) => line !== 'cat .delivery/last/summary.md >> "$GITHUB_STEP_SUMMARY"')).toEqual([])
    expect(shim.suspicious).toEqual([])
  })

  it("keeps the reports of a red run too", () => {
    expect(shim.keptAlways.artifacts).toEqual([expect.stringMatching(/^\.delivery\/runs(\/(\*\*)?)?$/)])
    // The parts, of which none is told twice; the whole beside them would be.
    expect(shim.keptAlways.junit).toEqual([expect.stringMatching(/^\.delivery\/(runs\/\*|last)\/junit(\/\*\.xml)?$/)])
  })
})

describe("the reader of sh steps", () => {
  it.each([
    ["sh 'a b'", ["a b"]],
    [`sh("a")\nsh(script: 'b', label: 'c')`, ["a", "b"]],
    [`sh '''\n  a\n'''`, ["\n  a\n"]],
    ["// sh 'no'\n/* sh 'no' */ echo 'sh x'", []],
  ])("reads %j", (groovy, commands) => {
    expect(stepTexts(tokensOf(groovy), "sh", "script")).toEqual(commands)
  })

  it("refuses what it cannot read", () => {
    expect(() => stepTexts(tokensOf("sh command"), "sh", "script")).toThrow("expected a text after sh, got command")
  })
})
