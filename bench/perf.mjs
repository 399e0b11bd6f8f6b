// Requests a second that the module's k6 drives against a small server on this machine, as fast as it can, beside the same script under
// k6 by hand in the same image; and what a call of `perf` costs beyond the time of its load.
import { spawn } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { networkInterfaces, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { daggerw, median, root, time } from "./measure.mjs"

const PAIRS = Number(process.env.PERF_PAIRS ?? 3)
const SECONDS = 20
const USERS = 20
const PORT = 3990
const TAG = /name: grafana\/k6\s+tag: (\S+)/.exec(readFileSync(join(root, "pins.yaml"), "utf8"))[1]

const SERVER = `require("node:http").createServer((request, response) => { request.resume(); response.writeHead(request.method === "POST" ? 201 : 200, { "content-type": "text/html" }).end("hello") }).listen(${PORT}, "0.0.0.0")`
const FILES = {
  "charts/visited/Chart.yaml": "apiVersion: v2\nname: visited\nversion: 1.0.0\n",
  "apps/visited/Dockerfile": "FROM scratch\n",
  "apps/visited/package.json": '{"name": "visited", "version": "1.0.0", "private": true, "scripts": {"test": "node --test"}}\n',
  "apps/visited/package-lock.json": '{"name": "visited", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "visited", "version": "1.0.0"}}}\n',
  "perf/profiles.json": `{"target": {"users": ${USERS}, "thinkSeconds": 0}}\n`,
  "perf/budgets.json": '{"staging": {"p95Milliseconds": 60000, "errorRate": 1}}\n',
  "perf/scenarios/visit.ts": `import { check } from 'k6';
import http from 'k6/http';
export default function visit(): void {
  check(http.get(\`\${__ENV.BASE_URL}/\`, { tags: { operation: 'page' } }), { 'the page greets': (page) => page.status === 200 });
}
`,
  "delivery.yaml": `version: 1
project: visited
chart: {path: charts/visited, release: visited}
services:
  visited: {path: apps/visited, toolchain: node, image: visited/visited, port: 8080}
environments:
  staging: {kubeconfig: KUBECONFIG_STAGING, allowPerf: true}
perf: {path: perf}
`,
}

function newTree() {
  const tree = mkdtempSync(join(tmpdir(), "delivery-bench-"))
  cpSync(join(root, "pins.yaml"), join(tree, "pins.yaml"))
  for (const [file, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(tree, file)), { recursive: true })
    writeFileSync(join(tree, file), text)
  }
  return tree
}

/** Requests a second, and seconds of the whole call. */
function byModule(tree, address) {
  const runId = `bench-perf-${Date.now()}`
  const { seconds } = time([daggerw, "call", `--source=${tree}`, `--run-id=${runId}`, "perf", "--base-url", address, "--profile", "constant", "--duration", `${SECONDS}s`])
  const folder = join(root, ".delivery/runs", runId)
  const { figures } = JSON.parse(readFileSync(join(folder, "perf/staging/summary.json"), "utf8"))
  rmSync(folder, { recursive: true })
  return { rate: figures.requestsPerSecond, around: seconds - figures.seconds }
}

/** The same script in the same image, without the module: what somebody would type. */
function byHand(tree, address) {
  const argv = ["k6", "run", "--quiet", "--no-usage-report", `--vus=${USERS}`, `--duration=${SECONDS}s`, `--env=BASE_URL=${address}`, `--env=NONCE=${Date.now()}`, "/perf/scenarios/visit.ts"]
  const chain = [`container | from grafana/k6:${TAG}`, `with-directory /perf $(host | directory ${join(tree, "perf")})`, `with-exec ${argv.join(",")} | stdout`]
  const { stdout } = time([daggerw, "-M", "-s", "-c", chain.join(" | ")])
  return Number(/http_reqs\.*: \d+ +([0-9.]+)\/s/.exec(stdout)[1])
}

export function perf() {
  const tree = newTree()
  const server = spawn(process.execPath, ["-e", SERVER], { stdio: "inherit" })
  const own = Object.values(networkInterfaces()).flat().find(({ family, internal }) => family === "IPv4" && !internal)
  const address = `http://${own.address}:${PORT}`
  try {
    byModule(tree, address)
    const pairs = Array.from({ length: PAIRS }, () => ({ hand: byHand(tree, address), module: byModule(tree, address) }))
    for (const { hand, module } of pairs) console.log(`k6 by hand ${hand.toFixed(0).padStart(6)} requests/s   module ${module.rate.toFixed(0).padStart(6)} requests/s   ratio ${(module.rate / hand).toFixed(2)}   the call beyond its load ${module.around.toFixed(1)} s`)
    const ratios = pairs.map(({ hand, module }) => ({ seconds: module.rate / hand }))
    let index = 0
    console.log(`requests a second, module to by hand: ${median(PAIRS, () => ratios[index++]).median.toFixed(2)} (goal: 0.95)`)
  } finally {
    server.kill()
    rmSync(tree, { recursive: true, force: true })
  }
}
