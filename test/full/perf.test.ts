// Load tests on a real engine: a target on this machine that is well or ill, scripts that are broken, calls that make no sense,
// a call that is broken off, and the product itself with a fault.
import { afterEach, describe, expect, it } from "vitest"
import { call, closingLine, startCall } from "../support/daggerw.js"
import { loadTree } from "../support/load-tree.js"
import { serveLoadTarget, type LoadTargetServer, type TargetFault } from "../support/load-target.js"
import { newRun } from "../support/runs.js"
import { productTree, type Tree } from "../support/trees.js"

const SECONDS = "6s"
let target: LoadTargetServer | null = null
afterEach(async () => {
  await target?.close()
  target = null
})

const perf = (tree: Tree, runId: string, ...argv: string[]) => call([`--source=${tree.path}`, `--run-id=${runId}`, "perf", ...argv], { limitSeconds: 600 })

interface LoadCase {
  readonly what: string
  readonly fault?: TargetFault
  readonly address?: string
  readonly script?: string
  readonly argv?: readonly string[]
  readonly status: number
  readonly verdict: string
  readonly reason: RegExp
}

const CHECKED = "check(http.get(__ENV.BASE_URL + '/'), { ok: (answer) => answer.status === 200 })"
const script = (body: string, head = ""): string => `import { check } from 'k6';\nimport http from 'k6/http';\n${head}\nexport default function () { ${body} }\n`

const CASES: readonly LoadCase[] = [
  { what: "a target that is well", status: 0, verdict: "passed", reason: /^p95 \S+ ms of 1000 ms, errors 0 % of 1 %; \d+ requests in 6 s .*5 users; no good run of this load here yet/ },
  { what: "the same again, compared", status: 0, verdict: "passed", reason: /(as fast as|faster than|slower than) the last good run/ },
  { what: "a target that is slow", fault: "slow", status: 1, verdict: "failed", reason: /^p\(95\) of http_req_duration is 1[3-9]\d\d ms, limit 1000 ms \(page, store\)/ },
  { what: "a target with errors", fault: "errors", status: 1, verdict: "failed", reason: /rate of http_req_failed is \d+(\.\d)? %, limit 1 %/ },
  { what: "a target that answers 404", fault: "404", status: 1, verdict: "failed", reason: /^the target answers, but not as the checks want: .*got GET http\S+: 404, text\/plain.*Is the address the product's\?/ },
  { what: "a target that answers 200 with an error page", fault: "error page", status: 1, verdict: "failed", reason: /^the target answers, but not as the checks want: the page greets, something is stored; got GET http\S+: 200, text\/html/ },
  { what: "a name that no DNS knows", address: "http://nothing.invalid", status: 2, verdict: "error", reason: /^http:\/\/nothing\.invalid\/ gave no answer \(lookup: no such host\)$/ },
  { what: "a port where nothing listens", address: "http://127.0.0.1:9", status: 2, verdict: "error", reason: /gave no answer \(dial: connection refused\)/ },
  { what: "a target that speaks no TLS", address: "https", status: 2, verdict: "error", reason: /gave no answer \(tls: first record does not look like a TLS handshake\)/ },
  { what: "an exception in every iteration", script: script(`${CHECKED}; undefined.nothing()`), status: 2, verdict: "error", reason: /^the script throws in every iteration: TypeError/ },
  { what: "a script that is none", script: "export default function () { retrun }}", status: 2, verdict: "error", reason: /^the script is broken: .*Unexpected "}"/ },
  { what: "a script without checks", script: script("http.get(__ENV.BASE_URL + '/')"), status: 3, verdict: "inconclusive", reason: /^the script made no check/ },
  { what: "a script that sends nothing", script: script("check(1, { one: (one) => one === 1 })"), status: 3, verdict: "inconclusive", reason: /^the script sent nothing to judge/ },
  { what: "a threshold that names no metric", script: script(CHECKED, "export const options = { thresholds: { htp_reqs: ['count>1'] } };"), status: 2, verdict: "error", reason: /no metric name "htp_reqs" found/ },
  { what: "a threshold that nothing is measured for", script: script(CHECKED, "export const options = { thresholds: { 'http_req_duration{name:never}': ['p(95)<1'] } };"), status: 3, verdict: "inconclusive", reason: /^1 threshold without samples: http_req_duration\{name:never\}/ },
  { what: "a rate that the users given cannot keep", fault: "slow", argv: ["--rate", "50", "--vus", "2"], status: 1, verdict: "failed", reason: /count of dropped_iterations is \d+, limit 3/ },
]

describe("a load test", () => {
  it.each(CASES)("has a verdict on $what", async ({ fault = "none", address, script: text, argv = ["--vus", "5"], status, verdict, reason }) => {
    target = await serveLoadTarget(fault)
    const own = target.address
    const run = newRun("perf")
    const ended = await perf(loadTree(text), run.runId, "--duration", SECONDS, "--base-url", address === "https" ? own.replace("http:", "https:") : (address ?? own), ...argv)
    expect(run.stage("perf", "staging"), ended.output).toMatchObject({ verdict, reason: expect.stringMatching(reason) })
    expect(ended.status, ended.output).toBe(status)
    expect(run.text("perf/staging/report.html")).toContain(`Load test: <b class="${verdict}">`)
    expect(run.text("perf/staging/junit.xml")).toContain("<testsuite")
  })

  it.each<[string, readonly string[], RegExp]>([
    ["numbers that make no sense, all at once", ["--vus=-5", "--rate=999999", "--duration=60", "--base-url=staging"], /--vus: .*got -5[^]*--rate: .*got 999999[^]*Did you mean 60s\?[^]*--base-url/],
    ["no target", [], /environment staging: expected `baseUrl` in delivery\.yaml or --base-url, got neither[^]*No request was sent/],
    ["production", ["--environment", "production"], /environment production: expected `allowPerf: true`[^]*expected `--confirm production`[^]*No request was sent/],
    ["production's address under another name", ["--base-url", "https://shop.example.org"], /is the address of environment production/],
    ["a profile that nobody has", ["--profile", "heavy", "--base-url", "http://127.0.0.1:9"], /--profile: expected one of smoke, load, stress/],
    ["a scenario that nobody has", ["--scenario", "nothing", "--base-url", "http://127.0.0.1:9"], /--scenario: expected one of visit/],
  ])("refuses %s, and sends nothing", async (_, argv, message) => {
    const ended = await perf(loadTree(), newRun("perf").runId, ...argv)
    expect(ended.output).toMatch(message)
    expect(ended.status).toBe(2)
  })

  it("tells the target which run it is, in the headers that tracing systems read", async () => {
    target = await serveLoadTarget("none")
    const run = newRun("perf")
    await perf(loadTree(), run.runId, "--vus", "1", "--duration", "5s", "--base-url", target.address)
    expect(target.lastHeaders()).toMatchObject({ traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/), baggage: expect.stringContaining(`delivery.run=${run.runId}`), "user-agent": expect.stringContaining(run.runId) })
  })

  it("that is broken off leaves a page with what was measured", async () => {
    target = await serveLoadTarget("none")
    const run = newRun("perf")
    const started = startCall([`--source=${loadTree().path}`, `--run-id=${run.runId}`, "perf", "--vus", "5", "--duration", "300s", "--base-url", target.address], { limitSeconds: 300 })
    await started.says("perf (staging): 0:1")
    started.child.kill("SIGINT")
    const ended = await started.ended
    expect(ended.status, ended.output).toBe(2)
    expect(run.text("perf/staging/report.html")).toMatch(/interrupted after \d+ of 300 s[^]*<svg /)
    expect(JSON.parse(run.text("perf/staging/summary.json"))).toMatchObject({ verdict: "error", figures: { maximumUsers: 5 } })
  })
})

describe("the product in the cluster of a call", () => {
  it("fails with the threshold, its value and its limit when it is slower than its budget", async () => {
    // Four times the limit; more would be found by the checks after the deployment, which wait two seconds.
    const tree = productTree().edit("delivery.yaml", (config) => config.setIn(["services", "backend", "env"], config.createNode({ FAULT_LATENCY_MS: "1200" })))
    tree.write("perf/budgets.json", '{"local": {"p95Milliseconds": 300, "errorRate": 0.01}}\n')
    const run = newRun("perf")
    const ended = await perf(tree, run.runId, "--environment", "local", "--vus", "10", "--duration", "30s")
    expect(ended.output.split("\n").slice(-15).join("\n")).toMatch(/p\(95\) of http_req_duration is 1[2-9]\d\d ms, limit 300 ms/)
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(/^perf: failed/)
    expect(run.stage("deploy", "local").verdict).toBe("passed")
    expect(run.text("perf/local/report.html")).toMatch(/SLO: p95 300 ms[^]*Meanwhile on the servers[^]*backend/)
  })
})
