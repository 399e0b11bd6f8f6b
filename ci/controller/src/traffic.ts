import { spawn, type ChildProcess } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import type { RolloutTraffic } from "./ports.js"

const STOP_MS = 5000

export interface TrafficSettings {
  /** A k6 script; the folder it lies in is its working directory. Null: nobody but users asks. */
  readonly script: string | null
  readonly requestsPerSecond: number
  readonly gatewayUrl: string
  readonly track: string
  /** Whether users, too, are us: in a cluster of the call nobody else asks. */
  readonly everybody: boolean
  readonly summaryFile: string
}

/** What k6 has sent, from all that it was started for. */
export interface SentTraffic {
  readonly requests: number
  readonly failed: number
}

/** Requests by k6, as a process of its own; the script gets BASE_URL, REQUESTS_PER_SECOND and TRACK. */
export class K6Traffic implements RolloutTraffic {
  #running: { readonly to: "everybody" | "track"; readonly child: ChildProcess; readonly summary: string } | null = null
  #starts = 0
  #sent: SentTraffic = { requests: 0, failed: 0 }

  constructor(
    readonly settings: TrafficSettings,
    readonly say: (line: string) => void,
  ) {}

  get requestsPerSecond(): number {
    const { script, everybody, requestsPerSecond } = this.settings
    return script !== null && everybody ? requestsPerSecond : 0
  }

  get sent(): SentTraffic {
    return this.#sent
  }

  async keepUp(to: "everybody" | "track" | "nobody"): Promise<void> {
    const { script, everybody } = this.settings
    const wanted = script === null || (to === "everybody" && !everybody) ? "nobody" : to
    if (this.#running !== null && hasGone(this.#running.child)) await this.#ended()
    if (wanted === (this.#running?.to ?? "nobody")) return
    await this.#stop()
    if (wanted !== "nobody" && script !== null) this.#start(wanted, script)
  }

  #start(to: "everybody" | "track", script: string): void {
    const { requestsPerSecond, gatewayUrl, track, summaryFile } = this.settings
    this.#starts += 1
    const summary = summaryFile.replace(/(\.json)?$/, `-${this.#starts}.json`)
    const env = { ...process.env, BASE_URL: gatewayUrl, REQUESTS_PER_SECOND: String(requestsPerSecond), TRACK: to === "track" ? track : "", SUMMARY_PATH: summary, K6_AUTO_EXTENSION_RESOLUTION: "false" }
    const child = spawn("k6", ["run", "--quiet", "--no-usage-report", "--address=", script], { env, stdio: ["ignore", "ignore", "pipe"] })
    let said = ""
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-2000)))
    child.on("error", (error) => this.say(`k6 cannot be started: ${error.message}`))
    child.on("exit", (code, signal) => {
      if (code !== 0 && code !== 105 && signal !== "SIGINT") this.say(`k6 ended with ${code ?? signal}: ${said.trim().split("\n").slice(-2).join(" ")}`)
    })
    this.#running = { to, child, summary }
    this.say(`k6 sends ${requestsPerSecond} requests a second ${to === "track" ? `to ${track} alone` : "through the gateway"}: synthetic traffic`)
  }

  async #stop(): Promise<void> {
    const running = this.#running
    if (running === null) return
    const { child } = running
    if (!hasGone(child)) {
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()))
      child.kill("SIGINT")
      const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS)
      await gone
      clearTimeout(late)
    }
    await this.#ended()
  }

  /** Adds up what the summary of an ended k6 says. */
  async #ended(): Promise<void> {
    const summary = this.#running?.summary ?? ""
    this.#running = null
    if (!existsSync(summary)) return
    const { requests, failed } = JSON.parse(readFileSync(summary, "utf8")) as SentTraffic
    this.#sent = { requests: this.#sent.requests + requests, failed: this.#sent.failed + failed }
  }
}

/** Also one that the kernel has killed, which has no exit code. */
const hasGone = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null
