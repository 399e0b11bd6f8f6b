import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"

type Message = Readonly<Record<string, unknown>>
type Channel = "slack" | "pagerduty" | "webhook"

/** Slack, PagerDuty and a webhook behind one address: what they would refuse is refused. */
export interface Receiver {
  readonly url: string
  readonly taken: (channel: Channel) => readonly Message[]
  readonly refused: () => readonly string[]
  /** From now on every message is answered so. */
  readonly answer: (status: number) => void
  readonly forget: () => void
  readonly close: () => void
}

/** Why a channel would not take it, by its own documentation; null when it would. */
const REFUSALS: Readonly<Record<Channel, (message: Message) => string | null>> = {
  slack: ({ text, ...rest }) => (typeof text !== "string" || text === "" ? "no_text" : Object.keys(rest).length > 0 ? "invalid_payload" : null),
  pagerduty: pagerDutyRefusal,
  webhook: () => null,
}

function pagerDutyRefusal({ routing_key, event_action, dedup_key, payload }: Message): string | null {
  if (typeof routing_key !== "string" || routing_key.length !== 32) return "routing_key must be 32 characters"
  if (!["trigger", "acknowledge", "resolve"].includes(String(event_action))) return "event_action"
  if (typeof dedup_key !== "string" || dedup_key.length > 255) return "dedup_key"
  const { summary, source, severity } = (payload ?? {}) as Message
  if (typeof summary !== "string" || summary.length > 1024) return "payload.summary"
  if (typeof source !== "string" || source === "") return "payload.source"
  return ["critical", "error", "warning", "info"].includes(String(severity)) ? null : "payload.severity"
}

const channelOf = (path: string): Channel | null => (path.startsWith("/services/") ? "slack" : path === "/v2/enqueue" ? "pagerduty" : path.startsWith("/hook") ? "webhook" : null)

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ""
  for await (const part of request.setEncoding("utf8")) body += String(part)
  return body
}

export async function openReceiver(host: string): Promise<Receiver> {
  const taken: { channel: Channel; message: Message }[] = []
  const refused: string[] = []
  let always: number | null = null
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const channel = channelOf(request.url ?? "")
      const isJson = request.method === "POST" && request.headers["content-type"]?.startsWith("application/json") === true
      const why = channel === null || !isJson ? `${request.method} ${request.url}` : REFUSALS[channel](JSON.parse(body) as Message)
      if (why !== null) refused.push(why)
      else if (channel !== null && always === null) taken.push({ channel, message: JSON.parse(body) as Message })
      response.writeHead(always ?? (why === null ? 202 : 400)).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    taken: (channel) => taken.filter((one) => one.channel === channel).map(({ message }) => message),
    refused: () => [...refused],
    answer: (status) => {
      always = status
    },
    forget: () => {
      taken.length = 0
      refused.length = 0
    },
    close: () => server.close(),
  }
}
