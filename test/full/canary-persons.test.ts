// Canaries on the lasting cluster: two runs at once, and persons at other terminals.
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { closingLine } from "../support/daggerw.js"
import { ProductOnCluster } from "../support/product-on-cluster.js"

const test = new ProductOnCluster({ namespace: "canary-persons", prefix: "ca3" })

beforeAll(() => test.upWithFirst())
afterAll(() => test.down())

describe("two at once, and persons", () => {
  it("the second run waits for the first, and then finds its own release to roll out", async () => {
    const first = test.start(await test.nextCommit())
    await first.says("25 %: observed")
    const second = test.start(await test.nextCommit())
    await second.says("waiting for run")
    expect((await first.ended).status).toBe(0)
    const ended = await second.ended
    expect(ended.status, ended.output).toBe(0)
  })

  it("a person at another terminal sees it, holds it, lets it go on and takes it back", async () => {
    const running = test.start(await test.nextCommit())
    await running.says("25 %: observed")
    const paused = await test.onStaging(test.first, "canary-pause", "--by=ada", "--reason=lunch")
    expect(paused.status, paused.output).toBe(0)
    const status = await test.onStaging(test.first, "canary-status")
    expect(status.output).toMatch(/25 %: .*paused by ada/)
    expect((await test.onStaging(test.first, "canary-resume", "--by=ada")).status).toBe(0)
    const aborted = await test.onStaging(test.first, "canary-abort", "--by=ada", "--reason=orders look wrong")
    expect(aborted.status, aborted.output).toBe(0)
    const ended = await running.ended
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toContain("aborted by ada: orders look wrong")
    expect([test.weight(), test.tracks()]).toEqual([0, ["stable"]])
  })

  it("is not promoted past its judge without a reason", async () => {
    const ended = await test.onStaging(test.first, "canary-promote", "--reason= ")
    expect(ended.status, ended.output).toBe(2)
  })
})

