import type { ExecOutcome } from "../../src/core/gates/exec.js"

/** As long as whoever asks the API server himself waits for it. */
const GIVE_UP_MS = 45_000
const PAUSE_MS = 2000

/** What Helm says of an API server that is away, or not well; what that refuses is another matter. */
const AWAY = /connection refused|connection reset|i\/o timeout|TLS handshake timeout|client connection lost|no route to host|unexpected EOF|etcdserver: |server is currently unable to handle the request|too many requests|Service ?Unavailable|context deadline exceeded \(Client\.Timeout/i

export interface HelmTry {
  readonly call: () => Promise<ExecOutcome>
  /** Before it is tried again: a call that was cut off may have left its revision pending. */
  readonly mend: () => Promise<unknown>
  /** Then nobody waits for it any more. */
  readonly broken?: AbortSignal
  readonly pause?: (milliseconds: number) => Promise<void>
  readonly now?: () => number
}

/** Calls Helm again while the API server is away; the last outcome of them. */
export async function insistOnHelm({ call, mend, broken, pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)), now = Date.now }: HelmTry): Promise<ExecOutcome> {
  const started = now()
  for (;;) {
    const outcome = await call()
    if (outcome.exitCode === 0 || !AWAY.test(outcome.stderr) || now() - started > GIVE_UP_MS || broken?.aborted === true) return outcome
    await pause(PAUSE_MS)
    await mend()
  }
}
