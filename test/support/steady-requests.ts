import { Agent, get } from "node:http"

/** Requests that flow while something else happens. */
export interface SteadyRequests {
  /** Stops them and tells how many there were and what went wrong. */
  readonly stop: () => Promise<{ readonly sent: number; readonly failed: readonly string[] }>
}

/** So many requests a second, each with an end of its own; an answer other than 200, or without the text, has failed. */
export function steadyRequests(url: string, perSecond: number, text: string): SteadyRequests {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  const failed: string[] = []
  const open = new Set<Promise<void>>()
  let sent = 0
  const send = (): void => {
    sent += 1
    const at = new Date().toISOString()
    const one = new Promise<void>((resolve) => {
      const fail = (why: string): void => {
        failed.push(`${at} ${why}`)
        resolve()
      }
      const asked = get(url, { agent, timeout: 10_000 }, (answer) => {
        let body = ""
        answer.setEncoding("utf8").on("data", (chunk: string) => (body += chunk))
        answer.on("end", () => (answer.statusCode === 200 && body.includes(text) ? resolve() : fail(`${answer.statusCode} ${body.slice(0, 60)}`)))
      })
      asked.on("timeout", () => asked.destroy(new Error("no answer within 10 s")))
      asked.on("error", (error) => fail(error.message))
    }).finally(() => open.delete(one))
    open.add(one)
  }
  const timer = setInterval(send, 1000 / perSecond)
  return {
    stop: async () => {
      clearInterval(timer)
      await Promise.all(open)
      agent.destroy()
      return { sent, failed }
    },
  }
}
