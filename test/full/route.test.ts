// Who owns the weights of an HTTPRoute (ADR 0022) and who takes them away (ADR 0023), on a real API server: the lasting cluster's.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { watchRoute, type SwitchHealth } from "../../ci/controller/src/switch/dead-mans-switch.js"
import { routeClient, type RouteLook } from "../../ci/controller/src/switch/route-client.js"
import { RULES_ANNOTATION, trackWeights, type HttpRoute, type RouteRule } from "../../ci/src/core/route/http-route.js"
import { routeMarks, syncedRoute, weightedRoute, type RouteApply } from "../../ci/src/core/route/route-change.js"
import { ROOT } from "../support/daggerw.js"
import { CoreV1Api, CustomObjectsApi, KubeConfig, PatchStrategy, RbacAuthorizationV1Api, setHeaderOptions } from "../support/kubernetes.js"
import { kit } from "../support/kit.js"

const NAMESPACE = `route-test-${process.pid}`
const PLACE = { group: "gateway.networking.k8s.io", version: "v1", plural: "httproutes", namespace: NAMESPACE, name: "shop" }
const config = new KubeConfig()
// Until it has been asked: a test that fails before that must not take away what others use.
let wasUp = true

const plain: RouteRule = { matches: [{ path: { type: "PathPrefix", value: "/" } }], backendRefs: [{ name: "shop-web", port: 80, weight: 100 }] } as RouteRule
const split: RouteRule = { ...plain, backendRefs: [{ name: "shop-web", port: 80, weight: 100 }, { name: "shop-web-canary", port: 80, weight: 0 }] }

/** As `helm upgrade` and `helm rollback` do: server-side apply by force. `rules`: Helm's own; `wished`: an annotation. */
async function helm(release: { readonly rules?: readonly RouteRule[]; readonly wished?: readonly RouteRule[] }): Promise<void> {
  const annotations = release.wished === undefined ? {} : { [RULES_ANNOTATION]: JSON.stringify(release.wished) }
  const spec = { parentRefs: [{ name: "public", namespace: "gateway" }], ...(release.rules === undefined ? {} : { rules: release.rules }) }
  const body = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata: { name: "shop", namespace: NAMESPACE, annotations }, spec }
  await config.makeApiClient(CustomObjectsApi).patchNamespacedCustomObject({ ...PLACE, body, fieldManager: "helm", force: true }, setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply))
}

const ours = () => routeClient(config, NAMESPACE, "shop")
/** Until nobody has written meanwhile: the gateway does, the route's status. */
async function write(change: (look: RouteLook) => RouteApply): Promise<void> {
  await expect.poll(async () => ours().apply(change(await ours().read())), { interval: 10, timeout: 5000 }).toBe("applied")
}
const sync = () => write((look) => syncedRoute(routeOf(look)))
const lead = (weightPercent: number, seconds: number) =>
  write((look) => weightedRoute(routeOf(look), { track: "canary", weightPercent }, { deadline: new Date(Date.parse(look.now) + seconds * 1000).toISOString(), withdrawn: null }))
const live = async (): Promise<HttpRoute> => routeOf(await ours().read())
const routeOf = ({ route }: RouteLook): HttpRoute => route as HttpRoute
const canary = async (): Promise<number | undefined> => trackWeights(await live()).get("canary")

beforeAll(async () => {
  wasUp = kit("cluster", "status").includes("is Ready")
  kit("cluster", "up")
  config.loadFromString(kit("cluster", "kubeconfig"))
  await config.makeApiClient(CoreV1Api).createNamespace({ body: { metadata: { name: NAMESPACE } } })
})
afterAll(async () => {
  await config.makeApiClient(CoreV1Api).deleteNamespace({ name: NAMESPACE })
  if (!wasUp) kit("cluster", "down")
})

describe("the weights", () => {
  it("are taken over from Helm without a moment in which there is no rule", async () => {
    await helm({ rules: [plain] })
    await sync()
    await helm({ wished: [plain] })
    expect((await live()).spec.rules).toMatchObject([plain])
  })

  it("stay where they are in upgrades and roll-backs", async () => {
    await helm({ wished: [split] })
    expect(await canary()).toBeUndefined()
    await sync()
    expect(await canary()).toBe(0)
    await lead(25, 60)
    await helm({ wished: [split] })
    expect(await canary()).toBe(25)
  })

  it("go when the track goes, and begin at 0 when it comes again", async () => {
    await helm({ wished: [plain] })
    await sync()
    expect((await live()).spec.rules).toMatchObject([plain])
    await helm({ wished: [split] })
    await sync()
    expect(await canary()).toBe(0)
    await lead(50, 60)
    expect(await canary()).toBe(50)
  })

  it("are all stable's after a roll-back to a release whose rules Helm had", async () => {
    await helm({ rules: [plain] })
    expect((await live()).spec.rules).toMatchObject([plain])
  })

  it("are lost by an upgrade that nobody has synced before: why the module does", async () => {
    await helm({ wished: [plain] })
    expect((await live()).spec.rules).toEqual([{ matches: [{ path: { type: "PathPrefix", value: "/" } }] }])
    await sync()
    expect((await live()).spec.rules).toMatchObject([plain])
  })

  it("are written by one at a time: who read before the other wrote is told", async () => {
    await helm({ wished: [split] })
    const before = await live()
    await sync()
    expect(await ours().apply(weightedRoute(before, { track: "canary", weightPercent: 75 }, routeMarks(before)))).toBe("conflict")
    expect(await canary()).toBe(0)
  })
})

describe("the dead man's switch, with the chart's Role", () => {
  const health: SwitchHealth = { seenAt: null }
  const said: string[] = []
  const stop = new AbortController()
  let ended: Promise<void> = Promise.resolve()

  beforeAll(async () => {
    const account = await limitedAccount()
    ended = watchRoute(routeClient(account, NAMESPACE, "shop"), health, 500, stop.signal, (line) => said.push(line))
  })
  afterAll(async () => {
    stop.abort()
    await ended
  })

  it("brings the rules to what the chart wants", async () => {
    await helm({ wished: [plain] })
    await expect.poll(async () => (await live()).spec.rules?.[0]?.backendRefs?.length, { timeout: 5000 }).toBe(1)
    await helm({ wished: [split] })
    await expect.poll(canary, { timeout: 5000 }).toBe(0)
  })

  it("leaves the weights alone while somebody renews the deadline", async () => {
    const until = Date.now() + 8000
    while (Date.now() < until) {
      await lead(25, 4)
      await new Promise((resolve) => setTimeout(resolve, 1000))
      expect(await canary()).toBe(25)
    }
  })

  it("takes them away when nobody does", async () => {
    await expect.poll(canary, { timeout: 8000 }).toBe(0)
    expect(routeMarks(await live())).toEqual({ deadline: null, withdrawn: expect.stringMatching(/^\d{4}-.*Z$/) })
    expect(said.at(-1)).toMatch(/^all requests go to the live track: nobody has renewed the deadline/)
  })

  it("says what it is not allowed any more, and does not count as armed", async () => {
    await config.makeApiClient(RbacAuthorizationV1Api).deleteNamespacedRole({ name: "shop-switch", namespace: NAMESPACE })
    await expect.poll(() => said.at(-1), { timeout: 8000 }).toMatch(/^the route cannot be looked after: .*403/)
    const last = health.seenAt
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(last).not.toBeNull()
    expect(health.seenAt).toBe(last)
  })
})

/** The ServiceAccount of the switch with the rights that the chart gives it, read from the chart. */
async function limitedAccount(): Promise<KubeConfig> {
  const [role, carriers] = ["switch/role.yaml", "_tracks.tpl"].map((name) => readFileSync(join(ROOT, "charts/docuthinker/templates", name), "utf8"))
  const verbs = [...(/verbs:\n((?: +- .*\n)+)/.exec(role ?? "")?.[1] ?? "").matchAll(/- (\S+)/g)].map(([, word]) => word ?? "")
  const [, group = "", resource = ""] = /kind: HTTPRoute\ngroup: (\S+)\nresource: (\S+)/.exec(carriers ?? "") ?? []
  const rules = [{ apiGroups: [group], resources: [resource], resourceNames: ["shop"], verbs }]
  expect(rules[0]).toMatchObject({ apiGroups: ["gateway.networking.k8s.io"], resources: ["httproutes"], verbs: ["get", "patch"] })
  const [core, rbac] = [config.makeApiClient(CoreV1Api), config.makeApiClient(RbacAuthorizationV1Api)]
  const metadata = { name: "shop-switch" }
  await core.createNamespacedServiceAccount({ namespace: NAMESPACE, body: { metadata } })
  await rbac.createNamespacedRole({ namespace: NAMESPACE, body: { metadata, rules } })
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "shop-switch" }
  await rbac.createNamespacedRoleBinding({ namespace: NAMESPACE, body: { metadata, roleRef, subjects: [{ kind: "ServiceAccount", name: "shop-switch", namespace: NAMESPACE }] } })
  const body = { spec: { audiences: [], expirationSeconds: 3600 } }
  const { status } = await core.createNamespacedServiceAccountToken({ namespace: NAMESPACE, name: "shop-switch", body })
  const cluster = config.getCurrentCluster()
  if (cluster === null || status === undefined) throw new Error("no cluster in the kubeconfig, or no token")
  const account = new KubeConfig()
  account.loadFromClusterAndUser(cluster, { name: "shop-switch", token: status.token })
  return account
}
