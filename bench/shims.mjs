// What a CI system's machine waits for: the engine and its first stage, with and without kept caches; the same stages as native jobs;
// and how long a whole run's log is. The engine is the one of docs/warm-runners, so that its CPU time is its own.
import { execFileSync, spawn } from "node:child_process"
import { appendFileSync, copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { tsImport } from "tsx/esm/api"
import { daggerw, root } from "./measure.mjs"
import { productCopyUnstarted } from "./product-copy.mjs"

const SERVICES = ["frontend", "backend", "ai-ml"]
const ONLY = ["pipeline", "--only", "lint,build,test", "--services", SERVICES.join(",")]
const column = (text) => text.padEnd(52)
const number = (value, unit) => `${value.toFixed(1).padStart(8)} ${unit}`

/** CPU seconds of all children that have ended, and of theirs; Linux counts in hundredths. */
const childrenCpu = () => readFileSync("/proc/self/stat", "utf8").replace(/^.*\) /, "").split(" ").slice(13, 15).reduce((sum, ticks) => sum + Number(ticks) / 100, 0)

/** Runs a command to its end: how long, with how much CPU here, when its first stage started, and what it said. */
async function follow(argv, { cwd = root, env = {} } = {}) {
  const [began, cpu] = [performance.now(), childrenCpu()]
  const seconds = () => (performance.now() - began) / 1000
  const child = spawn(argv[0], argv.slice(1), { cwd, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } })
  let said = ""
  let firstStage = null
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      said += text
      if (firstStage === null && /^\[ *\d+ s\] .*: started$/m.test(said)) firstStage = seconds()
    })
  }
  const status = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve))
  if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}:\n${said.split("\n").slice(-30).join("\n")}`)
  return { seconds: seconds(), cpu: childrenCpu() - cpu, firstStage, said }
}

/** The product as a checkout of a CI system, in which no service is started: the native jobs start none. */
function checkout() {
  const tree = productCopyUnstarted(SERVICES)
  copyFileSync(join(root, "bench/shims/native.gitlab-ci.yml"), join(tree, ".gitlab-ci.yml"))
  const git = (...argv) => execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@example.org", ...argv], { cwd: tree })
  git("init", "-q", "-b", "main")
  git("remote", "add", "origin", "https://gitlab.example.org/acme/shop.git")
  const commit = () => {
    git("add", "-A", ":!.gitlab-ci-local")
    git("commit", "-q", "--allow-empty", "-m", "bench")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
  }
  commit()
  const change = () => {
    appendFileSync(join(tree, "apps/backend/src/app.ts"), `// ${Date.now()}\n`)
    commit()
  }
  return { tree, change }
}

async function native(tree) {
  const { gitlab } = await tsImport("../test/support/ci-systems.ts", import.meta.url)
  const [began, cpu] = [performance.now(), childrenCpu()]
  const { status, output } = await gitlab(tree, [], { NO_COLOR: "1" })
  if (status !== 0) throw new Error(`the native jobs ended with ${status}:\n${output.split("\n").slice(-30).join("\n")}`)
  return { seconds: (performance.now() - began) / 1000, cpu: childrenCpu() - cpu }
}

export async function shims() {
  const { installWarmRunner } = await tsImport("../test/support/warm-runner.ts", import.meta.url)
  const { tree, change } = checkout()
  const installing = performance.now()
  const runner = await installWarmRunner()
  const installed = (performance.now() - installing) / 1000
  try {
    const call = async () => {
      const before = runner.cpuSeconds()
      const ended = await follow([daggerw, "call", `--source=${tree}`, `--run-id=bench-shims-${process.pid}`, ...ONLY], { env: runner.env })
      return { ...ended, cpu: ended.cpu + runner.cpuSeconds() - before }
    }
    const show = (what, ready, { firstStage, seconds }) => console.log(`${column(what)} ${number(ready, "s until it serves")} ${number(firstStage, "s to the first stage")} ${number(seconds, "s whole")}`)
    const empty = await call()
    const restarting = performance.now()
    await runner.restart()
    const ready = (performance.now() - restarting) / 1000
    const kept = await call()
    show("an engine with empty caches (image and chart too)", installed, empty)
    show("an engine restarted on its kept caches", ready, kept)
    change()
    const changed = await call()
    const first = await native(tree)
    change()
    const again = await native(tree)
    const compare = (what, jobs, one) =>
      console.log(`${column(what)} ${number(jobs.seconds, "s")} ${number(jobs.cpu, "CPU s as native jobs")} ${number(one.seconds, "s")} ${number(one.cpu, "CPU s as one call")}   ratio ${(one.seconds / jobs.seconds).toFixed(2)}, CPU ${(one.cpu / jobs.cpu).toFixed(2)}`)
    compare("lint, build, test of three services, nothing cached", first, empty)
    compare("the same after a one-line change in backend", again, changed)
  } finally {
    runner.remove()
    rmSync(tree, { recursive: true, force: true })
  }
  const { said, seconds } = await follow([daggerw, "call", "pipeline", "--skip", "sonar"])
  console.log(`${column("log of a whole run, without SonarQube")} ${number(said.length / 1000, "kB")} ${said.split("\u001b").length - 1} escape sequences, ${seconds.toFixed(0)} s`)
}
