import type { JsonObject } from "../gates/audit/report.js"
import { judgeSurroundings, lastLine } from "../gates/exec.js"
import { counted, errorGate, failedGate, passedGate, unavailableGate } from "../gates/gate.js"
import type { Finding, GateResult } from "../run.js"
import type { StepOutcome } from "../steps/step.js"
import type { ProviderSource } from "./check-steps.js"
import { firstError, readTofu, surroundingsFault, testSummary, tofuDiagnostics, type TofuDiagnostic } from "./diagnostics.js"

/** What can be said of the providers. */
export interface ProviderAnswer {
  readonly source: ProviderSource
  readonly gate: GateResult
}

const SCHEMA_ALONE = "names, types and required arguments were checked against its schema alone"

/** Whether tofu got its providers; what is out of reach is told, and a program with the schema stands in for it. */
export function judgeProvider(init: StepOutcome, schemaOf: string): ProviderAnswer {
  if (init.exitCode === 0) {
    const installed = [...init.stdout.matchAll(/(?:Installed|Using (?:previously-installed )?)\s*(\S+\/\S+) (v\S+)/g)].map(([, name = "", version = ""]) => `${name} ${version}`)
    return { source: "real", gate: passedGate(installed.length === 0 ? "no provider needed" : [...new Set(installed)].join(", ")) }
  }
  const said = `${init.stderr}\n${init.stdout}`
  const broken = judgeSurroundings(init, init.seconds)
  if (broken !== null && init.exitCode !== 124) return { source: "stand-in", gate: broken }
  if (init.exitCode === 124 || surroundingsFault(said) === "the provider is out of reach") return { source: "stand-in", gate: unavailableGate(`the provider is out of reach, so what it checks itself did not run; ${SCHEMA_ALONE} (${schemaOf}). Give --providers or terraform.mirror`) }
  // A fault of the code: the row of the environment tells it.
  return { source: "real", gate: unavailableGate("the configuration could not be initialised, so no provider was asked for") }
}

/** What a folder's own steps came to. */
export interface FolderAnswer {
  readonly gate: GateResult
  readonly passed: number
}

/** init, validate and test of one folder. Files are named relative to the repository. */
export function judgeFolder(folder: string, outcomes: readonly StepOutcome[], source: ProviderSource, timeoutSeconds: number): FolderAnswer {
  const at = (name: string): StepOutcome | undefined => outcomes.find((outcome) => outcome.name.endsWith(`/${name}`))
  const [init, validate, test] = [at("init"), at("validate"), at("test")]
  const answer = (gate: GateResult, passed = 0): FolderAnswer => ({ gate, passed })
  if (init === undefined) return answer(errorGate(`${folder} was not reached`))
  for (const outcome of [init, validate, test]) {
    const broken = outcome === undefined ? null : judgeSurroundings(outcome, timeoutSeconds)
    if (broken !== null) return answer(broken)
  }
  if (init.exitCode !== 0) return answer(judgeInit(folder, init))
  if (validate === undefined) return answer(errorGate(`${folder} was not validated`))
  const messages = [validate, ...(test === undefined ? [] : [test])].flatMap(({ stdout }) => readTofu(stdout))
  const diagnostics = tofuDiagnostics(messages)
  const errors = diagnostics.filter(({ severity }) => severity === "error")
  const findings = diagnostics.map((found) => diagnosticFinding(folder, found))
  const unknown = source === "stand-in" ? errors.find(({ summary }) => /^Invalid (resource type|data source)$/.test(summary)) : undefined
  if (unknown !== undefined) return answer(unavailableGate(`${folder}: the schema that stands in for the provider does not have it: ${unknown.detail}`))
  const fault = errors.map(({ summary, detail }) => surroundingsFault(`${summary} ${detail}`)).find((words) => words !== null)
  const first = errors[0]
  if (fault !== undefined && first !== undefined) return answer(errorGate(`${folder}: ${fault}: ${first.summary}`, findings))
  if (first !== undefined) return answer(failedGate(`${folder}${diagnosticPlace(first)}: ${first.summary}: ${first.detail}`, findings))
  if (validate.exitCode !== 0) return answer(errorGate(`${folder}: tofu validate ended with ${validate.exitCode}: ${lastLine(validate)}`))
  return test === undefined ? answer(passedGate(`${folder} is valid`)) : judgeTest(folder, test, messages, findings)
}

function judgeInit(folder: string, init: StepOutcome): GateResult {
  const said = `${init.stderr}\n${init.stdout}`
  const fault = surroundingsFault(said)
  if (fault === "the provider is out of reach") return unavailableGate(`${folder}: ${fault}, and no schema stands in for it: ${firstError(said)}`)
  if (fault === "a module is out of reach") return unavailableGate(`${folder}: ${fault}: ${firstError(said)}`)
  return fault === null ? failedGate(`${folder}: ${firstError(said)}`) : errorGate(`${folder}: ${fault}: ${firstError(said)}`)
}

function judgeTest(folder: string, test: StepOutcome, messages: readonly JsonObject[], findings: readonly Finding[]): FolderAnswer {
  const summary = testSummary(messages)
  if (summary === null) return { gate: errorGate(`${folder}: tofu test ended with ${test.exitCode} without a summary: ${lastLine(test)}`), passed: 0 }
  if (summary.failed + summary.skipped > 0) return { gate: failedGate(`${folder}: ${summary.failed} of ${summary.passed + summary.failed + summary.skipped} test runs failed`, findings), passed: summary.passed }
  if (summary.passed === 0) return { gate: errorGate(`${folder}: there are test files, and no run in them`), passed: 0 }
  return { gate: passedGate(`${folder}: ${counted(summary.passed, "test run")}`, findings), passed: summary.passed }
}

const diagnosticPlace = ({ file, line }: TofuDiagnostic): string => (file === null ? "" : `/${file}${line === null ? "" : `:${line}`}`)

const diagnosticFinding = (folder: string, { severity, summary, detail, file, line }: TofuDiagnostic): Finding => ({
  severity: severity === "error" ? "high" : "low",
  rule: "tofu",
  message: `${summary}: ${detail}`,
  file: file === null ? folder : `${folder}/${file}`,
  line,
})

/** Files that `tofu fmt` would write otherwise. */
export function judgeFormat(fmt: StepOutcome, root: string, timeoutSeconds: number): GateResult {
  const broken = judgeSurroundings(fmt, timeoutSeconds)
  if (broken !== null) return broken
  const files = fmt.stdout.split("\n").filter((line) => /\.(tf|tfvars|hcl)$/.test(line.trim()))
  if (fmt.exitCode === 0) return passedGate("")
  // 3 says that files would change; the rest is what it could not read.
  if (fmt.exitCode !== 3 || files.length === 0) return failedGate(`tofu fmt cannot read a file: ${firstError(fmt.stderr)}`)
  const findings = files.map((file): Finding => ({ severity: "moderate", rule: "fmt", message: "not as `tofu fmt` writes it", file: `${root}/${file}`, line: null }))
  return failedGate(`${counted(files.length, "file")} not as \`tofu fmt -recursive\` writes ${files.length === 1 ? "it" : "them"}: ${files[0]}`, findings)
}
