import type { StageResult } from "../run.js"
import { stageLabel } from "../schedule.js"
import { worstVerdict, type Verdict } from "../verdict.js"

/** What somebody may want to be told; `critical` needs nobody's wish. */
export const NOTIFY_EVENTS = ["started", "passed", "failed", "error", "inconclusive", "awaiting-approval", "rolled-back"] as const
export type NotifyEvent = (typeof NOTIFY_EVENTS)[number]

/** One message. It holds nothing that a tool has said: no log, no reason, no secret. */
export interface Notice {
  readonly project: string
  readonly environment: string
  readonly event: NotifyEvent | "critical"
  /** The stage that decided, such as `deploy (staging)`. */
  readonly stage: string | null
  readonly cause: string | null
  readonly commit: string
  readonly runId: string
  /** Why a rollout was taken back and how far it had come, in our own words or a person's; never what a tool has said. */
  readonly judgement?: string
  /** The rollout as an SVG; for receivers that can show one. */
  readonly picture?: string
}

/** The only words about a cause that leave: those of core/deploy/pod-fault.ts, and of the look at the errors. */
const CAUSES = ["image", "crash loop", "container", "configuration", "unschedulable", "quota", "refused", "probe", "progress deadline", "error rate"]

type NoticeFacts = Pick<Notice, "project" | "environment" | "commit" | "runId">

/** What the end of an environment's stages is worth telling; null when nothing of it ran. */
export function endNotice(results: readonly StageResult[], facts: NoticeFacts): Notice | null {
  const rows = results.filter(({ stage, environment }) => stage !== "notify" && (environment === null || environment === facts.environment))
  const verdict = worstVerdict(rows.map((row) => row.verdict))
  if (verdict === "skipped") return null
  const deciding = rows.find((row) => row.verdict === verdict)
  const stage = deciding === undefined || verdict === "passed" ? null : stageLabel(deciding)
  return { ...facts, event: verdict, stage, cause: stage === null ? null : causeOf(deciding) }
}

function causeOf(row: StageResult | undefined): string | null {
  const words = row?.findings.map(({ rule }) => CAUSES.find((cause) => rule.endsWith(`: ${cause}`))).filter((cause) => cause !== undefined)
  return words?.[0] ?? null
}

const EVENT_WORDS: Readonly<Record<Notice["event"], string>> = {
  started: "deployment started",
  passed: "succeeded",
  failed: "FAILED",
  error: "ended with an ERROR",
  inconclusive: "is inconclusive",
  "awaiting-approval": "awaits an approval",
  "rolled-back": "was rolled back to the last healthy revision",
  critical: "CRITICAL: the way back failed too, and somebody must look now",
}

/** `shop, staging: FAILED in deploy (staging), crash loop. Commit 0123456789ab, run 42.` */
export function noticeText({ project, environment, event, stage, cause, commit, runId, judgement }: Notice): string {
  const where = `${stage === null ? "" : ` in ${stage}`}${cause === null ? "" : `, ${cause}`}${judgement === undefined ? "" : `: ${judgement}`}`
  return `${project}, ${environment}: ${EVENT_WORDS[event]}${where}. Commit ${commit.slice(0, 12)}, run ${runId}.`
}

const BAD: readonly (Verdict | Notice["event"])[] = ["failed", "error", "rolled-back", "critical"]

export function slackPayload(notice: Notice): object {
  const mark = notice.event === "critical" ? ":rotating_light:" : BAD.includes(notice.event) ? ":x:" : notice.event === "passed" ? ":white_check_mark:" : ":information_source:"
  // Slack reads these three as markup.
  const text = noticeText(notice).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
  return { text: `${mark} ${text}` }
}

/** An incident for each environment: what is bad opens it, and success closes it. */
export function pagerDutyPayload(notice: Notice, routingKey: string): object {
  const { project, environment, event } = notice
  const action = BAD.includes(event) ? "trigger" : event === "passed" ? "resolve" : null
  const severity = event === "critical" ? "critical" : action === "trigger" ? "error" : "info"
  const payload = { summary: cut(noticeText(notice), SUMMARY_LENGTH), source: `${project}/${environment}`, severity, component: environment, group: project, custom_details: withoutPicture(notice) }
  return { routing_key: routingKey, event_action: action ?? "trigger", dedup_key: `${project}/${environment}${action === null ? `/${event}` : ""}`, payload }
}

/** PagerDuty refuses a longer summary; the whole text is in the details. */
const SUMMARY_LENGTH = 1024
const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`)

/** An incident takes 512 KiB at most. */
function withoutPicture({ picture: _, ...notice }: Notice): Omit<Notice, "picture"> {
  return notice
}

export function webhookPayload(notice: Notice): object {
  return { schemaVersion: 1, ...notice, text: noticeText(notice) }
}
