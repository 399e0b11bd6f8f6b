import { describe, expect, it } from "vitest"
import { againOnConflict, KubeRefusal } from "../../src/edges/deploy/kube-client.js"

/** Work that the API server refuses so often. */
function refusedTimes(times: number, status: number) {
  const work = { done: 0 }
  const once = async (): Promise<string> => {
    work.done += 1
    if (work.done <= times) throw new KubeRefusal(status, `${status}`)
    return "written"
  }
  return { work, once }
}

describe("a write that somebody else was quicker with", () => {
  it.each([0, 1, 4])("is done again from the start, here %i times", async (times) => {
    const { work, once } = refusedTimes(times, 409)
    await expect(againOnConflict(once)).resolves.toBe("written")
    expect(work.done).toBe(times + 1)
  })

  it("is given up after five tries", async () => {
    const { work, once } = refusedTimes(9, 409)
    await expect(againOnConflict(once)).rejects.toMatchObject({ status: 409 })
    expect(work.done).toBe(5)
  })

  it.each([403, 404, 500])("is not done again for another refusal: %i", async (status) => {
    const { work, once } = refusedTimes(1, status)
    await expect(againOnConflict(once)).rejects.toMatchObject({ status })
    expect(work.done).toBe(1)
  })
})
