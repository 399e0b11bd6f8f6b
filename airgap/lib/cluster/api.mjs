// What the cluster answers, asked from the host by the very address and credentials that everybody else uses.
import { readFileSync, statSync } from "node:fs"
import { request } from "node:https"
import { parse } from "yaml"
import { apiServer, gateway, node, places, prometheus, started } from "./places.mjs"

/** A kubeconfig that works from the host and from the engine's containers. */
export const kubeconfig = () => readFileSync(places.kubeconfig, "utf8").replace("https://127.0.0.1:6443", apiServer)

function get(path) {
  const { clusters, users } = parse(kubeconfig())
  const ca = Buffer.from(clusters[0].cluster["certificate-authority-data"], "base64")
  const options = { ca, headers: { authorization: `Bearer ${users[0].user.token}` }, timeout: 3000 }
  return new Promise((resolve, reject) => {
    const asked = request(`${apiServer}${path}`, options, (answer) => {
      let body = ""
      answer.setEncoding("utf8").on("data", (chunk) => (body += chunk)).on("end", () => (answer.statusCode === 200 ? resolve(body) : reject(new Error(`status ${answer.statusCode}: ${body.slice(0, 200)}`))))
    })
    asked.on("timeout", () => asked.destroy(new Error("no answer within 3 s"))).on("error", reject).end()
  })
}

// Each returns a sentence that says what is there, or throws one that says what is not.

export async function apiAnswers() {
  const { gitVersion } = JSON.parse(await get("/version"))
  await get("/readyz")
  return `${apiServer}, Kubernetes ${gitVersion}`
}

export async function nodeReady() {
  const { items } = JSON.parse(await get("/api/v1/nodes"))
  const conditions = items.flatMap((item) => item.status.conditions).filter(({ type }) => type === "Ready")
  if (conditions.length === 0) throw new Error("no node has registered")
  const startedMs = Math.floor(statSync(started(node)).mtimeMs / 1000) * 1000
  if (Date.parse(conditions[0].lastHeartbeatTime) < startedMs) throw new Error(`node "${items[0].metadata.name}" has not reported since the cluster was started`)
  if (conditions[0].status !== "True") throw new Error(`node "${items[0].metadata.name}" is not Ready: ${conditions[0].message}`)
  return `"${items[0].metadata.name}" is Ready`
}

export async function gatewayAnswers() {
  const { status } = JSON.parse(await get("/apis/gateway.networking.k8s.io/v1/namespaces/gateway/gateways/public"))
  const programmed = status?.conditions?.find(({ type }) => type === "Programmed")
  if (programmed?.status !== "True") throw new Error(`Gateway gateway/public is not programmed: ${programmed?.message ?? "no controller has seen it"}`)
  const answer = await fetch(gateway, { redirect: "manual", signal: AbortSignal.timeout(3000) }).catch((error) => {
    throw new Error(`${gateway}: ${error.cause?.message ?? error.message}`)
  })
  await answer.arrayBuffer()
  return `${gateway} answers`
}

export async function prometheusAnswers() {
  const answer = await fetch(`${prometheus}/-/ready`, { signal: AbortSignal.timeout(3000) }).catch((error) => {
    throw new Error(`${prometheus}: ${error.cause?.message ?? error.message}`)
  })
  if (!answer.ok) throw new Error(`${prometheus}/-/ready: ${answer.status} ${(await answer.text()).trim()}`)
  return `${prometheus} answers`
}
