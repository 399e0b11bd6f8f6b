import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { cacheDirectory } from "../../airgap/lib/paths.mjs"
import { runCommand, startCommand, type Ended, type RunningCommand } from "./command.js"
import { ROOT } from "./daggerw.js"

const argv = (action: string): readonly string[] => [process.execPath, join(ROOT, "airgap/kit.mjs"), "engine", action]

/** A command of the kit; what it printed. */
export const kit = (...argv: readonly string[]): string => execFileSync(process.execPath, ["airgap/kit.mjs", ...argv], { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })

export const kitEngine = (action: "start" | "stop" | "status"): Promise<Ended> => runCommand(argv(action), { cwd: ROOT })
export const startKitEngine = (): RunningCommand => startCommand(argv("start"), { cwd: ROOT })

/** The keeper that says it serves, if any. */
export function keeperPid(): number | undefined {
  const ready = join(cacheDirectory, "run/ready")
  return existsSync(ready) ? Number(readFileSync(ready, "utf8").split("\n")[1]) : undefined
}

/** What this kit has put on the host: `engines` are its keepers. */
export interface HostTraces {
  readonly links: readonly string[]
  readonly rules: readonly string[]
  readonly engines: readonly number[]
  readonly mounts: readonly string[]
}

export function hostTraces(): HostTraces {
  return {
    links: readdirSync("/sys/class/net").filter((name) => name === "delivery1"),
    rules: execFileSync("iptables-save", { encoding: "utf8" }).split("\n").filter((line) => line.includes("delivery-kit")),
    engines: execFileSync("ps", ["-A", "-o", "pid=,args="], { encoding: "utf8" })
      .split("\n")
      .filter((line) => line.includes(`${cacheDirectory}/kit/`) && line.includes("/keeper.mjs") && !line.includes("flock"))
      .map((line) => Number.parseInt(line, 10)),
    mounts: readFileSync("/proc/mounts", "utf8").split("\n").filter((line) => line.includes(` ${cacheDirectory}/`)),
  }
}
