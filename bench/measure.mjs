// What the areas of the bench share: timing commands, medians, and the lines that are printed.
import { spawn, spawnSync } from "node:child_process"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = join(dirname(fileURLToPath(import.meta.url)), "..")
export const daggerw = join(root, "daggerw")

export function time(argv, env = {}) {
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync(argv[0], argv.slice(1), { cwd: root, encoding: "utf8", maxBuffer: 1 << 28, env: { ...process.env, DAGGER_PROGRESS: "logs", ...env } })
  if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}:\n${(stdout + stderr).split("\n").slice(-20).join("\n")}`)
  return { seconds: (performance.now() - started) / 1000, stdout }
}

/** The same without blocking this process: for a call that goes through something in it. */
export async function timeBeside(argv, env = {}) {
  const started = performance.now()
  const child = spawn(argv[0], argv.slice(1), { cwd: root, stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, DAGGER_PROGRESS: "logs", ...env } })
  let said = ""
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said += text
  })
  const status = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve))
  if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}:\n${said.split("\n").slice(-20).join("\n")}`)
  return { seconds: (performance.now() - started) / 1000 }
}

export function median(runs, measure) {
  const seconds = Array.from({ length: runs }, () => measure().seconds).sort((a, b) => a - b)
  return { median: seconds[Math.floor(runs / 2)], min: seconds[0], max: seconds[runs - 1], runs }
}

export const show = (name, { median: middle, min, max, runs }) => console.log(`${name.padEnd(52)} ${middle.toFixed(2).padStart(8)} s   (${min.toFixed(2)} to ${max.toFixed(2)}, n=${runs})`)

export function cli() {
  return /^CLI: (\S+)/m.exec(time([daggerw, "--which"]).stdout)[1]
}
