import { describe, expect, it } from "vitest"
import { poll, SonarTrouble } from "../../../src/core/sonar/poll.js"

function clock() {
  let time = 0
  return { now: () => time, pause: (milliseconds: number) => ((time += milliseconds), Promise.resolve()) }
}
const limits = { what: "working the analysis in", seconds: 30, setting: "sonar.analysisSeconds", silences: 3 }
const answers = (list: readonly (string | null | Error)[]) => {
  let at = 0
  return () => {
    const answer = list[Math.min(at, list.length - 1)] ?? null
    at += 1
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
  }
}

describe("polling", () => {
  it("goes on until there is an answer", async () => expect(await poll(answers([null, null, "done"]), limits, clock())).toBe("done"))
  it("bears with a server that is silent for a moment", async () => expect(await poll(answers([new Error("ECONNRESET"), null, new Error("x"), "done"]), limits, clock())).toBe("done"))
  it("ends when the server is gone, with what it last said", async () => {
    await expect(poll(answers([null, new Error("ECONNREFUSED")]), limits, clock())).rejects.toThrow("SonarQube stopped answering while working the analysis in: ECONNREFUSED")
  })
  it("waits out a server that has yet to start", async () => {
    const list = [...Array.from({ length: 20 }, () => new Error("ECONNREFUSED")), "up"]
    expect(await poll(answers(list), { ...limits, silences: null }, clock())).toBe("up")
  })
  it("ends at its limit, naming it and the setting", async () => {
    await expect(poll(answers([null]), limits, clock())).rejects.toThrow("working the analysis in did not end within 30 s (sonar.analysisSeconds)")
  })
  it("ends at once on what no waiting mends", async () => {
    const time = clock()
    await expect(poll(answers([new SonarTrouble("refused")]), limits, time)).rejects.toThrow("refused")
    expect(time.now()).toBe(0)
  })
})
