import { describe, expect, it } from "vitest"
import { sickPods } from "../../../src/core/deploy/diagnosis.js"

const NO_EVENTS = JSON.stringify({ items: [] })
const pod = (status: object): string => JSON.stringify({ items: [{ metadata: { name: "shop-web-1", labels: { "app.kubernetes.io/component": "web" } }, status }] })
const container = (state: object, lastState: object = {}): object => ({ containerStatuses: [{ name: "web", ready: false, restartCount: 2, state, lastState }] })

describe("a pod that does not serve", () => {
  it.each([
    ["crashes", container({ waiting: { reason: "CrashLoopBackOff" } }, { terminated: { exitCode: 3, reason: "Error" } }), "the container ended with 3 (Error), 2 restarts"],
    [
      "cannot be started",
      container({ terminated: { exitCode: 128, reason: "StartError", message: 'exec: "/no-such-program":\n  no such file or directory' } }),
      'the container ended with 128 (StartError: exec: "/no-such-program": no such file or directory), 2 restarts',
    ],
    ["cannot be pulled", container({ waiting: { reason: "ErrImagePull", message: "not found" } }), "ErrImagePull: not found"],
    ["is never ready", container({ running: {} }), "runs but is not ready, 2 restarts"],
    ["finds no node", { phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", message: "0/1 nodes: insufficient memory" }] }, "0/1 nodes: insufficient memory"],
    ["tells nothing", { phase: "Unknown" }, "phase Unknown"],
  ])("%s", (_, status, cause) => {
    expect(sickPods(pod(status), NO_EVENTS)).toEqual([{ pod: "shop-web-1", service: "web", cause }])
  })

  it("is told with the cluster's last warning about it", () => {
    const warning = { type: "Warning", reason: "Unhealthy", message: "Readiness probe failed", involvedObject: { kind: "Pod", name: "shop-web-1" } }
    const [sick] = sickPods(pod(container({ running: {} })), JSON.stringify({ items: [warning] }))
    expect(sick?.cause).toBe("runs but is not ready, 2 restarts (Unhealthy: Readiness probe failed)")
  })

  it("is no pod that is ready or done", () => {
    expect(sickPods(pod({ conditions: [{ type: "Ready", status: "True" }] }), NO_EVENTS)).toEqual([])
    expect(sickPods(pod({ phase: "Succeeded" }), NO_EVENTS)).toEqual([])
  })
})
