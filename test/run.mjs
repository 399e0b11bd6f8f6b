// Runs the tests in a fresh clone: installs the test tools, runs vitest, prints the time of each file and the closing line.
// usage: run.mjs [unit | full AREA [--again]]     without words: unit tests, then the tests on a real engine
// Files of `full` that have passed on this very tree are not run again; --again runs them all the same.
import { execFileSync, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { fullFiles, passedBefore, treeOf, usesLastingCluster } from "./tools/full-files.mjs"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const [mode = "all", area = ""] = process.argv.slice(2).filter((word) => word !== "--again")
const again = process.argv.includes("--again")
const reports = join(root, "reports", mode === "full" ? "full" : "test")

/** `npm ci` where the lock file has changed since the last one. */
function install(folder) {
  const modules = join(folder, "node_modules")
  const stamp = join(modules, ".installed-from")
  const lock = createHash("sha256").update(readFileSync(join(folder, "package-lock.json"))).digest("hex")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return
  console.log(`installing the packages of ${relative(root, folder) || "the tests"}`)
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder, stdio: "inherit" })
  writeFileSync(stamp, lock)
}

function runProject(name, filters = [], { output = join(reports, `${name}.json`), env = {} } = {}) {
  rmSync(output, { force: true })
  const argv = [join(root, "node_modules/vitest/vitest.mjs"), "run", "--project", name, "--reporter=default", "--reporter=json", `--outputFile.json=${output}`, ...filters]
  const { status } = spawnSync(process.execPath, argv, { cwd: root, stdio: "inherit", env: { ...process.env, FORCE_COLOR: "0", ...env } })
  if (!existsSync(output)) return { name, status: status ?? 1, files: [], passed: 0, failed: 1 }
  const result = JSON.parse(readFileSync(output, "utf8"))
  const files = result.testResults.map(({ name: file, startTime, endTime }) => ({ file: relative(root, file), seconds: (endTime - startTime) / 1000 }))
  // A file that does not even load has no tests to count, and must not pass for one without failures.
  const broken = result.testResults.filter(({ status: state, assertionResults }) => state === "failed" && !assertionResults.some((test) => test.status === "failed")).length
  return { name, status: status ?? 1, files, passed: result.numPassedTests, failed: result.numFailedTests + broken }
}

const cluster = (action) => spawnSync(process.execPath, [join(root, "airgap/kit.mjs"), "cluster", action], { encoding: "utf8" })

/** One file after the other, each with a report of its own, so that what was broken off goes on where it was; the lasting cluster stays for files that follow each other on it. */
function runFull() {
  const files = fullFiles(root, area)
  if (files.length === 0) {
    console.error(`no file test/full/${area}*.test.ts; known: ${fullFiles(root, "").map((file) => file.slice("test/full/".length, -".test.ts".length)).join(", ")}`)
    process.exit(2)
  }
  const tree = treeOf(root)
  const runs = files.map((file) => ({ file, output: join(reports, `${file.slice("test/full/".length)}.json`) })).map((run) => ({ ...run, before: again ? null : passedBefore(run.output, tree) }))
  const due = runs.filter(({ before }) => before === null)
  const onCluster = ({ file }) => usesLastingCluster(root, file)
  const clusterWasUp = cluster("status").stdout.includes("is Ready")
  for (const { file, before } of runs) if (before !== null) console.log(`${file}: ${before.passed} passed before on this very tree; --again runs it once more`)
  const fresh = due.map((run, index) => {
    const staysUp = onCluster(run) && due[index + 1] !== undefined && onCluster(due[index + 1])
    const result = runProject("full", [run.file], { output: run.output, env: staysUp ? { DELIVERY_TEST_KEEPS_CLUSTER: "yes" } : {} })
    writeFileSync(`${run.output}.run`, JSON.stringify({ ...result, tree }))
    // The last of several found it up, and so left it.
    if (!staysUp && !clusterWasUp && onCluster(run) && cluster("status").stdout.includes("is Ready")) cluster("down")
    return result
  })
  return [...runs.flatMap(({ before }) => (before === null ? [] : [before])), ...fresh]
}

/** What ran before us goes on running after us; what we started, we stop, unless somebody else has come to use it. */
function engineStatus() {
  const { stdout } = spawnSync(process.execPath, [join(root, "airgap/kit.mjs"), "engine", "status"], { encoding: "utf8" })
  return { runs: stdout.startsWith("engine runs"), clients: Number(/(\d+) clients?/.exec(stdout)?.[1] ?? 0) }
}

for (const folder of [root, join(root, "ci"), join(root, "ci/controller"), join(root, "airgap")]) install(folder)
mkdirSync(reports, { recursive: true })

const results = []
if (mode === "unit" || mode === "all") results.push(runProject("unit"))
if (mode === "all" || mode === "full") {
  const wasRunning = engineStatus().runs
  if (mode === "all") results.push(runProject("engine"))
  else results.push(...runFull())
  // A call that a test has killed takes a while to let go.
  let now = engineStatus()
  for (const until = Date.now() + 20_000; !wasRunning && now.clients > 0 && Date.now() < until; now = engineStatus()) await new Promise((resolve) => setTimeout(resolve, 1000))
  if (!wasRunning && now.clients > 0) console.log(`the engine stays, for others use it: ${now.clients} clients (npm run engine -- stop)`)
  else if (!wasRunning && now.runs) execFileSync(process.execPath, [join(root, "airgap/kit.mjs"), "engine", "stop"], { stdio: "inherit" })
}
if (!["unit", "all", "full"].includes(mode)) {
  console.error(`unknown tests "${mode}"; known: unit, full AREA, or nothing for all that npm test runs`)
  process.exit(2)
}

for (const { files } of results) {
  for (const { file, seconds } of files.sort((a, b) => b.seconds - a.seconds)) console.log(`${seconds.toFixed(1).padStart(8)} s  ${file}`)
}
const passed = results.reduce((sum, result) => sum + result.passed, 0)
const failed = results.reduce((sum, result) => sum + result.failed, 0)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 || passed === 0 || results.some(({ status }) => status !== 0) ? 1 : 0)
