import { decideLease, LEASE_RENEW_SECONDS, LEASE_SECONDS, leaseManifest, type LeaseObject, type SeenRenewal } from "../../core/deploy/lease.js"
import { UsageError } from "../../core/errors.js"
import type { KubeConnection } from "../kube-request.js"
import { kubeJson, kubeJsonIfThere, KubeRefusal } from "./kube-client.js"

const ASK_AGAIN_MS = 1000

/** The right to write to an environment, until it is given back. */
export interface HeldLease {
  /** The run that has it. */
  readonly holder: string
  /** How long somebody else had it first; the cluster may have moved meanwhile. */
  readonly waitedMs: number
  /** Throws once the right is lost: nothing may be written then. */
  readonly assertHeld: () => void
  readonly release: () => Promise<void>
}

interface LeasePlace {
  readonly namespace: string
  readonly name: string
  readonly holder: string
  readonly waitSeconds: number
  readonly say: (line: string) => void
}

/** Takes the environment's Lease; waits while a living run has it, and takes it from one that no longer renews. */
export async function takeLease(connection: KubeConnection, place: LeasePlace): Promise<HeldLease> {
  const { namespace, name, holder, waitSeconds, say } = place
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`
  const started = Date.now()
  let seen: SeenRenewal | null = null
  let told = ""
  for (;;) {
    const lease: LeaseObject | null = await kubeJsonIfThere<LeaseObject>(connection, `${path}/${name}`)
    const decision = decideLease(lease, holder, seen, Date.now())
    if (decision.kind === "take") {
      const taken = await writeLease(connection, path, leaseManifest(name, namespace, lease, holder, micros()), lease).catch(onConflict)
      if (taken !== null) return keepLease(connection, path, place, taken, Date.now() - started)
      continue
    }
    seen = decision.seen
    if (told !== decision.holder) say(`waiting for run ${decision.holder}, which is deploying to ${namespace}`)
    told = decision.holder
    if (Date.now() - started > waitSeconds * 1000) {
      throw new UsageError(`namespace ${namespace}: run ${decision.holder} is deploying there and still renews its Lease ${name} after ${waitSeconds} s. Nothing was written. Run again when it has ended.`)
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
  }
}

function keepLease(connection: KubeConnection, path: string, { namespace, name, holder }: LeasePlace, first: LeaseObject, waitedMs: number): HeldLease {
  let current = first
  let renewedAt = Date.now()
  let lost: string | null = null
  const renew = async (): Promise<void> => {
    try {
      const next = await writeLease(connection, path, leaseManifest(name, namespace, current, holder, micros()), current)
      current = next
      renewedAt = Date.now()
    } catch (error) {
      // A failed renewal is no loss while the lease still lasts; another holder is.
      if (error instanceof KubeRefusal && error.status === 409) lost = "another run has taken it"
    }
  }
  const timer = setInterval(() => void renew(), LEASE_RENEW_SECONDS * 1000)
  return {
    holder,
    waitedMs,
    assertHeld: () => {
      if (lost === null && Date.now() - renewedAt > LEASE_SECONDS * 1000) lost = `it could not be renewed for ${LEASE_SECONDS} s`
      if (lost !== null) throw new UsageError(`namespace ${namespace}: this run has lost its Lease ${name}: ${lost}. Nothing more is written.`)
    },
    release: async () => {
      clearInterval(timer)
      await writeLease(connection, path, leaseManifest(name, namespace, current, null, micros()), current).catch(() => undefined) // it ends by itself
    },
  }
}

function writeLease(connection: KubeConnection, path: string, manifest: object, before: LeaseObject | null): Promise<LeaseObject> {
  if (before === null) return kubeJson<LeaseObject>(connection, "POST", path, manifest)
  return kubeJson<LeaseObject>(connection, "PUT", `${path}/${before.metadata.name}`, manifest)
}

/** Somebody was quicker: look again. */
function onConflict(error: unknown): null {
  if (error instanceof KubeRefusal && error.status === 409) return null
  throw error
}

const micros = (): string => new Date().toISOString().replace("Z", "000Z")
