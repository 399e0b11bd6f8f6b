import { unavailableGate } from "../../core/gates/gate.js"
import { judgeImageScan } from "../../core/gates/scan/image.js"
import { INPUT_FOLDER, SANDBOX_INPUT, SANDBOX_OUTPUT, type SandboxStep } from "../../core/scan/sandbox.js"
import { canaryStep, imageStep, sbomStep } from "../../core/scan/trivy.js"
import { releasedScan } from "../../core/scan/released-scan.js"
import { imageLayout } from "../image-layout.js"
import { serviceOf, type ImageDescription, type StageWork } from "../run.js"
import { textOf, type SandboxRun } from "../sandbox.js"
import { scanDatabase } from "../scan-database.js"
import { tellUseless } from "../scan-exceptions.js"
import { runScanners, scanEvidence, scanInput, scanLimits, scanRun } from "../scan-run.js"

const LAYOUT_FOLDER = "layout"
const LAYOUT = `${SANDBOX_INPUT}/${LAYOUT_FOLDER}`
const LAYOUT_STEP: SandboxStep = { name: "layout", argv: ["cat", `${LAYOUT}/index.json`], stdoutFile: `${SANDBOX_OUTPUT}/index.json` }

const SBOMS = [
  { format: "cyclonedx", step: sbomStep("cyclonedx", "image"), extension: "cdx.json" },
  { format: "spdx", step: sbomStep("spdx-json", "image"), extension: "spdx.json" },
] as const

/** Looks for vulnerable packages and secrets in the image that was packaged, and lists what it is made of. */
export const scanImages: StageWork = async (run, planned, attempt) => {
  const service = serviceOf(run, planned)
  const { timeoutSeconds } = planned
  const packaged = run.packaged.get(service.name)
  if (packaged === undefined) return { gate: unavailableGate("there is no image of it in this run: package was left out") }
  const database = await scanDatabase(run, timeoutSeconds)
  const files = scanInput(run, database).withDirectory(`${INPUT_FOLDER}/${LAYOUT_FOLDER}`, await imageLayout(run, service.image, packaged.digest))
  const image = imageStep({ vex: run.checkout.config.scan.vex, layout: LAYOUT, timeoutSeconds })
  const steps = [canaryStep, LAYOUT_STEP, image, ...SBOMS.map(({ step }) => step)]
  const sandbox = await runScanners(run, { image: run.checkout.image("trivy"), files, steps, timeoutSeconds }, attempt)
  const [canary, scanned, layoutIndex] = await Promise.all([scanRun(sandbox, "canary"), scanRun(sandbox, "image"), textOf(sandbox.output, "index.json")])
  const outcome = judgeImageScan({
    ...scanLimits(run),
    database: database.facts,
    isolation: sandbox.isolation,
    canary,
    image: scanned,
    layoutIndex,
    digest: packaged.digest,
    dockerfile: service.dockerfile,
    timeoutSeconds,
  })
  const gate = tellUseless(run, planned.id, outcome)
  const log = scanEvidence(`scan-images-${service.name}`, { sandboxes: [sandbox], database, gate, reports: { [`scan/images/${service.name}.json`]: scanned.report }, hidden: [] })
  run.described.set(service.name, { sboms: sbomFiles(sandbox), scan: releasedScan(scanned.report, database.facts) })
  const made = SBOMS.filter(({ step }) => sandbox.outcomes[step.name]?.exitCode === 0)
  const evidence = made.reduce((folder, { step, extension }) => folder.withFile(`sbom/${service.name}.${extension}`, sandbox.output.file(`${step.name}.json`)), log)
  return { gate, cached: sandbox.cached, evidence }
}

/** For `sign`, which says them of the image. */
function sbomFiles(sandbox: SandboxRun): ImageDescription["sboms"] {
  const made = SBOMS.filter(({ step }) => sandbox.outcomes[step.name]?.exitCode === 0)
  return Object.fromEntries(made.map(({ format, step }) => [format, sandbox.output.file(`${step.name}.json`)]))
}
