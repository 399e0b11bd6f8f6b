// What the scanners take, first, after a change and unchanged: by row, by scanner as each log tells it, and in bytes that a run keeps.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { daggerw, root, time } from "./measure.mjs"
import { productCopy } from "./product-copy.mjs"

const column = (text) => String(text).padEnd(34)
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1).padStart(8)} kB`

export function scan() {
  const tree = productCopy()
  try {
    const file = join(tree, "apps/backend/src/app.ts")
    const source = readFileSync(file, "utf8")
    const change = () => writeFileSync(file, `${source}\n// ${Date.now()}\n`)
    change()
    show("first in this bench", call(tree))
    show("unchanged", call(tree))
    change()
    const changed = call(tree)
    show("after a one-line change in backend", changed)
    console.log("\nkept of it:")
    for (const path of ["scan", "sbom", "sarif"].flatMap((folder) => readdirSync(join(changed.folder, folder), { recursive: true }).map((name) => join(folder, name)))) {
      const { size, isFile } = factsOf(join(changed.folder, path))
      if (isFile) console.log(`${column(`  ${path}`)} ${kilobytes(size)}`)
    }
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

function factsOf(path) {
  const facts = statSync(path)
  return { size: facts.size, isFile: facts.isFile() }
}

function call(tree) {
  const runId = `bench-scan-${Date.now()}`
  const { seconds } = time([daggerw, "call", `--source=${tree}`, `--run-id=${runId}`, "scan"])
  const folder = join(root, ".delivery/runs", runId)
  return { seconds, folder, stages: JSON.parse(readFileSync(join(folder, "run.json"), "utf8")).stages }
}

function show(what, { seconds, folder, stages }) {
  console.log(`\n${column(`scan, ${what}`)} ${seconds.toFixed(1).padStart(8)} s`)
  for (const { stage, service, durationSeconds, cached } of stages.filter((row) => row.stage.startsWith("scan-"))) {
    const log = readFileSync(join(folder, `logs/${[stage, service].filter(Boolean).join("-")}.log`), "utf8")
    console.log(`${column(`  ${stage} ${service ?? ""}`)} ${durationSeconds.toFixed(1).padStart(8)} s   ${cached ? "cached" : /^took: .*$/m.exec(log)?.[0] ?? ""}`)
  }
}
