import type { Command } from "../config/commands.js"
import { SANDBOX_INPUT } from "../scan/sandbox.js"
import type { AnalysisReport } from "../gates/sast/analysis.js"
import type { Step } from "../steps/step.js"

/** The input of an analysis: tools, the service's code, and beside it a planted fault that must be found. */
export const ANALYSER_FOLDER = "tools"
export const CODE_FOLDER = "code"
export const SERVICE_FOLDER = "service"
/** What the analyser wrote, and the list of files that it looked at, in the sandbox's output. */
export const REPORT_FILE = "report.json"
export const SEEN_FILE = "seen.txt"

/** Finds insecure code of one kind of service. */
export interface SourceAnalyser {
  readonly name: string
  /** The toolchain of the services that it is for. */
  readonly toolchain: string
  readonly languages: string
  readonly files: readonly string[]
  /** Key of the image that it is installed and run in. */
  readonly imageKey: string
  /** What locks its version, in the module's folder `tools`, and what else of that folder it needs. */
  readonly lockFolder: string
  readonly lockFiles: readonly string[]
  readonly cacheFolder: string
  /** Run in the folder that becomes `tools`, with the files above in it. */
  readonly install: readonly Command[]
  readonly steps: readonly Step[]
  /** A file that it must find a fault in. */
  readonly planted: { readonly path: string; readonly text: string; readonly rule: string }
  /** `seen` is the list that it gave of the files it looked at, null when it gave none; `below` makes paths relative to the code. */
  readonly read: (report: string, seen: string | null, below: (path: string) => string) => AnalysisReport
}

/** A step that runs where the code is: both analysers look at what lies below their working directory. */
export function codeStep(name: string, script: string, stdoutFile?: string): Step {
  const argv = ["sh", "-c", `cd ${SANDBOX_INPUT}/${CODE_FOLDER} && exec ${script}`]
  return stdoutFile === undefined ? { name, argv } : { name, argv, stdoutFile }
}
