import { describe, expect, it } from "vitest"
import { eventLines, NEW_WATCH, parseSnapshot, watchRollout, type WatchState } from "../../../src/core/deploy/watch.js"
import type { EventObject, PodStatusObject, RolloutSnapshot, StatusCondition, WorkloadStatus } from "../../../src/core/deploy/kube-status.js"

const LABELS = { "app.kubernetes.io/component": "web" }
const web = (status: WorkloadStatus["status"] = {}): WorkloadStatus => ({ kind: "Deployment", metadata: { name: "shop-web", generation: 2, labels: LABELS }, spec: { replicas: 1 }, status: { observedGeneration: 2, replicas: 2, updatedReplicas: 1, availableReplicas: 1, ...status } })
const replicaSet = (name: string, revision: number) => ({ metadata: { name, annotations: { "deployment.kubernetes.io/revision": String(revision) }, ownerReferences: [{ kind: "Deployment", name: "shop-web", controller: true }] } })
const PROBES = { startupProbe: {}, readinessProbe: { periodSeconds: 1, failureThreshold: 2 } }
const pod = (status: PodStatusObject["status"], name = "new-1", owner = "new"): PodStatusObject => ({ metadata: { name, ownerReferences: [{ kind: "ReplicaSet", name: owner, controller: true }] }, spec: { containers: [{ name: "web", ...PROBES }] }, status })
const container = (state: object, rest: object = {}): PodStatusObject["status"] => ({ containerStatuses: [{ name: "web", ready: false, restartCount: 0, state, ...rest }] })
const event = (reason: string, message: string, name = "new-1"): EventObject => ({ type: "Warning", reason, message, involvedObject: { kind: "Pod", name } })
const snapshot = (pods: readonly PodStatusObject[], events: readonly EventObject[] = [], workload = web()): RolloutSnapshot => ({ workloads: [workload], replicaSets: [replicaSet("new", 2), replicaSet("old", 1)], pods, events })
const BEFORE = snapshot([])
const look = (now: RolloutSnapshot, atMs = 0, state: WatchState = NEW_WATCH, before = BEFORE) => watchRollout(state, before, now, atMs)
/** What is found when the same sight lasts for some seconds. */
const lasting = (now: RolloutSnapshot, seconds: number) => look(now, seconds * 1000, look(now).state)

describe("what will not heal ends a roll-out at once", () => {
  it.each([
    ["an image that no registry has", snapshot([pod(container({ waiting: { reason: "ImagePullBackOff", message: "Back-off pulling image" } }))], [event("Failed", 'Failed to pull image "shop/web": manifest unknown: not found')]), "image", 'ErrImagePull|Failed to pull image "shop/web": manifest unknown'],
    ["a name that is none", snapshot([pod(container({ waiting: { reason: "InvalidImageName", message: "invalid reference format" } }))]), "image", "InvalidImageName: invalid reference format"],
    ["a crash loop", snapshot([pod(container({ waiting: { reason: "CrashLoopBackOff" } }, { restartCount: 1, lastState: { terminated: { exitCode: 3, reason: "Error" } } }))]), "crash loop", "the container ended with 3 (Error), 1 restart"],
    ["too little memory", snapshot([pod(container({ waiting: { reason: "CrashLoopBackOff" } }, { restartCount: 2, lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } } }))]), "crash loop", "137 (OOMKilled), 2 restarts"],
    ["a program that is not there", snapshot([pod(container({ terminated: { exitCode: 128, reason: "StartError", message: "no such file" } }))]), "container", "128 (StartError: no such file)"],
    ["a start that the probe ended", snapshot([pod(container({ running: {} }, { restartCount: 1, lastState: { terminated: { exitCode: 143, reason: "Error" } } }))], [event("Unhealthy", "Startup probe failed: 503"), event("Killing", "Container web failed startup probe, will be restarted")]), "probe", "failed startup probe, will be restarted (Startup probe failed: 503)"],
    ["pods that the cluster refuses", snapshot([], [], web({ conditions: [condition("ReplicaFailure", "True", "FailedCreate", 'pods "x" is forbidden: violates PodSecurity "restricted:latest"')] })), "refused", "violates PodSecurity"],
    ["an over-long roll-out", snapshot([], [], web({ conditions: [condition("Progressing", "False", "ProgressDeadlineExceeded", "has timed out progressing")] })), "progress deadline", "timed out progressing"],
  ])("%s", (_, now, kind, cause) => {
    const { fault } = look(now)
    expect(fault).toMatchObject({ kind, workload: "shop-web", service: "web", lastedMs: 0 })
    expect(fault?.cause).toMatch(new RegExp(cause.replaceAll("(", "\\(").replaceAll(")", "\\)")))
  })
})

describe("what may pass is given some seconds", () => {
  it.each([
    ["a registry that does not answer", snapshot([pod(container({ waiting: { reason: "ErrImagePull", message: "dial tcp: i/o timeout" } }))]), 29, 30, "image"],
    ["a Secret that is still being made", snapshot([pod(container({ waiting: { reason: "CreateContainerConfigError", message: 'secret "db" not found' } }))]), 4, 5, "configuration"],
    ["a pod that finds no node", snapshot([pod({ conditions: [condition("PodScheduled", "False", "Unschedulable", "0/1 nodes: insufficient memory")] })]), 2, 3, "unschedulable"],
    ["a quota that is used up", snapshot([], [], web({ conditions: [condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota: small")] })), 2, 3, "quota"],
    ["a service that started and is not ready", snapshot([pod(container({ running: {} }, { started: true }))]), 14, 15, "probe"],
  ])("%s", (_, now, before, after, kind) => {
    expect(lasting(now, before).fault).toBeNull()
    expect(lasting(now, after).fault).toMatchObject({ kind, lastedMs: after * 1000 })
  })

  it("and begins anew when the sign was gone in between", () => {
    const bad = snapshot([pod(container({ waiting: { reason: "CreateContainerConfigError" } }))])
    const good = look(snapshot([pod(container({ running: {} }))]), 4000, look(bad).state)
    expect(look(bad, 8000, good.state).fault).toBeNull()
  })

  it("while pods that go may leave room", () => {
    const leaving: PodStatusObject = { ...pod({}, "old-1", "old"), metadata: { ...pod({}, "old-1", "old").metadata, deletionTimestamp: "2026-11-23T10:00:00Z" } }
    const waiting = pod({ conditions: [condition("PodScheduled", "False", "Unschedulable", "insufficient cpu")] })
    const full = look(snapshot([waiting, leaving]), 60_000, look(snapshot([waiting, leaving])).state)
    expect(full.fault).toBeNull()
    expect(look(snapshot([waiting]), 61_000, full.state).fault).toBeNull()
    expect(look(snapshot([waiting]), 63_000, full.state).fault).toMatchObject({ kind: "unschedulable" })
  })

  it("and a cluster that is about to grow is waited for", () => {
    const waiting = pod({ conditions: [condition("PodScheduled", "False", "Unschedulable", "insufficient cpu")] })
    expect(lasting(snapshot([waiting], [event("TriggeredScaleUp", "pod triggered scale-up")]), 60).fault).toBeNull()
  })
})

describe("what is no fault of the new release", () => {
  it("is a pod of the old one", () => {
    const ill = pod(container({ waiting: { reason: "CrashLoopBackOff" } }), "old-1", "old")
    expect(look(snapshot([ill])).fault).toBeNull()
  })

  it("is a condition that an earlier roll-out left", () => {
    const late = web({ conditions: [condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out")] })
    expect(look(snapshot([], [], late), 0, NEW_WATCH, snapshot([], [], late)).fault).toBeNull()
  })

  it("is what a workload said before its controller saw the change", () => {
    const stale = web({ observedGeneration: 1, conditions: [condition("ReplicaFailure", "True", "FailedCreate", "violates PodSecurity")] })
    expect(look(snapshot([], [], stale)).fault).toBeNull()
  })

  it("is a container that ended once and was started again", () => {
    expect(look(snapshot([pod(container({ running: {} }, { restartCount: 1, lastState: { terminated: { exitCode: 1, reason: "Error" } } }))])).fault).toBeNull()
  })
})

it("a roll-out tells each workload's progress once, and is over when nothing is missing", () => {
  const first = look(snapshot([]))
  expect(first.progress).toEqual(["shop-web: 1 of 1 new, 1 available, 1 old"])
  expect(first.missing).toHaveLength(1)
  const done = look(snapshot([], [], web({ replicas: 1 })), 1000, first.state)
  expect(done).toMatchObject({ progress: ["shop-web: 1 of 1 new, 1 available"], missing: [], fault: null })
  expect(look(snapshot([], [], web({ replicas: 1 })), 2000, done.state).progress).toEqual([])
})

it("a StatefulSet's new pods are those of its update revision", () => {
  const set: WorkloadStatus = { ...web({ updateRevision: "db-2" }), kind: "StatefulSet" }
  const of = (hash: string): PodStatusObject => ({ ...pod(container({ waiting: { reason: "CrashLoopBackOff" } }), `db-${hash}`), metadata: { name: `db-${hash}`, labels: { "controller-revision-hash": hash }, ownerReferences: [{ kind: "StatefulSet", name: "shop-web", controller: true }] } })
  expect(look(snapshot([of("db-1")], [], set)).fault).toBeNull()
  expect(look(snapshot([of("db-1"), of("db-2")], [], set)).fault?.pod).toBe("db-db-2")
})

it("events are told from old to new, the last ones, with their counts", () => {
  const list = (items: readonly object[]): string => JSON.stringify({ items })
  const events = list([{ ...event("Second", "b"), lastTimestamp: "2026-11-23T10:00:02Z", count: 3 }, { ...event("First", "a"), eventTime: "2026-11-23T10:00:01Z" }, { ...event("Other", "c", "x"), lastTimestamp: "2026-11-23T10:00:00Z" }])
  const parsed = parseSnapshot({ deployments: list([web()]), statefulSets: list([]), replicaSets: list([]), pods: list([]), events })
  expect(parsed.workloads[0]?.kind).toBe("Deployment")
  expect(eventLines(parsed.events, ["new-1"], 5)).toEqual(["First: a", "Second: b (3 times)"])
  expect(eventLines(parsed.events, ["new-1"], 1)).toEqual(["Second: b (3 times)"])
})

function condition(type: string, status: string, reason: string, message: string): StatusCondition {
  return { type, status, reason, message, lastUpdateTime: "2026-11-23T10:00:00Z" }
}
