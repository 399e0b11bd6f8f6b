// Times what a user waits for, in one run on one machine, and prints medians and ratios. Judges nothing.
// usage: npm run bench [-- AREA]      areas: wrapper, module, pipeline
import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, dirname } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const daggerw = join(root, "daggerw")

function time(argv, env = {}) {
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync(argv[0], argv.slice(1), { cwd: root, encoding: "utf8", maxBuffer: 1 << 28, env: { ...process.env, DAGGER_PROGRESS: "logs", ...env } })
  if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}:\n${(stdout + stderr).split("\n").slice(-20).join("\n")}`)
  return { seconds: (performance.now() - started) / 1000, stdout }
}

function median(runs, measure) {
  const seconds = Array.from({ length: runs }, () => measure().seconds).sort((a, b) => a - b)
  return { median: seconds[Math.floor(runs / 2)], min: seconds[0], max: seconds[runs - 1], runs }
}

const show = (name, { median: middle, min, max, runs }) => console.log(`${name.padEnd(52)} ${middle.toFixed(2).padStart(8)} s   (${min.toFixed(2)} to ${max.toFixed(2)}, n=${runs})`)

function cli() {
  return /^CLI: (\S+)/m.exec(time([daggerw, "--which"]).stdout)[1]
}

const areas = {
  wrapper() {
    const direct = median(10, () => time([cli(), "version"]))
    const wrapped = median(10, () => time([daggerw, "version"]))
    show("dagger version", direct)
    show("daggerw version", wrapped)
    console.log(`daggerw adds ${((wrapped.median - direct.median) * 1000).toFixed(0)} ms`)
  },
  module() {
    time([daggerw, "functions"])
    show("daggerw functions, warm", median(5, () => time([daggerw, "functions"])))
    show("an uncached small function (pipeline --dry-run)", median(5, () => time([daggerw, "call", "pipeline", "--dry-run"])))
  },
  pipeline() {
    const call = (source) => time([daggerw, "call", `--source=${source}`, "pipeline"])
    const tree = mkdtempSync(join(tmpdir(), "delivery-bench-"))
    try {
      for (const part of ["apps", "charts", "perf", "delivery.yaml", "pins.yaml"]) {
        cpSync(join(root, part), join(tree, part), { recursive: true, filter: (path) => !/node_modules|\/dist$|\/reports$/.test(path) })
      }
      const first = call(tree)
      const again = median(2, () => call(tree))
      const file = join(tree, "apps/backend/src/app.ts")
      writeFileSync(file, `${readFileSync(file, "utf8")}\n// ${Date.now()}\n`)
      const changed = call(tree)
      console.log(`pipeline, first in this bench                        ${first.seconds.toFixed(1).padStart(8)} s`)
      show("pipeline, without a change", again)
      console.log(`pipeline, after a one-line change in backend         ${changed.seconds.toFixed(1).padStart(8)} s   (${(changed.seconds / again.median).toFixed(2)} times as long)`)
      console.log(changed.stdout.split("\n").filter((line) => /^(lint|build|test|package) +(frontend|backend|ai-ml)/.test(line)).slice(0, 12).join("\n"))
    } finally {
      rmSync(tree, { recursive: true, force: true })
    }
  },
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(areas, name))
if (unknown.length > 0) {
  console.error(`unknown area ${unknown.join(", ")}; known: ${Object.keys(areas).join(", ")}`)
  process.exit(2)
}
for (const name of wanted.length > 0 ? wanted : Object.keys(areas)) {
  console.log(`# ${name}`)
  areas[name]()
}
