// Canaries on the lasting cluster: two runs at once, and persons at other terminals.
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { HOST, SHORT_CANARY } from "../support/canary-cluster.js"
import { closingLine } from "../support/daggerw.js"
import { openReceiver } from "../support/notify-receiver.js"
import { ProductOnCluster, RELEASE } from "../support/product-on-cluster.js"

const test = new ProductOnCluster({ namespace: "canary-persons", prefix: "ca3" })

beforeAll(() => test.upWithFirst())
afterAll(() => test.down())

describe("who is told", () => {
  it("learns why a rollout was taken back and how far it had come, with its picture where the channel shows one", async () => {
    const receiver = await openReceiver(HOST)
    test.secrets = { SLACK_WEBHOOK: `${receiver.url}/services/T000/B000/hunter2`, PAGERDUTY_KEY: "0".repeat(32), WEBHOOK: `${receiver.url}/hook` }
    const notify = { slack: "SLACK_WEBHOOK", pagerduty: "PAGERDUTY_KEY", pagerdutyUrl: `${receiver.url}/v2/enqueue`, webhook: "WEBHOOK", on: ["rolled-back"] }
    const ended = await test.deploy(await test.nextCommit(), { faults: { backend: { FAULT_LATENCY_MS: "1500" } }, top: { notify } })
    test.secrets = {}
    receiver.close()
    expect([ended.status, receiver.refused()], ended.output).toEqual([1, []])
    const why = /was rolled back to the last healthy revision: latency(?: of backend)?: canary \d+ of \d+ \(.* %\) slow answers.*; 25 %, 0 of \d+ \(0 %\) errors\. Commit /
    expect(receiver.taken("webhook")).toMatchObject([{ event: "rolled-back", text: expect.stringMatching(why), picture: expect.stringMatching(/^<svg .*aborted: failed/s) }])
    expect(receiver.taken("slack")).toMatchObject([{ text: expect.stringMatching(why) }])
    expect(receiver.taken("pagerduty")).toMatchObject([{ event_action: "trigger", payload: { summary: expect.stringMatching(/^docuthinker, staging: was rolled back/) } }])
  })
})

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

  it("a person who takes it back while stable is made new waits for no Helm: the traffic goes first", async () => {
    const before = test.pods()
    const status = (): string => test.kubectl("get", "secrets", "-n", test.namespace, "-l", `owner=helm,name=${RELEASE}`, "--sort-by=.metadata.creationTimestamp", "-o", "jsonpath={.items[-1:].metadata.labels.status}")
    // Longer than a call needs to be heard.
    const expand = ["node", "-e", "setTimeout(() => undefined, 45_000)"]
    const running = test.start(await test.nextCommit(), { values: { services: { backend: { migrations: { expand } } } } })
    await running.says("update-stable")
    await expect.poll(status, { timeout: 20_000 }).toBe("pending-upgrade")
    const aborting = test.onStaging(test.first, "canary-abort", "--by=ada", "--reason=orders look wrong")
    await expect.poll(() => test.weight(), { timeout: 60_000, interval: 300 }).toBe(0)
    expect(status()).toBe("pending-upgrade")
    const [aborted, ended] = [await aborting, await running.ended]
    expect([aborted.status, ended.status], ended.output).toEqual([0, 1])
    expect(closingLine(ended)).toContain("aborted by ada: orders look wrong")
    test.kubectl("delete", "jobs", "--all", "-n", test.namespace)
    expect([test.tracks(), test.pods(), status()]).toEqual([["stable"], before, "deployed"])
  })

  it("is promoted past its judge by a person with a reason, which is recorded, and not without one", async () => {
    const commit = await test.nextCommit()
    const running = test.start(commit, { strategy: { canary: { ...SHORT_CANARY, steps: [{ weightPercent: 25, holdSeconds: 300, maximumSeconds: 600 }] } } })
    await running.says("25 %: observed")
    const without = await test.onStaging(test.first, "canary-promote", "--by=ada", "--reason= ")
    expect(without.status, without.output).toBe(2)
    expect(closingLine(without)).toContain("expected a reason for going past the judge")
    const promoted = await test.onStaging(test.first, "canary-promote", "--by=ada", "--reason=the shop is closed otherwise")
    expect(promoted.status, promoted.output).toBe(0)
    const ended = await running.ended
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toContain("promoted by ada past the judge: the shop is closed otherwise")
    expect(test.pods()).toContain(commit)
  })
})

