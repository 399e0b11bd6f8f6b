import { CANARY_SECRET_RULE } from "../../scan/canary.js"
import { FOUND_EXIT_CODE } from "../../scan/trivy.js"
import { programName } from "../exec.js"
import { errorGate } from "../gate.js"
import type { GateResult } from "../../run.js"
import type { ScannedFault } from "./found.js"
import { readGitleaks, type LeakedSecret } from "./gitleaks-report.js"
import { MASK, secretSteps, withoutTexts } from "./mask.js"
import { judgeScanner, type ScanRun } from "./scanner.js"

export interface SecretsInput {
  readonly tree: ScanRun
  readonly names: ScanRun
  readonly canary: ScanRun
  /** Every file of the tree; the lines of what `names` has scanned. */
  readonly paths: readonly string[]
  /** Folder that the tree stood in. */
  readonly root: string
  readonly timeoutSeconds: number
}

export interface JudgedSecrets {
  readonly faults: readonly ScannedFault[]
  /** Texts that no report may show: names of files that hold a secret. */
  readonly hidden: readonly string[]
}

/** Secrets in files and in their names, by file, line and rule; a gate where the scanner did not do its work. */
export function judgeSecrets(input: SecretsInput): JudgedSecrets | GateResult {
  const read: LeakedSecret[][] = []
  for (const run of [input.canary, input.names, input.tree]) {
    const leaks = leaksOf(run, input)
    if ("verdict" in leaks) return leaks
    read.push([...leaks])
  }
  const [canary = [], inNames = [], inFiles = []] = read
  if (!canary.some(({ rule }) => rule === CANARY_SECRET_RULE)) return errorGate("gitleaks did not find the key that was laid out for it: its rules are not in force")
  const named = inNames.map((leak) => ({ leak, path: input.paths[leak.line - 1] ?? "" }))
  const hidden = [...new Set(named.flatMap(({ leak, path }) => secretSteps(path, leak.startColumn, leak.endColumn)))]
  // What lies in a folder is named with it: one secret in a folder's name is one fault.
  const names = new Map(named.map(({ leak, path }) => [`${leak.rule} ${secretSteps(path, leak.startColumn, leak.endColumn).join("/")}`, { leak, path }]))
  return {
    hidden,
    faults: [
      ...inFiles.map((leak) => secretFault(leak, withoutTexts(leak.file, hidden), leak.line, leak.commit === null ? "" : `, in commit ${leak.commit}`)),
      ...[...names.values()].map(({ leak, path }) => secretFault(leak, withoutTexts(path, hidden), null, ` in the name of a file or folder, shown as ${MASK}`)),
    ],
  }
}

function leaksOf(run: ScanRun, { paths, root, timeoutSeconds, tree }: SecretsInput): readonly LeakedSecret[] | GateResult {
  const { exec, report } = run
  const broken = judgeScanner(exec, timeoutSeconds)
  if (broken !== null) return broken
  const leaks = readGitleaks(report, root)
  if (leaks === null) return errorGate(`${programName(exec)} ended with ${exec.exitCode} and left no report that can be read`)
  if ((exec.exitCode === FOUND_EXIT_CODE) !== leaks.length > 0) return errorGate(`${programName(exec)} ended with ${exec.exitCode}, and its report names ${leaks.length} secrets`)
  const bytes = /scanned ~?(\d+) bytes/.exec(exec.stderr)?.[1]
  if (bytes === undefined || (run === tree && paths.length > 0 && bytes === "0")) return errorGate(`${programName(exec)} scanned ${bytes === undefined ? "nothing that it tells of" : "0 bytes"}`)
  return leaks
}

function secretFault({ rule, description }: LeakedSecret, path: string, line: number | null, where: string): ScannedFault {
  return { kind: "secret", severity: "critical", ids: [rule], packageName: null, rule, message: `${description || rule}${where}`, path, line, renderedFor: null, spared: null }
}
