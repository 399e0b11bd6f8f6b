import type { Directory } from "@dagger.io/dagger"
import { judgeImageScan, type ScannedImage } from "../core/gates/scan/image.js"
import { INPUT_FOLDER, SANDBOX_INPUT, SANDBOX_OUTPUT } from "../core/scan/sandbox.js"
import type { Step } from "../core/steps/step.js"
import { canaryStep, imageStep, sbomStep } from "../core/scan/trivy.js"
import { releasedScan } from "../core/scan/released-scan.js"
import type { PlannedStage } from "../core/plan.js"
import { stageFileName } from "../core/report/found.js"
import { imageLayout } from "./image-layout.js"
import type { Run, StageOutput } from "./run.js"
import { textOf, type SandboxRun } from "./sandbox.js"
import { scanDatabase, type ScanDatabase } from "./scan-database.js"
import { tellUseless } from "./scan-exceptions.js"
import { runScanners, scanEvidence, scanInput, scanLimits, scanRun } from "./scan-run.js"

const LAYOUT_FOLDER = "layout"
const LAYOUT = `${SANDBOX_INPUT}/${LAYOUT_FOLDER}`
const LAYOUT_STEP: Step = { name: "layout", argv: ["cat", `${LAYOUT}/index.json`], stdoutFile: `${SANDBOX_OUTPUT}/index.json` }

const SBOMS = [
  { format: "cyclonedx", step: sbomStep("cyclonedx", "image"), extension: "cdx.json" },
  { format: "spdx", step: sbomStep("spdx-json", "image"), extension: "spdx.json" },
] as const

/** An image in the run's own registry. */
export interface StagedImage {
  readonly name: string
  readonly repository: string
  readonly digest: string
  /** Null where somebody else has made it. */
  readonly dockerfile: string | null
}

/** Scans images, each in a sandbox of its own, judges them in one row and keeps for `sign` what they are made of. */
export async function scanStagedImages(run: Run, planned: PlannedStage, attempt: number, images: readonly StagedImage[]): Promise<StageOutput> {
  const { timeoutSeconds } = planned
  const database = await scanDatabase(run, timeoutSeconds)
  const scans = await Promise.all(images.map((image) => scanOne(run, { image, database, timeoutSeconds, attempt, alone: planned.service !== null })))
  const outcome = judgeImageScan({ ...scanLimits(run), database: database.facts, images: scans.map(({ scanned }) => scanned), timeoutSeconds })
  const gate = tellUseless(run, planned.id, outcome)
  for (const { image, sandbox, scanned } of scans) run.described.set(image.name, { sboms: sbomFiles(sandbox), scan: releasedScan(scanned.image.report, database.facts) })
  const reports = Object.fromEntries(scans.map(({ image, scanned }) => [`scan/images/${image.name}.json`, scanned.image.report]))
  const log = scanEvidence(stageFileName(planned), { sandboxes: scans.map(({ sandbox }) => sandbox), database, gate, reports, hidden: [] })
  const evidence = scans.reduce((folder, { image, sandbox }) => withSboms(folder, image.name, sandbox), log)
  return { gate, cached: scans.every(({ sandbox }) => sandbox.cached), evidence }
}

interface ImageScanJob {
  readonly image: StagedImage
  readonly database: ScanDatabase
  readonly timeoutSeconds: number
  readonly attempt: number
  readonly alone: boolean
}

interface ImageScan {
  readonly image: StagedImage
  readonly sandbox: SandboxRun
  readonly scanned: ScannedImage
}

async function scanOne(run: Run, { image, database, timeoutSeconds, attempt, alone }: ImageScanJob): Promise<ImageScan> {
  const { name, repository, digest, dockerfile } = image
  const files = scanInput(run, database).withDirectory(`${INPUT_FOLDER}/${LAYOUT_FOLDER}`, await imageLayout(run, repository, digest))
  const scan = imageStep({ vex: run.checkout.config.scan.vex, layout: LAYOUT, timeoutSeconds })
  const steps = [canaryStep, LAYOUT_STEP, scan, ...SBOMS.map(({ step }) => step)]
  const sandbox = await runScanners(run, { image: run.checkout.image("trivy"), files, steps, timeoutSeconds }, attempt)
  const [canary, found, layoutIndex] = await Promise.all([scanRun(sandbox, "canary"), scanRun(sandbox, "image"), textOf(sandbox.output, "index.json")])
  return { image, sandbox, scanned: { label: alone ? null : name, isolation: sandbox.isolation, canary, image: found, layoutIndex, digest, dockerfile } }
}

const made = (sandbox: SandboxRun) => SBOMS.filter(({ step }) => sandbox.outcomes[step.name]?.exitCode === 0)

function sbomFiles(sandbox: SandboxRun) {
  return Object.fromEntries(made(sandbox).map(({ format, step }) => [format, sandbox.output.file(`${step.name}.json`)]))
}

function withSboms(folder: Directory, name: string, sandbox: SandboxRun): Directory {
  return made(sandbox).reduce((each, { step, extension }) => each.withFile(`sbom/${name}.${extension}`, sandbox.output.file(`${step.name}.json`)), folder)
}
