// The lasting cluster: one node, a registry, cluster DNS and a gateway, beside the engine and independent of it.
import { existsSync, mkdirSync, rmSync } from "node:fs"
import { apiAnswers, gatewayAnswers, kubeconfig, nodeReady, prometheusAnswers } from "./cluster/api.mjs"
import { serviceRoot } from "./cluster/bundle.mjs"
import { logTail, remove, runningPid } from "./cluster/containers.mjs"
import { node, places, registry } from "./cluster/places.mjs"
import { createContext } from "./context.mjs"
import { withLock } from "./lock.mjs"
import { disconnect, wires } from "./network.mjs"
import { paths } from "./paths.mjs"
import { ensureRootfs, rootfsDirectory } from "./rootfs.mjs"
import { step } from "./steps.mjs"

const waitMs = 180_000
const start = "npm run cluster -- up"

export const clusterIsUp = () => runningPid(node) !== undefined

/** Root file systems that are in use for as long as the cluster is there. */
export const clusterRoots = () => (runningPid(registry) ? [serviceRoot(registry)] : [])

/** Asks until the answer is good, the node ends or the time is over. */
async function until(ask) {
  for (const started = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 250))) {
    try {
      return await ask()
    } catch (error) {
      if (!clusterIsUp()) throw new Error(`the node has ended:\n${logTail(node)}\nits logs: ${places.log(node)}, ${places.data}/log`)
      if (Date.now() - started > waitMs) throw new Error(`after ${waitMs / 1000} s: ${error.message}\nlogs: ${places.log(node)}, ${places.data}/log; "cluster down" and "${start}" begin afresh`)
    }
  }
}

export async function clusterUp(say) {
  const { ensureNodeRoot, ensurePlatformImages } = await import("./cluster/images.mjs")
  const { ensureNode, startNode } = await import("./cluster/node.mjs")
  const { ensureRegistry } = await import("./cluster/registry.mjs")
  const { applyPlatform, manifestSource, renderManifests } = await import("./cluster/platform.mjs")
  const source = manifestSource()
  await withLock(places.lock, say, async () => {
    const context = createContext({ log: () => {} })
    mkdirSync(paths.cluster, { recursive: true })
    await step("root file system of the kit", () => ensureRootfs(context.run))
    if (!clusterIsUp()) await ensureNodeRoot(context, say)
    await step("network of the cluster", () => ensureNode(context.run))
    await step("registry of the cluster", () => ensureRegistry(context.run))
    await ensurePlatformImages(context, say)
    renderManifests(source)
    await startNode(context.run)
    await step("API server", () => until(apiAnswers))
    await step("node", () => until(nodeReady))
    await step("platform: cluster DNS, Gateway API, gateway", () => applyPlatform(context.run))
    await step("gateway", () => until(gatewayAnswers))
  })
  await printClusterStatus()
}

/** Takes everything away, whatever a kill has left of it. */
export async function clusterDown(say) {
  const { removeNode } = await import("./cluster/node.mjs")
  await withLock(places.lock, say, async () => {
    const { run } = createContext({ log: say })
    const wasThere = existsSync(paths.cluster)
    await step("stopping the cluster", async () => {
      await removeNode()
      await remove(registry)
      if (existsSync(rootfsDirectory())) await disconnect(run, wires.cluster)
      rmSync(paths.cluster, { recursive: true, force: true })
    })
    say(wasThere ? "the cluster is gone, and its registry's images with it" : "no cluster runs")
  })
}

export function printKubeconfig() {
  if (!clusterIsUp() || !existsSync(places.kubeconfig)) throw new Error(`no cluster runs; start one: ${start}`)
  process.stdout.write(kubeconfig())
}

export async function printClusterStatus() {
  const print = (name, text) => process.stdout.write(`${name.padEnd(12)}${text}\n`)
  if (!clusterIsUp()) return print("cluster", `no cluster runs; start one: ${start}`)
  const { registryAnswers } = await import("./cluster/registry.mjs")
  const facts = { API: apiAnswers, node: nodeReady, gateway: gatewayAnswers, prometheus: prometheusAnswers, registry: registryAnswers }
  const failed = []
  for (const [name, ask] of Object.entries(facts)) print(name, await ask().catch((error) => `FAILED: ${failed.push(name) && error.message}`))
  print("use it", `export KUBECONFIG_STAGING="$(npm run --silent cluster -- kubeconfig)"`)
  if (failed.length > 0) throw new Error(`the cluster runs, but ${failed.join(", ")} failed; repair it: ${start}`)
}
