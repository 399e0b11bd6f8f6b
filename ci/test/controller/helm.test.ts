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
    expect((await call).exitCode).not.toBe(0)
    // One that comes too late is not begun.
    expect((await helm.call(["sleep", "600"], broken.signal)).exitCode).not.toBe(0)
  })
})
