// What a cluster needs around the product (charts/platform): cluster DNS, the Gateway API, a gateway, and a Prometheus that reads its counters.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { execute } from "./containers.mjs"
import { platformReference } from "./images.mjs"
import { node, places } from "./places.mjs"

const platform = "charts/platform"
const folders = ["manifests", "metrics"]
const inNode = "/manifests"

/** The kit runs from its copy, so the checkout that called it is named by kit.mjs. */
export function manifestSource() {
  const checkout = process.env.DELIVERY_CHECKOUT
  if (!checkout) throw new Error("the checkout is not known: call airgap/kit.mjs of a checkout, not the copy in the cache")
  const source = join(checkout, platform)
  for (const folder of folders) if (!existsSync(join(source, folder))) throw new Error(`${join(source, folder)}: not found, but the cluster's platform is there in a checkout`)
  return source
}

/** Copies the manifests to where the node sees them, with images that it can pull. */
export function renderManifests(source) {
  mkdirSync(places.manifests, { recursive: true })
  for (const folder of folders) {
    for (const name of readdirSync(join(source, folder)).filter((file) => file.endsWith(".yaml"))) {
      const text = readFileSync(join(source, folder, name), "utf8").replaceAll(/\bdelivery\.dev\/image\/(\w+)/g, (_, part) => platformReference(part))
      writeFileSync(join(places.manifests, name), text)
    }
  }
}

/** Definitions first: objects of a kind are refused until the API server knows it. */
export async function applyPlatform(run) {
  const kubectl = (...argv) => execute(run, node, ["k3s", "kubectl", ...argv])
  const apply = (...names) => kubectl("apply", "--server-side", "--force-conflicts", ...names.flatMap((name) => ["-f", `${inNode}/${name}`]))
  await apply("00-namespaces.yaml", "10-gateway-api-crds.yaml")
  await kubectl("wait", "--for=condition=Established", "--timeout=60s", "-f", `${inNode}/10-gateway-api-crds.yaml`)
  await apply("20-coredns.yaml", "30-traefik.yaml", "prometheus.yaml")
  await kubectl("rollout", "status", "-n", "kube-system", "deployment/coredns", "--timeout=180s")
  await kubectl("rollout", "status", "-n", "gateway", "deployment/traefik", "--timeout=180s")
  await kubectl("rollout", "status", "-n", "monitoring", "deployment/prometheus", "--timeout=180s")
}
