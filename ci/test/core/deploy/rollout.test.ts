import { describe, expect, it } from "vitest"
import type { WorkloadStatus } from "../../../src/core/deploy/kube-status.js"
import { unfinishedWorkloads } from "../../../src/core/deploy/rollout.js"

const list = (status: WorkloadStatus["status"], replicas = 2): readonly WorkloadStatus[] => [
  { kind: "Deployment", metadata: { name: "shop-web", generation: 3 }, spec: { replicas }, ...(status === undefined ? {} : { status }) },
]
const DONE = { observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }

describe("a roll-out", () => {
  it("is finished when all pods are of the wanted revision and available, whatever an old condition says", () => {
    const conditions = [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }]
    expect(unfinishedWorkloads(list({ ...DONE, conditions }))).toEqual([])
  })

  it.each([
    ["has not been seen by its controller", { ...DONE, observedGeneration: 2 }, "shop-web: not yet seen by its controller"],
    ["has no status at all", undefined, "shop-web: not yet seen by its controller"],
    ["still has a pod of the other revision", { ...DONE, replicas: 3 }, "shop-web: 2 of 2 pods are of this revision, 2 available, 3 in all"],
    ["has a pod that does not serve", { ...DONE, availableReplicas: 1 }, "shop-web: 2 of 2 pods are of this revision, 1 available, 2 in all"],
    ["has a pod too few", { ...DONE, replicas: 1, updatedReplicas: 1, availableReplicas: 1 }, "shop-web: 1 of 2 pods are of this revision, 1 available, 1 in all"],
  ])("is not when it %s", (_, status, line) => {
    expect(unfinishedWorkloads(list(status))).toEqual([line])
  })

  it("of nothing is finished", () => {
    expect(unfinishedWorkloads(list({ observedGeneration: 3 }, 0))).toEqual([])
    expect(unfinishedWorkloads([])).toEqual([])
  })
})
