import { describe, expect, it } from "vitest"
import { insistOnHelm } from "../../controller/src/insist-helm.js"

/** A Helm that says these, one after the other; empty: it has done it. */
function helm(said: readonly string[]) {
  const calls = { helm: 0, mend: 0, ms: 0 }
  const ended = insistOnHelm({
    call: async () => {
      const stderr = said[Math.min(calls.helm++, said.length - 1)] ?? ""
      return { argv: ["helm"], exitCode: stderr === "" ? 0 : 1, stdout: "", stderr }
    },
    mend: async () => void (calls.mend += 1),
    pause: async (milliseconds) => void (calls.ms += milliseconds),
    now: () => calls.ms,
  })
  return { calls, ended }
}

describe("Helm while the API server is away", () => {
  it.each([
    'Error: UPGRADE FAILED: Get "https://10.0.0.1:6443/api": dial tcp 10.0.0.1:6443: connect: connection refused',
    "Error: UPGRADE FAILED: etcdserver: leader changed",
    "Error: UPGRADE FAILED: the server is currently unable to handle the request (get secrets)",
  ])("is called again, and what it has left is mended first: %s", async (away) => {
    const { calls, ended } = helm([away, away, ""])
    expect((await ended).exitCode).toBe(0)
    expect([calls.helm, calls.mend]).toEqual([3, 2])
  })

  it("is given up after three quarters of a minute", async () => {
    const { calls, ended } = helm(["connect: connection refused"])
    expect((await ended).stderr).toContain("refused")
    expect([calls.helm > 20, calls.helm < 26]).toEqual([true, true])
  })

  it.each(["Error: UPGRADE FAILED: admission webhook denied the request", "Error: UPGRADE FAILED: pre-upgrade hooks failed: job failed: BackoffLimitExceeded"])("is not called again for what was refused: %s", async (refused) => {
    const { calls, ended } = helm([refused, ""])
    expect((await ended).exitCode).toBe(1)
    expect(calls.helm).toBe(1)
  })
})
