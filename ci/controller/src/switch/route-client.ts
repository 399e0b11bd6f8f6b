import { ApiException, CustomObjectsApi, KubeConfig, Observable, PatchStrategy, setHeaderOptions, type ObservableMiddleware } from "@kubernetes/client-node"
import { ROUTE_MANAGER, type HttpRoute } from "../../../src/core/route/http-route.js"
import type { RouteApply } from "../../../src/core/route/route-change.js"

/** For tests, which are outside of this package. */
export { KubeConfig }

const REQUEST_MS = 5000

/** An HTTPRoute as it was at a moment of the API server's clock, RFC 3339 in UTC. */
export interface RouteLook {
  readonly route: HttpRoute
  readonly now: string
}

/** One HTTPRoute of a cluster. */
export interface RouteClient {
  readonly read: () => Promise<RouteLook>
  /** `conflict`: somebody has written since it was read; nothing was changed. */
  readonly apply: (change: RouteApply) => Promise<"applied" | "conflict">
}

/** Asks for nothing but get and patch of this one object. */
export function routeClient(config: KubeConfig, namespace: string, name: string): RouteClient {
  const api = config.makeApiClient(CustomObjectsApi)
  const place = { group: "gateway.networking.k8s.io", version: "v1", plural: "httproutes", namespace, name }
  const inTime = () => ({ middleware: [deadline(REQUEST_MS)], middlewareMergeStrategy: "append" as const })
  return {
    async read() {
      const { headers, data } = await api.getNamespacedCustomObjectWithHttpInfo(place, inTime())
      return { route: data as HttpRoute, now: serverTime(headers).toISOString() }
    },
    async apply(change) {
      const options = setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply, inTime())
      try {
        await api.patchNamespacedCustomObject({ ...place, body: change, fieldManager: ROUTE_MANAGER, force: true }, options)
        return "applied"
      } catch (error) {
        if (error instanceof ApiException && error.code === 409) return "conflict"
        throw error
      }
    },
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
