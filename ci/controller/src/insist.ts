import { KubeRefusal } from "../../src/edges/deploy/kube-client.js"

/** Shorter than the dead man's switch waits: whoever cannot reach the cluster for longer has lost the traffic anyway. */
const GIVE_UP_MS = 45_000
const PAUSE_MS = 1000

/** Does it again while the API server cannot be reached or is not well; what it refuses is refused. */
export async function insist<Value>(work: () => Promise<Value>): Promise<Value> {
  const started = Date.now()
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isPassing(error) || Date.now() - started > GIVE_UP_MS) throw error
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof KubeRefusal) return error.status === 429 || error.status >= 500
  // What a socket says when there is nobody, or when nobody answers in time.
  return error instanceof Error && ("code" in error || /^no answer within/.test(error.message))
}
