import { describe, expect, it } from "vitest"
import { call } from "../support/daggerw.js"
import { checkEnding, type Ending } from "../support/endings.js"
import { helloTree } from "../support/fixture.js"
import { newRun } from "../support/runs.js"
import { productTree, type Tree } from "../support/trees.js"

const SERVICE = "apps/hello"
const DOCKERFILE = `${SERVICE}/Dockerfile`
const SERVER = `${SERVICE}/server.mjs`

const append = (tree: Tree, file: string, text: string): Tree => tree.write(file, tree.read(file) + text)
const replace = (tree: Tree, file: string, from: string, to: string): Tree => {
  if (!tree.read(file).includes(from)) throw new Error(`${file}: expected ${JSON.stringify(from)} to replace`)
  return tree.write(file, tree.read(file).replaceAll(from, to))
}
const limit = (tree: Tree, stage: string, timeoutSeconds: number): Tree =>
  tree.edit("delivery.yaml", (config) => config.setIn(["stages", stage], config.createNode({ timeoutSeconds, retries: 0 })))

const DEPLOYS: readonly Ending[] = [
  {
    what: "an image that starts and exits at once",
    tree: () => append(helloTree(), DOCKERFILE, `CMD ["node", "-e", "console.log('giving up at once'); process.exit(3)"]\n`),
    argv: ["deploy"],
    status: 1,
    row: ["deploy", "failed", /^crash loop: pod hello-hello-\S+: the container ended with 3 \(Error\).*the first installation was uninstalled/s],
    file: ["report.html", /giving up at once/],
  },
  {
    what: "an image whose program does not exist",
    tree: () => append(helloTree(), DOCKERFILE, `ENTRYPOINT ["/no-such-program"]\n`),
    argv: ["deploy"],
    status: 1,
    row: ["deploy", "failed", /^(container|crash loop): pod hello-hello-\S+: .*no-such-program.*the first installation was uninstalled/s],
  },
  {
    what: "a service that is never ready",
    tree: () => replace(helloTree(), SERVER, `"/health/ready"`, `"/health/never"`),
    argv: ["deploy"],
    status: 1,
    row: ["deploy", "failed", /^probe: pod hello-hello-\S+: runs but is not ready/],
    file: ["report.html", /listening/],
  },
  {
    what: "a service that listens on another port than delivery.yaml says",
    tree: () => replace(helloTree(), SERVER, "process.env.PORT ?? 8080", "9999"),
    argv: ["deploy"],
    status: 1,
    row: ["deploy", "failed", /^probe: pod hello-hello-\S+: .*connection refused/s],
  },
  {
    what: "a chart value of the wrong type",
    tree: () => append(helloTree(), "charts/hello/values-local.yaml", "services:\n  hello:\n    replicas: many\n"),
    argv: ["deploy"],
    status: 1,
    row: ["deploy-plan", "failed", /replicas.*got string, want integer/],
  },
  {
    what: "an object that the API server refuses",
    tree: () => helloTree().write("charts/hello/templates/refused.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: refused\nspec:\n  ports:\n    - port: 99999\n"),
    argv: ["deploy"],
    status: 1,
    row: ["deploy-plan", "failed", /^dry run: .*99999/],
  },
  {
    what: "a smoke check that gets another answer",
    tree: () => replace(helloTree(), "delivery.yaml", "contains: hello}", "contains: goodbye}"),
    argv: ["smoke", "--environment", "local"],
    status: 1,
    row: ["deploy", "failed", /^smoke: .*goodbye/],
  },
]

const BUILDS: readonly Ending[] = [
  {
    what: "a base image that no registry has",
    tree: () => helloTree().write(DOCKERFILE, "FROM no-such-image:1.2.3\n"),
    argv: ["package"],
    status: 1,
    row: ["package", "failed", /no-such-image:1\.2\.3: not found/],
  },
  {
    what: "an image build that hangs",
    tree: () => limit(append(helloTree(), DOCKERFILE, "USER 0\nRUN sleep 3600\n"), "package", 5),
    argv: ["package"],
    status: 2,
    row: ["package", "error", /did not end within 125 s/],
  },
  {
    what: "a build that leaves nothing",
    tree: () => replace(helloTree(), `${SERVICE}/package.json`, "mkdir -p dist && cp greeting.mjs server.mjs dist/", "true"),
    argv: ["build"],
    status: 1,
    row: ["build", "failed", /apps\/hello\/dist: expected files from the build, got none/],
  },
  {
    what: "a build that hangs",
    tree: () => limit(replace(helloTree(), `${SERVICE}/package.json`, "mkdir -p dist && cp greeting.mjs server.mjs dist/", "sleep 3600"), "build", 8),
    argv: ["build"],
    status: 2,
    row: ["build", "error", /did not end within 8 s and was stopped/],
  },
  {
    what: "no tests at all",
    tree: () => helloTree().remove(`${SERVICE}/greeting.test.mjs`),
    argv: ["test"],
    status: 1,
    row: ["test", "failed", /no tests collected/],
  },
  {
    what: "coverage below the minimum",
    tree: () => helloTree().edit("delivery.yaml", (config) => config.setIn(["services", "hello", "tests", "minimumCoveragePercent"], 100)).write(`${SERVICE}/greeting.mjs`, "export const greeting = (name) => {\n  if (name === undefined) {\n    return 'hello'\n  }\n  return `hello ${name}`\n}\n"),
    argv: ["test"],
    status: 1,
    row: ["test", "failed", /line coverage is \d+\.\d %, below the 100 %/],
  },
  {
    what: "a linter that is not installed",
    tree: () => replace(helloTree(), `${SERVICE}/package.json`, "node --check greeting.mjs", "no-such-linter ."),
    argv: ["lint"],
    status: 2,
    row: ["lint", "error", /not found/],
  },
  {
    what: "a lock file that does not fit package.json",
    tree: () => replace(helloTree(), `${SERVICE}/package.json`, `"type": "module"`, `"type": "module", "dependencies": {"yaml": "2.9.1"}`),
    argv: ["test"],
    status: 1,
    row: ["test", "failed", /dependencies were not installed: npm ci .*lock file is missing or does not fit/],
  },
]

const CONFIGURATIONS: readonly Ending[] = [
  {
    what: "a delivery.yaml that is no YAML",
    tree: () => append(helloTree(), "delivery.yaml", "  broken: [\n"),
    argv: ["test"],
    status: 2,
    row: ["configuration", "error", /delivery\.yaml:\d+: expected valid YAML/],
  },
  {
    what: "an image that no pins.yaml has",
    tree: () => helloTree().edit("delivery.yaml", (config) => config.setIn(["services", "hello", "buildImage"], "nod")),
    argv: ["test"],
    status: 2,
    row: ["test", "error", /pins\.yaml: no image `nod`\. Did you mean `node`/],
  },
]

describe("the fixture itself", () => {
  it("is deployed and answers", async () => {
    const ended = await call([`--source=${helloTree().path}`, "smoke", "--environment", "local"], { limitSeconds: 1200 })
    expect(ended.status, ended.output).toBe(0)
  })
})

describe("what does not build", () => {
  it.each(BUILDS)("ends with its own verdict and message: $what", checkEnding)
})

describe("what cannot be read", () => {
  it.each(CONFIGURATIONS)("ends with its own verdict and message: $what", checkEnding)

  it("ends with an error that tells how to begin when there is no delivery.yaml", async () => {
    const ended = await call([`--source=${helloTree().remove("delivery.yaml").path}`, "test"])
    expect(ended.status, ended.output).toBe(2)
    expect(ended.output).toContain("delivery.yaml: not found at the root of the checkout")
  })
})

describe("what does not deploy", () => {
  it.each(DEPLOYS)("ends with its own verdict and message: $what", checkEnding)

  it("names the service of several that is at fault", async () => {
    const tree = productTree().edit("delivery.yaml", (config) => config.setIn(["services", "ai-ml", "env", "FAULT_CRASH_AFTER_SECONDS"], "1"))
    const run = newRun("crash")
    const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "deploy"], { limitSeconds: 1200 })
    expect(ended.status, ended.output).toBe(1)
    const { reason, findings } = run.stage("deploy", "local")
    expect(reason).toMatch(/pod docuthinker-ai-ml-\S+: the container ended with 1 \(Error\)/)
    expect(findings.map(({ rule }) => rule)).toEqual(["ai-ml: crash loop"])
    expect(run.text("report.html")).toContain("FAULT_CRASH_AFTER_SECONDS")
  })
})
