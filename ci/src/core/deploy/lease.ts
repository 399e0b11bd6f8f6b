/** How long a holder that no longer renews keeps everybody else out, and how often it renews. */
export const LEASE_SECONDS = 30
export const LEASE_RENEW_SECONDS = 8

/** The part of a Lease that counts. */
export interface LeaseObject {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly resourceVersion?: string }
  readonly spec?: {
    readonly holderIdentity?: string | null
    readonly leaseDurationSeconds?: number | null
    readonly acquireTime?: string | null
    readonly renewTime?: string | null
    readonly leaseTransitions?: number | null
  }
}

/** A renewal as we have seen it, by our own clock: the holder's may be another one. */
export interface SeenRenewal {
  readonly renewTime: string
  readonly seenAtMs: number
}

export type LeaseDecision = { readonly kind: "take" } | { readonly kind: "wait"; readonly seen: SeenRenewal; readonly holder: string }

/** Whether a lease can be taken. A holder's is, once it has not been renewed for its whole length before our own eyes. */
export function decideLease(lease: LeaseObject | null, holder: string, seen: SeenRenewal | null, nowMs: number): LeaseDecision {
  const spec = lease?.spec
  const owner = spec?.holderIdentity ?? ""
  if (owner === "" || owner === holder) return { kind: "take" }
  const renewTime = spec?.renewTime ?? ""
  const last = seen !== null && seen.renewTime === renewTime ? seen : { renewTime, seenAtMs: nowMs }
  const lengthMs = (spec?.leaseDurationSeconds ?? LEASE_SECONDS) * 1000
  return nowMs - last.seenAtMs >= lengthMs ? { kind: "take" } : { kind: "wait", seen: last, holder: owner }
}

/** The lease as its holder writes it; released, it names nobody. `now` is RFC 3339 with microseconds. */
export function leaseManifest(name: string, namespace: string, before: LeaseObject | null, holder: string | null, now: string): object {
  const old = before?.spec
  const changed = holder !== null && (old?.holderIdentity ?? "") !== holder
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name, namespace, ...(before?.metadata.resourceVersion === undefined ? {} : { resourceVersion: before.metadata.resourceVersion }) },
    spec: {
      holderIdentity: holder ?? "",
      leaseDurationSeconds: LEASE_SECONDS,
      acquireTime: changed ? now : (old?.acquireTime ?? now),
      renewTime: now,
      leaseTransitions: (old?.leaseTransitions ?? 0) + (changed ? 1 : 0),
    },
  }
}
