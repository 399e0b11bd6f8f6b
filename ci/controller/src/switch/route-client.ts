import { ApiException, CoreV1Api, CustomObjectsApi, KubeConfig, NetworkingV1Api, Observable, PatchStrategy, setHeaderOptions, type ConfigurationOptions, type ObservableMiddleware } from "@kubernetes/client-node"
import { ROUTE_MANAGER } from "../../../src/core/route/http-route.js"
import { ROUTE_CARRIER, type CarrierObject, type WeightCarrier } from "../../../src/core/route/weight-carrier.js"

/** For tests, which are outside of this package. */
export { KubeConfig }

const REQUEST_MS = 5000

/** What carries a weight as it was at a moment of the API server's clock, RFC 3339 in UTC; null where it comes with a track and none is there. */
export interface RouteLook {
  readonly route: CarrierObject | null
  readonly now: string
}

/** One object that carries a weight: an HTTPRoute, an Ingress, a Service. */
export interface RouteClient {
  readonly carrier: WeightCarrier
  readonly read: () => Promise<RouteLook>
  /** `conflict`: somebody has written since it was read; nothing was changed. */
  readonly apply: (change: CarrierObject) => Promise<"applied" | "conflict">
}

interface ObjectCalls {
  readonly get: (options: ConfigurationOptions) => Promise<{ readonly headers: Readonly<Record<string, string>>; readonly data: unknown }>
  readonly patch: (body: object, options: ConfigurationOptions) => Promise<unknown>
}

/** Asks for nothing but get and patch of this one object. */
export function routeClient(config: KubeConfig, namespace: string, name: string, carrier: WeightCarrier = ROUTE_CARRIER): RouteClient {
  const calls = callsOf(config, carrier, { namespace, name })
  const inTime = () => ({ middleware: [deadline(REQUEST_MS)], middlewareMergeStrategy: "append" as const })
  return {
    carrier,
    async read() {
      try {
        const { headers, data } = await calls.get(inTime())
        // What a server answers to one that asks for an object by its name does not repeat what that is.
        const route = { ...(data as CarrierObject), apiVersion: carrier.apiVersion, kind: carrier.kind }
        return { route, now: serverTime(headers).toISOString() }
      } catch (error) {
        if (carrier.mayBeAbsent && error instanceof ApiException && error.code === 404) return { route: null, now: "" }
        throw error
      }
    },
    async apply(change) {
      try {
        await calls.patch(change, setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply, inTime()))
        return "applied"
      } catch (error) {
        if (error instanceof ApiException && error.code === 409) return "conflict"
        throw error
      }
    },
  }
}

/** The two calls for one object, by its kind. */
function callsOf(config: KubeConfig, carrier: WeightCarrier, place: { readonly namespace: string; readonly name: string }): ObjectCalls {
  const applied = { ...place, fieldManager: ROUTE_MANAGER, force: true }
  switch (carrier.kind) {
    case "HTTPRoute": {
      const api = config.makeApiClient(CustomObjectsApi)
      const [group = "", version = ""] = carrier.apiVersion.split("/")
      const custom = { group, version, plural: carrier.plural }
      return { get: (options) => api.getNamespacedCustomObjectWithHttpInfo({ ...custom, ...place }, options), patch: (body, options) => api.patchNamespacedCustomObject({ ...custom, ...applied, body }, options) }
    }
    case "Ingress": {
      const api = config.makeApiClient(NetworkingV1Api)
      return { get: (options) => api.readNamespacedIngressWithHttpInfo(place, options), patch: (body, options) => api.patchNamespacedIngress({ ...applied, body }, options) }
    }
    case "Service": {
      const api = config.makeApiClient(CoreV1Api)
      return { get: (options) => api.readNamespacedServiceWithHttpInfo(place, options), patch: (body, options) => api.patchNamespacedService({ ...applied, body }, options) }
    }
  }
}

/** Every answer of an API server has its time; ours may be another. */
export function serverTime(headers: Readonly<Record<string, string>>): Date {
  const text = Object.entries(headers).find(([name]) => name.toLowerCase() === "date")?.[1]
  const time = new Date(text ?? "")
  if (Number.isNaN(time.getTime())) throw new Error(`the API server's answer has no readable Date header (${text ?? "none"}), so nobody can tell whether the deadline has passed`)
  return time
}

/** The client itself waits for ever. */
function deadline(milliseconds: number): ObservableMiddleware {
  return {
    pre: (request) => {
      request.setSignal(AbortSignal.timeout(milliseconds))
      return new Observable(Promise.resolve(request))
    },
    post: (response) => new Observable(Promise.resolve(response)),
  }
}
