import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"

// Everything below one temporary cache, so that the cluster of this machine is left alone.
const cache = mkdtempSync(join(tmpdir(), "airgap-cluster-"))
vi.stubEnv("DELIVERY_CACHE", cache)
const load = async () => ({
  ...(await import("../lib/cluster.mjs")), ...(await import("../lib/cluster/platform.mjs")), ...(await import("../lib/cluster/images.mjs")),
  ...(await import("../lib/cluster/bundle.mjs")), ...(await import("../lib/cluster/places.mjs")), ...(await import("../lib/cluster/api.mjs")),
})
let cluster: Awaited<ReturnType<typeof load>>
beforeAll(async () => { cluster = await load() })
afterAll(() => rmSync(cache, { recursive: true }))

describe("a cluster that does not run", () => {
  it("is not up, though the number of an earlier boot is another process of today", () => {
    mkdirSync(join(cache, "cluster"))
    expect(cluster.clusterIsUp()).toBe(false)
    writeFileSync(join(cache, "cluster/delivery-cluster.started"), "")
    writeFileSync(join(cache, "cluster/delivery-cluster.pid"), String(process.pid))
    expect(cluster.clusterIsUp()).toBe(false)
  })
  it("has no kubeconfig", () => expect(() => cluster.printKubeconfig()).toThrow("no cluster runs; start one: npm run cluster -- up"))
})

describe("the kubeconfig", () => {
  it("names the address that host and engine can reach", () => {
    mkdirSync(join(cache, "cluster/etc"), { recursive: true })
    writeFileSync(join(cache, "cluster/etc/k3s.yaml"), '{cluster: {server: "https://127.0.0.1:6443"}}')
    expect(cluster.kubeconfig()).toBe('{cluster: {server: "https://10.90.0.2:6443"}}')
  })
})

describe("the platform", () => {
  it("is looked for in the checkout that called", () => {
    expect(() => cluster.manifestSource()).toThrow("call airgap/kit.mjs of a checkout")
    vi.stubEnv("DELIVERY_CHECKOUT", cache)
    expect(() => cluster.manifestSource()).toThrow(join(cache, "charts/platform/manifests"))
  })
  it("is applied with images of the cluster's own registry, named by version and recipe", () => {
    const source = join(cache, "source")
    for (const folder of ["manifests", "metrics"]) mkdirSync(join(source, folder), { recursive: true })
    writeFileSync(join(source, "metrics/b.yaml"), "image: delivery.dev/image/prometheus\n")
    writeFileSync(join(source, "manifests/a.yaml"), "image: delivery.dev/image/traefik\n# selectors: delivery.dev/track\n")
    cluster.renderManifests(source)
    expect(readFileSync(join(cache, "cluster/manifests/a.yaml"), "utf8")).toMatch(/^image: 10\.90\.0\.1:5000\/platform\/traefik:v[\d.]+-[0-9a-f]{12}\n# selectors: delivery\.dev\/track\n$/)
    expect(readFileSync(join(cache, "cluster/manifests/b.yaml"), "utf8")).toMatch(/^image: 10\.90\.0\.1:5000\/platform\/prometheus:v[\d.]+-[0-9a-f]{12}\n$/)
  })
})

describe("containers", () => {
  const written = (name: string) => JSON.parse(readFileSync(join(cache, "cluster", name, "config.json"), "utf8"))
  it("gives a service no rights and a read-only root", () => {
    cluster.writeServiceBundle("service", { args: ["true"], mounts: [] })
    const { process: { capabilities }, root } = written("service")
    expect([capabilities.effective, root.readonly]).toEqual([[], true])
  })
  it("gives a node no capability that this process does not have", () => {
    cluster.writeNodeBundle("node", { args: ["true"], mounts: [] })
    const { process: { capabilities }, linux: { namespaces } } = written("node")
    const [, mask] = /^CapBnd:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))!
    expect(capabilities.bounding).toHaveLength(BigInt(`0x${mask}`).toString(2).replaceAll("0", "").length)
    expect(namespaces).toContainEqual({ type: "network" })
  })
})
