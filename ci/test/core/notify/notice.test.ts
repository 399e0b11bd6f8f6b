import { describe, expect, it } from "vitest"
import { endNotice, noticeText, pagerDutyPayload, slackPayload, webhookPayload, type Notice } from "../../../src/core/notify/notice.js"
import type { StageResult } from "../../../src/core/run.js"
import { problemsOf, SHOP, shop } from "../support.js"

const FACTS = { project: "shop", environment: "staging", commit: "0123456789abcdef", runId: "42" }
const row = (stage: string, verdict: StageResult["verdict"], more: Partial<StageResult> = {}): StageResult => ({ stage, service: null, environment: "staging", verdict, skipKind: verdict === "skipped" ? "requested" : null, reason: "password=hunter2", cached: false, durationSeconds: 1, findings: [], evidence: [], ...more })
const notice = (event: Notice["event"], more: Partial<Notice> = {}): Notice => ({ ...FACTS, event, stage: null, cause: null, ...more })

describe("what is told at the end of an environment", () => {
  it("is the stage that decided and the kind of cause, never what a tool said", () => {
    const finding = { severity: "high", rule: "web: crash loop", message: "last log lines: token=hunter2", file: null, line: null } as const
    const told = endNotice([row("push", "passed", { environment: null }), row("deploy", "failed", { findings: [finding] }), row("deploy", "error", { environment: "production" })], FACTS)
    expect(told).toEqual(notice("failed", { stage: "deploy (staging)", cause: "crash loop" }))
    expect(noticeText(told ?? notice("error"))).toBe("shop, staging: FAILED in deploy (staging), crash loop. Commit 0123456789ab, run 42.")
    for (const payload of [slackPayload, webhookPayload]) expect(JSON.stringify(payload(told ?? notice("error")))).not.toMatch(/hunter2|log lines/)
  })

  it("is success with every row passed, also where some were left out, and nothing where nothing ran", () => {
    expect(endNotice([row("deploy", "passed"), row("perf", "skipped")], FACTS)?.event).toBe("passed")
    expect(endNotice([row("deploy", "skipped"), row("notify", "passed")], FACTS)).toBeNull()
    expect(endNotice([row("test", "failed", { environment: null, service: "web" }), row("deploy", "skipped")], FACTS)).toMatchObject({ event: "failed", stage: "test (web)" })
  })
})

describe("the channels", () => {
  it("PagerDuty opens one incident for an environment, closes it on success, and knows what is critical", () => {
    expect(pagerDutyPayload(notice("failed"), "key")).toMatchObject({ routing_key: "key", event_action: "trigger", dedup_key: "shop/staging", payload: { severity: "error", source: "shop/staging" } })
    expect(pagerDutyPayload(notice("passed"), "key")).toMatchObject({ event_action: "resolve", dedup_key: "shop/staging" })
    expect(pagerDutyPayload(notice("critical"), "key")).toMatchObject({ event_action: "trigger", payload: { severity: "critical" } })
    expect(pagerDutyPayload(notice("awaiting-approval"), "key")).toMatchObject({ event_action: "trigger", dedup_key: "shop/staging/awaiting-approval", payload: { severity: "info" } })
  })

  it("PagerDuty gets a summary that it takes, and the whole in the details", () => {
    const judgement = "errors: ".padEnd(3000, "x")
    const { payload } = pagerDutyPayload(notice("rolled-back", { judgement }), "key") as { payload: { summary: string; custom_details: { judgement: string } } }
    expect([payload.summary.length, payload.custom_details.judgement]).toEqual([1024, judgement])
  })

  it("Slack gets text that is no markup", () => {
    expect(slackPayload(notice("rolled-back", { runId: "<!channel>&" }))).toEqual({ text: ":x: shop, staging: was rolled back to the last healthy revision. Commit 0123456789ab, run &lt;!channel&gt;&amp;." })
  })

  it("a webhook gets all facts as JSON", () => {
    expect(webhookPayload(notice("started"))).toMatchObject({ schemaVersion: 1, event: "started", environment: "staging", text: expect.stringContaining("deployment started") as string })
  })

  it("are named in delivery.yaml by their credentials, at least one", async () => {
    expect((await shop((text) => `${text}notify: {slack: SLACK_URL, on: [started]}\n`)).notify).toEqual({ slack: "SLACK_URL", pagerduty: null, webhook: null, pagerdutyUrl: "https://events.pagerduty.com/v2/enqueue", on: ["started"] })
    expect(await problemsOf(`${SHOP}notify: {on: [failed]}\n`)).toEqual(["delivery.yaml:22: notify: expected one of slack, pagerduty, webhook, got none of them. Name the credential of a channel, or remove `notify`."])
    expect((await problemsOf(`${SHOP}notify: {slack: "https://hooks.slack.com/x"}\n`))[0]).not.toContain("hooks.slack.com")
  })
})
