import type { GateResult } from "../run.js"
import { errorGate, failedGate } from "./gate.js"

// What the engine says when it, the network or a registry is at fault rather than the Dockerfile.
const SURROUNDINGS = /failed to resolve image|failed to resolve source metadata|connection refused|i\/o timeout|no such host|TLS handshake|unexpected status|429 Too Many|503 Service|context canceled|no space left/i

/** The gate of an image that did not build: a fault of the Dockerfile, unless its surroundings were at fault. */
export function judgePackageFailure(message: string): GateResult {
  const lines = message.split("\n").map((line) => line.trim()).filter((line) => line !== "")
  const reason = `image did not build: ${lines.slice(-6).join(" · ").slice(0, 600)}`
  return SURROUNDINGS.test(message) ? errorGate(reason) : failedGate(reason)
}
