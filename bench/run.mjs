// Times what a user waits for, in one run on one machine, and prints medians and ratios. Judges nothing.
// usage: npm run bench [-- AREA]      areas: wrapper, module, pipeline, scan, perf, verify, upload, shims, canary (canary-cluster, canary-simulation), deploy
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { tsImport } from "tsx/esm/api"
import { cli, daggerw, median, root, show, time } from "./measure.mjs"
import { productCopy } from "./product-copy.mjs"
import { scan } from "./scan.mjs"
import { shims } from "./shims.mjs"
import { upload, verify } from "./verify.mjs"

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
    const tree = productCopy()
    try {
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
  scan,
  // perf, canary-cluster and deploy are on the lasting cluster: started where it is not, left as it was.
  async perf() {
    const { measurePerf } = await tsImport("./perf/measure.ts", import.meta.url)
    await measurePerf()
  },
  verify,
  upload,
  shims,
  async "canary-cluster"() {
    const { measureRollouts } = await tsImport("./canary/on-cluster.ts", import.meta.url)
    await measureRollouts()
  },
  // CANARY_RELEASES=100 for a look at it; fixed seeds, so a run can be repeated anywhere.
  async "canary-simulation"() {
    const { simulate } = await tsImport("./canary/simulate.ts", import.meta.url)
    simulate(Number(process.env.CANARY_RELEASES ?? 10_000), join(root, ".delivery/bench"))
  },
  async deploy() {
    const { measureDeploy } = await tsImport("./deploy/measure.ts", import.meta.url)
    await measureDeploy()
  },
}

const wanted = process.argv.slice(2)
// `canary` is all that begin with it.
const chosen = (name) => wanted.length === 0 || wanted.some((area) => name === area || name.startsWith(`${area}-`))
const unknown = wanted.filter((area) => !Object.keys(areas).some((name) => name === area || name.startsWith(`${area}-`)))
if (unknown.length > 0) {
  console.error(`unknown area ${unknown.join(", ")}; known: ${Object.keys(areas).join(", ")}`)
  process.exit(2)
}
for (const name of Object.keys(areas).filter(chosen)) {
  console.log(`# ${name}`)
  await areas[name]()
}
