import { execFileSync } from "node:child_process"
import { setTimeout as wait } from "node:timers/promises"

/** Processes of this machine, those in containers too, whose command line holds the text. */
export function processesWith(text: string): readonly string[] {
  return execFileSync("ps", ["-A", "-ww", "-o", "pid=,args="], { encoding: "utf8", maxBuffer: 1 << 26 })
    .split("\n")
    .filter((line) => line.includes(text))
}

/** The same once the wanted state is there, or after `limitSeconds` as it is then. */
export async function awaitProcesses(text: string, isThere: boolean, limitSeconds: number): Promise<readonly string[]> {
  const giveUp = Date.now() + limitSeconds * 1000
  for (;;) {
    const found = processesWith(text)
    if (found.length > 0 === isThere || Date.now() > giveUp) return found
    await wait(200)
  }
}
