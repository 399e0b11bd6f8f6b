import type { Release } from "../release.js"

/** What one environment says of a release. */
export interface EnvironmentState {
  readonly name: string
  readonly state: string
}

interface DeploymentList {
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string }
    readonly spec?: { readonly template?: { readonly spec?: { readonly containers?: readonly { readonly image?: string }[] } } }
    readonly status?: { readonly readyReplicas?: number; readonly replicas?: number }
  }[]
}

/** Reads the Deployments of a namespace: by digest, since a name can lie elsewhere too. */
export function deployedState(release: Release, deployments: string): string {
  const { items = [] } = JSON.parse(deployments) as DeploymentList
  const running = items.flatMap(({ metadata, spec, status }) =>
    (spec?.template?.spec?.containers ?? []).map(({ image = "" }) => ({ digest: image.split("@")[1] ?? "", workload: metadata?.name ?? "", ready: status?.readyReplicas ?? 0, replicas: status?.replicas ?? 0 })),
  )
  const images = Object.entries(release.images).map(([name, { ref }]) => ({ name, found: running.filter(({ digest }) => digest === ref.split("@")[1]) }))
  const there = images.filter(({ found }) => found.length > 0)
  if (there.length === 0) return items.length === 0 ? "nothing of this product runs there" : "another release runs there"
  const pods = there.flatMap(({ found }) => found).map(({ workload, ready, replicas }) => `${workload} ${ready}/${replicas} ready`).join(", ")
  if (there.length === images.length) return `this release runs there: ${pods}`
  return `partly: ${pods}; not ${images.filter(({ found }) => found.length === 0).map(({ name }) => name).join(", ")}`
}
