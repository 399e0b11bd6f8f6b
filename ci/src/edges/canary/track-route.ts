import { RULES_ANNOTATION, ROUTE_MANAGER } from "../../core/route/http-route.js"
import type { RouteMarks } from "../../core/route/route-change.js"
import { SELECTOR_ANNOTATION, SERVICE_CARRIER } from "../../core/route/service-selector.js"
import { carrierPath, marksOf, renewed, ROUTE_CARRIER, type CarrierObject, type WeightCarrier } from "../../core/route/weight-carrier.js"
import type { RolloutFacts } from "../../core/canary/stored-rollout.js"
import { CARRIERS, carrierNames } from "../../core/route/carriers.js"
import { againOnConflict, kubeJson, kubeJsonIfThere } from "../deploy/kube-client.js"
import { kubeRequest, type KubeConnection } from "../kube-request.js"

/** For how long the cluster waits for a renewal before it takes the traffic away by itself. */
export const DEADLINE_SECONDS = 60

const APPLY = "application/apply-patch+yaml"

/** What carries the weights of a release, one object or one for each service, and the deadline of whoever has set them. */
export class TrackRoute {
  constructor(
    readonly connection: KubeConnection,
    readonly namespace: string,
    readonly carrier: WeightCarrier,
    readonly names: readonly string[],
  ) {}

  /** After each Helm: what came or went is taken over, with the weights as they are. */
  async sync(): Promise<void> {
    await this.#apply((object) => this.carrier.synced(object))
  }

  /** One write for an object: for all services, where one object carries them. A deadline arms the dead man's switch, null takes it off. */
  async setWeight(track: string, weightPercent: number, deadline: string | null): Promise<void> {
    // An object that comes and goes with its track has no traffic that could be taken away.
    await this.#apply((object) => this.carrier.weighted(object, { track, weightPercent }, { deadline, withdrawn: null }), weightPercent > 0)
  }

  /** Whether the cluster has taken the traffic away by itself: on one of several objects is enough. */
  isWithdrawn(): Promise<boolean> {
    return this.#some(({ withdrawn }) => withdrawn !== null)
  }

  /** Whether the cluster waits for a renewal. */
  isArmed(): Promise<boolean> {
    return this.#some(({ deadline }) => deadline !== null)
  }

  /** The weights stay as they are: a switch that has taken the traffic away is not overruled. */
  async renew(deadline: string): Promise<void> {
    await this.#apply((object) => renewed(this.carrier, object, deadline))
  }

  async #some(has: (marks: RouteMarks) => boolean): Promise<boolean> {
    for (const name of this.names) {
      const object = await kubeJsonIfThere<CarrierObject>(this.connection, carrierPath(this.carrier, { namespace: this.namespace, name }))
      if (object !== null && has(marksOf(object))) return true
    }
    return false
  }

  /** Server-side apply on the very object that was read. */
  async #apply(change: (object: CarrierObject) => CarrierObject, mustBeThere = false): Promise<void> {
    for (const name of this.names) {
      const path = carrierPath(this.carrier, { namespace: this.namespace, name })
      await againOnConflict(async () => {
        const object = this.carrier.mayBeAbsent && !mustBeThere ? await kubeJsonIfThere<CarrierObject>(this.connection, path) : await kubeJson<CarrierObject>(this.connection, "GET", path)
        if (object !== null) await kubeJson(this.connection, "PATCH", `${path}?fieldManager=${ROUTE_MANAGER}&force=true`, change(object), { contentType: APPLY })
      })
    }
  }
}

interface ServiceList {
  readonly items: readonly Pick<CarrierObject, "metadata">[]
}

/** What carries the weights of a rollout that the cluster holds. */
export function routeOf(connection: KubeConnection, { namespace, name }: { readonly namespace: string; readonly name: string }, { router = "gateway", track }: Pick<RolloutFacts, "router" | "track">, services: readonly string[]): TrackRoute {
  return new TrackRoute(connection, namespace, CARRIERS[router], carrierNames(router, name, track, services))
}

/** The same for a release that may have neither a route nor a Service that is led, or whose rules are Helm's. */
export async function syncRouteIfOurs(connection: KubeConnection, { namespace, name }: { readonly namespace: string; readonly name: string }): Promise<void> {
  const route = await kubeJsonIfThere<CarrierObject>(connection, carrierPath(ROUTE_CARRIER, { namespace, name }))
  if (route?.metadata.annotations?.[RULES_ANNOTATION] !== undefined) await new TrackRoute(connection, namespace, ROUTE_CARRIER, [name]).sync()
  const { items } = await kubeJson<ServiceList>(connection, "GET", `/api/v1/namespaces/${namespace}/services?labelSelector=${encodeURIComponent(`app.kubernetes.io/instance=${name}`)}`)
  const led = items.filter(({ metadata }) => metadata.annotations?.[SELECTOR_ANNOTATION] !== undefined).map(({ metadata }) => metadata.name)
  await new TrackRoute(connection, namespace, SERVICE_CARRIER, led).sync()
}

/** Now, by the API server's clock, in milliseconds; to the second, as HTTP tells it. */
export async function serverTime(connection: KubeConnection): Promise<number> {
  const { headers } = await kubeRequest(connection, "GET", "/version", { timeoutMs: 10_000 })
  const time = Date.parse(headers["date"] ?? "")
  if (Number.isNaN(time)) throw new Error(`expected the API server's time in its Date header, got ${JSON.stringify(headers["date"])}`)
  return time
}
