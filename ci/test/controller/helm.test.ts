import { describe, expect, it } from "vitest"
import { Helm } from "../../controller/src/helm.js"
import type { HelmRelease } from "../../src/core/deploy/helm.js"
import type { KubeConnection } from "../../src/edges/kube-request.js"

describe("a call of Helm", () => {
  it("is killed when what it was made for has ended, and no success", async () => {
    const helm = new Helm({} as KubeConnection, {} as HelmRelease, "/")
    const broken = new AbortController()
    const call = helm.call(["sleep", "600"], broken.signal)
    setTimeout(() => broken.abort(), 50)
    expect((await call).exitCode).toBe(124)
    // So is one that comes too late, and one that does not listen to polite requests.
    expect((await helm.call(["sh", "-c", "trap '' TERM; exec sleep 600"], broken.signal)).exitCode).toBe(124)
  })
})
