import type { LeaseObject } from "../../src/core/deploy/lease.js"
import { kubeJsonIfThere } from "../../src/edges/deploy/kube-client.js"
import type { HeldLease } from "../../src/edges/deploy/lease-holder.js"
import type { KubeConnection } from "../../src/edges/kube-request.js"

const LOOK_MS = 5000

/** The Lease that whoever started this program holds, seen from here: when it is somebody else's, nothing may be written. */
export async function watchLease(connection: KubeConnection, namespace: string, { name, holder }: { readonly name: string; readonly holder: string }): Promise<HeldLease> {
  let owner = holder
  const look = async (): Promise<void> => {
    const lease = await kubeJsonIfThere<LeaseObject>(connection, `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`)
    owner = lease?.spec?.holderIdentity ?? ""
  }
  await look()
  // One that cannot be read has not been lost: what then is written fails by itself.
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_MS)
  return {
    holder,
    waitedMs: 0,
    assertHeld: () => {
      if (owner !== holder) throw new Error(`namespace ${namespace}: expected the Lease ${name} to be held by ${holder}, got ${owner === "" ? "nobody" : owner}. Nothing more is written.`)
    },
    release: async () => clearInterval(timer),
  }
}
