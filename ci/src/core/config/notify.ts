import { NOTIFY_EVENTS, type NotifyEvent } from "../notify/notice.js"
import { choiceSchema, credentialSchema, listSchema, objectSchema, withDefault } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

/** The channels, by the names of the credentials that lead there; null where there is none. */
export interface NotifyConfig {
  readonly slack: string | null
  readonly pagerduty: string | null
  readonly pagerdutyUrl: string
  readonly webhook: string | null
  readonly on: readonly NotifyEvent[]
}

export const NOTIFY_CHANNELS = ["slack", "pagerduty", "webhook"] as const
export type NotifyChannel = (typeof NOTIFY_CHANNELS)[number]

export type RawNotify = Pick<NotifyConfig, "pagerdutyUrl" | "on"> & Partial<Readonly<Record<NotifyChannel, string>>>

const DEFAULT_EVENTS: readonly NotifyEvent[] = ["error", "failed", "rolled-back", "awaiting-approval"]

export const NOTIFY_SECTION: ConfigSection = {
  key: "notify",
  required: false,
  schema: objectSchema("Who is told about a deployment. Default: nobody.", [], {
    slack: credentialSchema("Name of the credential that holds the URL of a Slack webhook."),
    pagerduty: credentialSchema("Name of the credential that holds a routing key of PagerDuty's events v2; a failed way back is critical there."),
    pagerdutyUrl: withDefault(
      { type: "string", title: "a URL such as https://events.eu.pagerduty.com/v2/enqueue", description: "Where events for PagerDuty go.", pattern: "^https?://\\S+$" },
      "https://events.pagerduty.com/v2/enqueue",
    ),
    webhook: credentialSchema("Name of the credential that holds the URL of a webhook, which gets JSON."),
    on: withDefault(listSchema("What is told: verdicts, `started` and `rolled-back`.", choiceSchema("An event.", NOTIFY_EVENTS)), DEFAULT_EVENTS),
  }),
  check: ({ root }) => {
    const notify = root["notify"] as RawNotify | undefined
    if (notify === undefined || NOTIFY_CHANNELS.some((channel) => channel in notify)) return []
    return [{ path: ["notify"], expected: `one of ${NOTIFY_CHANNELS.join(", ")}`, got: "none of them", fix: "Name the credential of a channel, or remove `notify`." }]
  },
}

export function completeNotify(raw: RawNotify): NotifyConfig {
  return { ...raw, slack: raw.slack ?? null, pagerduty: raw.pagerduty ?? null, webhook: raw.webhook ?? null }
}
