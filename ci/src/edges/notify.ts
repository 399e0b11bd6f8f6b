import { NOTIFY_CHANNELS, type NotifyChannel } from "../core/config/notify.js"
import { pagerDutyPayload, slackPayload, webhookPayload, type Notice } from "../core/notify/notice.js"
import type { Run } from "./run.js"

const TOLD_WITHIN_MS = 5000

/** How telling one channel went; a failure says what, and never where to, for the address is a secret. */
export interface Told {
  readonly channel: NotifyChannel
  readonly failure: string | null
}

/** Tells every channel that is configured and wants to know; nothing that goes wrong here is thrown. */
export async function tell(run: Run, notice: Notice): Promise<readonly Told[]> {
  const { notify } = run.checkout.config
  if (notify === null || (notice.event !== "critical" && !notify.on.includes(notice.event))) return []
  const channels = NOTIFY_CHANNELS.filter((channel) => notify[channel] !== null)
  return Promise.all(
    channels.map(async (channel): Promise<Told> => {
      const credential = run.credentials.get(notify[channel] ?? "")
      if (credential === undefined) return { channel, failure: `the call brought no credential ${notify[channel]}` }
      const value = (await credential.plaintext()).trim()
      const [url, payload] = channel === "pagerduty" ? [notify.pagerdutyUrl, pagerDutyPayload(notice, value)] : [value, channel === "slack" ? slackPayload(notice) : webhookPayload(notice)]
      return { channel, failure: await post(url, payload) }
    }),
  )
}

async function post(url: string, payload: object): Promise<string | null> {
  try {
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(payload), redirect: "error", signal: AbortSignal.timeout(TOLD_WITHIN_MS) })
    return answer.ok ? null : `it answered ${answer.status}`
  } catch (error) {
    // Its message may hold the URL.
    return error instanceof Error && error.name === "TimeoutError" ? `no answer within ${TOLD_WITHIN_MS / 1000} s` : "it cannot be reached"
  }
}

export const toldText = (told: readonly Told[]): string => told.map(({ channel, failure }) => (failure === null ? `${channel} told` : `${channel} NOT told: ${failure}`)).join("; ")
