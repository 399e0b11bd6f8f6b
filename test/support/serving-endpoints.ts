import { watchObjects } from "./kube-watch.js"
import { RELEASE, type ProductOnCluster } from "./product-on-cluster.js"

interface EndpointSlice {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly deletionTimestamp?: string }
  readonly endpoints?: readonly { readonly conditions: { readonly ready?: boolean } }[] | null
}

/** How many pods are ready to serve a service of the product, on all tracks together, at each change from now on. */
export function servingEndpoints({ kubeconfigFile, namespace }: ProductOnCluster, service: string): { readonly counts: readonly number[]; readonly close: () => void } {
  const slices = new Map<string, number>()
  const counts: number[] = []
  const names = ["", "-canary", "-blue", "-green"].map((track) => `${RELEASE}-${service}${track}`)
  const { close } = watchObjects<EndpointSlice>(kubeconfigFile, ["endpointslices", "-n", namespace, "-l", `kubernetes.io/service-name in (${names.join(",")})`], ({ metadata, endpoints }) => {
    slices.set(metadata.name, (endpoints ?? []).filter(({ conditions }) => conditions.ready === true).length)
    counts.push([...slices.values()].reduce((sum, count) => sum + count, 0))
  })
  return { counts, close }
}
