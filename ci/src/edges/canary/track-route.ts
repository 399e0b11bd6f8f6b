import { DEADLINE_ANNOTATION, ROUTE_MANAGER, RULES_ANNOTATION, type HttpRoute } from "../../core/route/http-route.js"
import { syncedRoute, weightedRoute, type RouteApply } from "../../core/route/route-change.js"
import { againOnConflict, kubeJson, kubeJsonIfThere } from "../deploy/kube-client.js"
import { kubeRequest, type KubeConnection } from "../kube-request.js"

/** For how long the cluster waits for a renewal before it takes the traffic away by itself. */
export const DEADLINE_SECONDS = 60

const APPLY = "application/apply-patch+yaml"

const routePath = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string => `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes/${name}`

/** The HTTPRoute of a release: its weights, and the deadline of whoever has set them. */
export class TrackRoute {
  constructor(
    readonly connection: KubeConnection,
    readonly namespace: string,
    readonly name: string,
  ) {}

  get #path(): string {
    return routePath(this)
  }

  /** After each Helm: rules that came or went are taken over, with the weights as they are. */
  async sync(): Promise<void> {
    await this.#apply(syncedRoute)
  }

  /** One write for all services. A deadline arms the dead man's switch, null takes it off. */
  async setWeight(track: string, weightPercent: number, deadline: string | null): Promise<void> {
    await this.#apply((route) => weightedRoute(route, { track, weightPercent }, { deadline, withdrawn: null }))
  }

  /** The weights stay as they are: a switch that has taken the traffic away is not overruled. */
  async renew(deadline: string): Promise<void> {
    await this.#apply((route) => {
      const synced = syncedRoute(route)
      return { ...synced, metadata: { ...synced.metadata, annotations: { ...synced.metadata.annotations, [DEADLINE_ANNOTATION]: deadline } } }
    })
  }

  /** Server-side apply of the whole list of rules, on the very object that was read. */
  async #apply(change: (route: HttpRoute) => RouteApply): Promise<void> {
    await againOnConflict(async () => {
      const route = await kubeJson<HttpRoute>(this.connection, "GET", this.#path)
      await kubeJson(this.connection, "PATCH", `${this.#path}?fieldManager=${ROUTE_MANAGER}&force=true`, change(route), { contentType: APPLY })
    })
  }
}

/** The same for a release that may have no route, or one whose rules are Helm's. */
export async function syncRouteIfOurs(connection: KubeConnection, { namespace, name }: { readonly namespace: string; readonly name: string }): Promise<void> {
  const route = await kubeJsonIfThere<HttpRoute>(connection, routePath({ namespace, name }))
  if (route?.metadata.annotations?.[RULES_ANNOTATION] !== undefined) await new TrackRoute(connection, namespace, name).sync()
}

/** Now, by the API server's clock, in milliseconds; to the second, as HTTP tells it. */
export async function serverTime(connection: KubeConnection): Promise<number> {
  const { headers } = await kubeRequest(connection, "GET", "/version", { timeoutMs: 10_000 })
  const time = Date.parse(headers["date"] ?? "")
  if (Number.isNaN(time)) throw new Error(`expected the API server's time in its Date header, got ${JSON.stringify(headers["date"])}`)
  return time
}
