// Requests a second that the module's k6 drives against the product on the lasting cluster, as fast as it answers, beside the same scenario
// under k6 by hand in the same image; and what a call of `perf` costs beyond the time of its load.
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { GATEWAY } from "../../test/support/canary-cluster.js"
import { call, daggerw, newRunId, ROOT } from "../../test/support/daggerw.js"
import { pinnedImage } from "../../test/support/pinned-image.js"
import { ProductOnCluster } from "../../test/support/product-on-cluster.js"

const PAIRS = Number(process.env["PERF_PAIRS"] ?? 4)
const SECONDS = 30
const USERS = 20
const SCENARIO = "browse"

interface Driven {
  readonly requestsPerSecond: number
  /** Of the whole call, beyond its load. */
  readonly aroundSeconds: number
}

export async function measurePerf(): Promise<void> {
  const product = new ProductOnCluster({ namespace: "perf-bench", prefix: "be2" })
  await product.up()
  try {
    // Nobody pauses between two visits: what limits is the product, and whoever asks it.
    product.tree.write("perf/profiles.json", JSON.stringify({ target: { users: USERS, thinkSeconds: 0 } }))
    product.tree.write("perf/budgets.json", JSON.stringify({ staging: { p95Milliseconds: 60_000, errorRate: 1 } }))
    const deployed = await product.deploy(product.first, { strategy: "rolling" })
    if (deployed.status !== 0) throw new Error(deployed.output)
    // The first load of a product is slower than all after it.
    await byModule(product)
    const ratios: number[] = []
    for (let pair = 0; pair < PAIRS; pair += 1) {
      // In turn, for whoever comes second meets a product that has warmed up.
      const measured: Partial<Record<"hand" | "module", Driven>> = {}
      for (const by of pair % 2 === 0 ? (["hand", "module"] as const) : (["module", "hand"] as const)) measured[by] = await (by === "hand" ? byHand(product) : byModule(product))
      const { hand, module } = measured as Record<"hand" | "module", Driven>
      ratios.push(module.requestsPerSecond / hand.requestsPerSecond)
      const rate = (driven: Driven): string => `${driven.requestsPerSecond.toFixed(0).padStart(6)} requests/s`
      console.log(`k6 by hand ${rate(hand)}   module ${rate(module)}   ratio ${(ratios.at(-1) ?? 0).toFixed(2)}   the call beyond its load ${module.aroundSeconds.toFixed(1)} s, by hand ${hand.aroundSeconds.toFixed(1)} s`)
    }
    const sorted = ratios.sort((one, other) => one - other)
    const middle = ((sorted[Math.floor((PAIRS - 1) / 2)] ?? 0) + (sorted[Math.floor(PAIRS / 2)] ?? 0)) / 2
    console.log(`requests a second against the product, module to by hand: ${middle.toFixed(2)}, median of ${PAIRS} (goal: 0.95)`)
  } finally {
    product.down()
  }
}

async function byModule({ tree }: ProductOnCluster): Promise<Driven> {
  const runId = newRunId("bench-perf")
  const began = Date.now()
  const { status, output } = await call([`--source=${tree.path}`, `--run-id=${runId}`, "perf", `--base-url=${GATEWAY}`, `--scenario=${SCENARIO}`, "--profile=constant", `--vus=${USERS}`, `--duration=${SECONDS}s`])
  if (status !== 0) throw new Error(output)
  const seconds = (Date.now() - began) / 1000
  const folder = join(ROOT, ".delivery/runs", runId)
  const { figures } = JSON.parse(readFileSync(join(folder, "perf/staging/summary.json"), "utf8")) as { figures: { requestsPerSecond: number; seconds: number } }
  rmSync(folder, { recursive: true })
  return { requestsPerSecond: figures.requestsPerSecond, aroundSeconds: seconds - figures.seconds }
}

/** The same scenario in the same image, without the module: what somebody would type. */
async function byHand({ tree }: ProductOnCluster): Promise<Driven> {
  const argv = ["k6", "run", "--quiet", "--no-usage-report", `--vus=${USERS}`, `--duration=${SECONDS}s`, `--env=BASE_URL=${GATEWAY}`, `--env=NONCE=${Date.now()}`, `/perf/scenarios/${SCENARIO}.ts`]
  const chain = `container | from ${pinnedImage("k6")} | with-directory /perf $(host | directory ${join(tree.path, "perf")}) | with-exec ${argv.join(",")} | stdout`
  const began = Date.now()
  const { status, stdout, output } = await daggerw(["-M", "-s", "-c", chain])
  const rate = /http_reqs\.*: \d+ +([0-9.]+)\/s/.exec(stdout)?.[1]
  if (status !== 0 || rate === undefined) throw new Error(output)
  return { requestsPerSecond: Number(rate), aroundSeconds: (Date.now() - began) / 1000 - SECONDS }
}
