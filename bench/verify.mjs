// Lint, build and test of a service through the module, against the same commands by hand in the same image: ratios, and apart from
// them what a call costs before its first stage. And what a tree costs that has 100,000 files in folders that are never uploaded.
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseDocument } from "yaml"
import { openUploadMeter } from "../test/support/upload-meter.mjs"
import { cli, daggerw, median, root, show, time, timeBeside } from "./measure.mjs"
import { productCopyUnstarted } from "./product-copy.mjs"

const PAIRS = 2
const IGNORED_FILES = 100_000

/** The commands that the module runs, as somebody would type them; `lock` is touched to make a run cold, `change` is a file that makes the sources others. */
const SERVICES = {
  backend: {
    image: "node",
    install: ["npm ci --ignore-scripts --no-audit --no-fund"],
    check: ["npm run lint", "npm run build", "npm test"],
    lock: "package-lock.json",
    change: ["src/changed.ts", (count) => `// Change ${count}.\n`],
  },
  "ai-ml": {
    image: "python",
    install: ["python3 -m venv /venv", "/venv/bin/pip install --require-hashes -r requirements-dev.txt"],
    check: ["ruff check .", "ruff format --check .", "python3 -m compileall -q ai_ml", "python3 -c 'import ai_ml'", "pytest"],
    lock: "requirements-dev.txt",
    change: ["ai_ml/changed.py", (count) => `"""Change ${count}."""\n`],
  },
}

const seconds = (value) => `${value.toFixed(1).padStart(7)} s`
const line = (what, hand, module) => console.log(`${what.padEnd(44)} ${seconds(hand)} by hand ${seconds(module)} module   ratio ${(module / hand).toFixed(2)}`)

/** All commands in one container of the same image; `again` are the checks a second time, with the dependencies in place. */
function byHand(tree, name, nonce) {
  const { image, install, check } = SERVICES[name]
  const pins = parseDocument(readFileSync(join(root, "pins.yaml"), "utf8")).toJS()
  const steps = [...install.map((command) => ["install", command]), ...check.map((command) => ["check", command]), ...check.map((command) => ["again", command])]
  const lines = steps.map(([kind, command], index) => `began=$(date +%s%N)\n(${command}) >/tmp/${index} 2>&1 || { cat /tmp/${index}; exit 1; }\necho "${kind} $(($(date +%s%N) - began))"`)
  const script = join(tree, "by-hand.sh")
  writeFileSync(script, `export CI=true NO_COLOR=1 PYTHONDONTWRITEBYTECODE=1 PATH=/venv/bin:$PATH\n${lines.join("\n")}\n`)
  const chain = [
    `container | from ${pins.images[image].name}:${pins.images[image].tag} | with-env-variable NONCE ${nonce}`,
    `with-directory /work $(host | directory ${join(tree, "apps", name)}) | with-file /by-hand.sh $(host | file ${script}) | with-workdir /work`,
    "with-exec sh,/by-hand.sh | stdout",
  ]
  const { stdout } = time([daggerw, "-M", "-s", "-c", chain.join(" | ")])
  rmSync(script)
  const sum = (kind) => [...stdout.matchAll(new RegExp(`^${kind} (\\d+)$`, "gm"))].reduce((total, [, nanos]) => total + Number(nanos) / 1e9, 0)
  return { install: sum("install"), check: sum("check"), again: sum("again") }
}

let runs = 0

/** The stages through the module: the whole call, and the part between the start of the first stage and the end of the last. */
function byModule(tree, name, constructor = []) {
  const runId = `bench-verify-${process.pid}-${(runs += 1)}`
  const { seconds: whole } = time([daggerw, "call", `--source=${tree}`, `--run-id=${runId}`, ...constructor, "pipeline", "--only", "lint,build,test", "--services", name])
  const folder = join(root, ".delivery/runs", runId)
  const { durationSeconds } = JSON.parse(readFileSync(join(folder, "run.json"), "utf8"))
  rmSync(folder, { recursive: true })
  return { whole, stages: durationSeconds }
}

function compare(tree, name) {
  const { lock, change: [file, text] } = SERVICES[name]
  // A lock file that no run has seen: nothing of it is in any cache.
  const cold = () => appendFileSync(join(tree, "apps", name, lock), " ".repeat(1 + Math.floor(Math.random() * 200)) + "\n")
  for (let pair = 1; pair <= PAIRS; pair += 1) {
    cold()
    const hand = byHand(tree, name, `${process.pid}-${pair}`)
    cold()
    const one = byModule(tree, name, ["--max-parallel=1"])
    cold()
    const together = byModule(tree, name)
    const warm = byModule(tree, name)
    writeFileSync(join(tree, "apps", name, file), text(`${process.pid}-${pair}`))
    const changed = byModule(tree, name, ["--max-parallel=1"])
    console.log(`${name}, pair ${pair}; by hand the install takes ${hand.install.toFixed(1)} s of the cold run`)
    line("  cold, one stage at a time", hand.install + hand.check, one.stages)
    line("  cold, a stage for each core", hand.install + hand.check, together.stages)
    line("  sources changed, one stage at a time", hand.again, changed.stages)
    console.log(`  nothing changed, the whole call              ${seconds(warm.whole)}, of it ${warm.stages.toFixed(1)} s in stages; cold ${together.whole.toFixed(1)} s whole`)
  }
}

function overhead(tree) {
  const dagger = cli()
  const dryRun = (env) => time([daggerw, "call", "--images=mirror", `--source=${tree}`, "pipeline", "--dry-run"], env)
  show("session start (dagger core version)", median(3, () => time([daggerw, "core", "version"])))
  const fresh = dryRun()
  const known = median(3, () => dryRun())
  show("session, module and reading the tree (--dry-run)", known)
  console.log(`${"the same for a tree that was never uploaded".padEnd(52)} ${fresh.seconds.toFixed(2).padStart(8)} s   (${dagger})`)
  return known
}

/** How much a call sends, and how long it takes, with and without files that nobody wants. */
async function litter(tree) {
  const meter = await openUploadMeter()
  const dryRun = async () => {
    const before = meter.sentBytes()
    const { seconds: taken } = await timeBeside([daggerw, "call", "--images=mirror", `--source=${tree}`, "pipeline", "--dry-run"], meter.env)
    return { seconds: taken, bytes: meter.sentBytes() - before }
  }
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB sent`
  try {
    const fresh = await dryRun()
    const clean = await dryRun()
    for (let folder = 0; folder < IGNORED_FILES / 100; folder += 1) {
      const path = join(tree, "apps/backend/node_modules", `package-${folder}`)
      mkdirSync(path, { recursive: true })
      for (let file = 0; file < 100; file += 1) writeFileSync(join(path, `${file}.js`), `module.exports = ${file}\n`)
    }
    const first = await dryRun()
    const again = await dryRun()
    console.log(`${"a call on a tree that was never uploaded".padEnd(52)} ${fresh.seconds.toFixed(2).padStart(8)} s   ${megabytes(fresh.bytes)}`)
    console.log(`${"and again".padEnd(52)} ${clean.seconds.toFixed(2).padStart(8)} s   ${megabytes(clean.bytes)}`)
    console.log(`${`with ${IGNORED_FILES} files in node_modules, at first`.padEnd(52)} ${first.seconds.toFixed(2).padStart(8)} s   ${megabytes(first.bytes)}`)
    console.log(`${"and once more".padEnd(52)} ${again.seconds.toFixed(2).padStart(8)} s   ${megabytes(again.bytes)}   ratio ${(again.seconds / clean.seconds).toFixed(2)}`)
  } finally {
    meter.close()
  }
}

const onCopy = (measure) => async () => {
  // By hand nobody starts a service.
  const tree = productCopyUnstarted(Object.keys(SERVICES))
  try {
    await measure(tree)
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

export const verify = onCopy((tree) => {
  overhead(tree)
  for (const name of Object.keys(SERVICES)) compare(tree, name)
})

export const upload = onCopy(litter)
