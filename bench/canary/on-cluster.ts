// Rollouts on the lasting cluster with 200 requests a second: how long users meet a bad canary, and what a promotion, a switch and a switch back cost them.
import { GATEWAY, SHORT_CANARY, type CanarySettings } from "../../test/support/canary-cluster.js"
import type { Ended } from "../../test/support/command.js"
import { closingLine } from "../../test/support/daggerw.js"
import { watchObjects } from "../../test/support/kube-watch.js"
import { ProductOnCluster, RELEASE, trackWeight, type HttpRoute } from "../../test/support/product-on-cluster.js"
import { steadyRequests } from "../../test/support/steady-requests.js"

const PER_SECOND = 200
const ABORTS = 3
const INTERVAL_SECONDS = 10
const NAMESPACE = "canary-bench"

// Whoever asks is the bench; the visitors make sure that each service is asked at all.
const judged = { slo: SHORT_CANARY.slo, inconclusive: "rollback", intervalSeconds: INTERVAL_SECONDS, traffic: { ...SHORT_CANARY.traffic, requestsPerSecond: 20 } }
const canary = { canary: { ...judged, steps: [{ weightPercent: 25, holdSeconds: 20, maximumSeconds: 180 }, { weightPercent: 100, holdSeconds: 10, maximumSeconds: 120 }] } }
const blueGreen = { blueGreen: { ...judged, watchSeconds: 20, keepSeconds: 60, maximumSeconds: 120 } }

interface Asked {
  readonly ended: Ended
  readonly sent: number
  /** Moments, in milliseconds since the epoch. */
  readonly failedAt: readonly number[]
  /** The weight of the track on the route, at each change. */
  readonly weights: readonly { readonly at: number; readonly weight: number }[]
}

export async function measureRollouts(): Promise<void> {
  const product = new ProductOnCluster({ namespace: NAMESPACE, prefix: "be1" })
  await product.up()
  try {
    const first = await product.deploy(product.first)
    if (first.status !== 0) throw new Error(first.output)
    console.log(`${PER_SECOND} requests a second from the bench; a look every ${INTERVAL_SECONDS} s; seconds are since the first failed request`)
    // Some are found by their smoke checks, before any user meets them: those say nothing of how long users do.
    for (let met = 0, run = 0; met < ABORTS && run < ABORTS * 2; run += 1) if (await abort(product)) met += 1
    const lost = async (what: string, work: () => Promise<Ended>): Promise<void> => {
      const { ended, sent, failedAt } = await asked(product, work)
      console.log(`${what.padEnd(34)} ${failedAt.length} of ${sent} requests lost   ${closingLine(ended).slice(0, 140)}`)
    }
    await lost("promotion, 25 → 100 %", () => deployed(product, { strategy: canary }, 0))
    await lost("switch to a colour", () => deployed(product, { strategy: blueGreen }, 0))
    await lost("switch to the other, and back", async () => {
      const running = product.start(await product.nextCommit(), { strategy: blueGreen })
      await running.says(": keep")
      const back = await product.onStaging(product.first, "canary-abort", "--reason=the bench switches back")
      if (back.status !== 0) throw new Error(back.output)
      return running.ended
    })
  } finally {
    product.down()
  }
}

/** Whether users met it. */
async function abort(product: ProductOnCluster): Promise<boolean> {
  const { ended, sent, failedAt, weights } = await asked(product, () => deployed(product, { strategy: canary, faults: { frontend: { FAULT_ERROR_RATE: "0.05" } } }, 1))
  const [first] = failedAt
  if (first === undefined) {
    console.log(`5 % errors at 25 %: no request of ${sent} failed   ${closingLine(ended).slice(0, 200)}`)
    return false
  }
  const zero = weights.find(({ at, weight }) => at > first && weight === 0)?.at ?? Number.NaN
  const since = (at: number | undefined): string => `${(((at ?? Number.NaN) - first) / 1000).toFixed(1)} s`
  console.log(`5 % errors at 25 %: weight 0 after ${since(zero)} (goal: 15 s), last failed request after ${since(failedAt.at(-1))}, ${failedAt.length} of ${sent} failed   ${closingLine(ended).slice(0, 200)}`)
  return true
}

async function deployed(product: ProductOnCluster, settings: CanarySettings, status: number): Promise<Ended> {
  const ended = await product.deploy(await product.nextCommit(), settings)
  if (ended.status !== status) throw new Error(`expected status ${status}, got ${ended.status}:\n${ended.output}`)
  return ended
}

async function asked(product: ProductOnCluster, work: () => Promise<Ended>): Promise<Asked> {
  const weights = watchWeights(product)
  const requests = steadyRequests(GATEWAY, PER_SECOND, "DocuThinker")
  try {
    const ended = await work()
    const { sent, failed } = await requests.stop()
    return { ended, sent, failedAt: failed.map((line) => Date.parse(line.split(" ")[0] ?? "")), weights: weights.seen }
  } finally {
    await requests.stop()
    weights.close()
  }
}

/** The route's own changes. */
function watchWeights({ kubeconfigFile, namespace }: ProductOnCluster) {
  const seen: { at: number; weight: number }[] = []
  const { close } = watchObjects<HttpRoute>(kubeconfigFile, ["httproute", RELEASE, "-n", namespace], (route) => seen.push({ at: Date.now(), weight: trackWeight(route) }))
  return { seen, close }
}
