import { dag, type Directory } from "@dagger.io/dagger"
import { counted, errorGate, passedGate, unavailableGate } from "../../core/gates/gate.js"
import { uselessExceptions } from "../../core/gates/exceptions.js"
import { readTrivy } from "../../core/gates/scan/trivy-report.js"
import { renderFindings } from "../../core/report/findings-table.js"
import type { GateResult } from "../../core/run.js"
import type { StepOutcome } from "../../core/steps/step.js"
import { checkSteps, policyData, providerStep } from "../../core/terraform/check-steps.js"
import { judgeFolder, judgeFormat, judgeProvider, type FolderAnswer, type ProviderAnswer } from "../../core/terraform/judge-check.js"
import { judgeTool, type CheckLimits, type JudgedRow } from "../../core/terraform/judge-tools.js"
import type { TerraformLayout } from "../../core/terraform/layout.js"
import { TERRAFORM_PLACES } from "../../core/terraform/places.js"
import type { CallRow } from "../../core/terraform/rows-run.js"
import { schemaName } from "../../core/terraform/schema-name.js"
import { conftestOf, readCheckov, readTflint, trivyReport } from "../../core/terraform/tool-reports.js"
import { commandLog, runCommand, runKept, type ExecLimits } from "../exec.js"
import { containerOf } from "../image-container.js"
import { judgeSurroundings, lastLine } from "../../core/gates/exec.js"
import { today, type Run } from "../run.js"
import { checkovTools, infrastructureOf, terraformCheckTools, terraformOf } from "./tools.js"

const { tree, data, schema, plans } = TERRAFORM_PLACES
const CHECK_TIMEOUT_SECONDS = 900
const TOFU_LANES = 2

export interface CallResult {
  readonly rows: readonly CallRow[]
  readonly evidence: Directory
}

interface CheckInput {
  readonly run: Run
  readonly layout: TerraformLayout
  readonly source: Directory
  /** Relative to the repository. */
  readonly path: string
  readonly limits: ExecLimits
  readonly judged: CheckLimits
}

/** Everything that can be said of the infrastructure code without an account of AWS. */
export async function checkTerraform(run: Run, providers: Directory | null): Promise<CallResult> {
  const { exceptions } = terraformOf(run)
  const { path, source, layout } = await infrastructureOf(run)
  const limits = { runId: run.header.runId, timeoutSeconds: CHECK_TIMEOUT_SECONDS }
  const judged: CheckLimits = { exceptions, today: today(), level: "moderate" }
  const input = { run, layout, source, path, limits, judged }
  const [own, trivy, checkov] = await Promise.all([tofuRows(input, providers), row("trivy", () => trivyRow(input)), row("checkov", () => checkovRow(input))])
  const judgedRows = [...own.judged, trivy.judged, checkov.judged]
  const useless = uselessExceptions("terraform", exceptions, judgedRows.map(({ matched }) => matched))
  const rows = [...own.rows, trivy.line, checkov.line].map((each, index, all) => (index === all.length - 1 ? { ...each, gate: { ...each.gate, findings: [...each.gate.findings, ...useless] } } : each))
  const text = rows.map(({ stage, environment, gate }) => `== ${stage}${environment === null ? "" : ` (${environment})`}\n${renderFindings(gate)}`).join("\n")
  return { rows, evidence: own.evidence.withNewFile("terraform/findings.txt", text).withNewFile("logs/terraform-trivy.log", trivy.log).withNewFile("logs/terraform-checkov.log", checkov.log) }
}

interface ToolRow {
  readonly line: CallRow
  readonly judged: JudgedRow
  readonly log: string
}

/** What breaks a tool breaks its row and no other. */
async function row(stage: string, work: () => Promise<{ readonly judged: JudgedRow; readonly log: string; readonly cached: boolean }>): Promise<ToolRow> {
  const started = Date.now()
  const { judged, log, cached } = await work().catch((error: unknown) => ({ judged: { gate: errorGate(error instanceof Error ? error.message : String(error)), matched: null }, log: "", cached: false }))
  return { line: { stage, environment: null, gate: judged.gate, durationSeconds: secondsAfter(started), cached }, judged, log }
}

const secondsAfter = (started: number): number => Math.round((Date.now() - started) / 100) / 10

async function tofuRows({ run, layout, source, path, limits, judged }: CheckInput, providers: Directory | null) {
  const tools = await terraformCheckTools(run, providers, limits)
  const { environments } = run.checkout.config
  let container = tools.withDirectory(tree, source).withExec(["mkdir", "-p", plans])
  for (const { name } of layout.roots) container = container.withNewFile(`${data}/${name}.json`, policyData(environments[name]?.approval === "required"))
  const [root] = layout.roots
  if (root === undefined) throw new Error("no root")
  const [asked, schemaText] = await Promise.all([runKept(container, [[providerStep(root)]], limits), tools.file(schema).contents()])
  const init = asked.outcomes[0] as StepOutcome
  const provider = judgeProvider(init, schemaName(schemaText))
  const ownRules = (await source.exists(".tflint.hcl")) ? ".tflint.hcl" : null
  const steps = checkSteps(layout, provider.source, ownRules)
  const { outcomes, cached } = await runKept(container, steps, limits, { lanes: TOFU_LANES })
  const seconds = (prefix: string): number => outcomes.filter(({ name }) => name.startsWith(prefix)).reduce((sum, outcome) => sum + outcome.seconds, 0)
  const line = (stage: string, environment: string | null, gate: GateResult, prefix: string): CallRow => ({ stage, environment, gate, durationSeconds: Math.round(seconds(prefix) * 10) / 10, cached })
  const step = (name: string): StepOutcome | undefined => outcomes.find((outcome) => outcome.name === name)
  const folderOf = (folder: string): FolderAnswer => judgeFolder(`${path}/${folder}`, outcomes.filter(({ name }) => name.startsWith(`${folder}/`) && !name.endsWith("/policy")), provider.source, limits.timeoutSeconds)
  const modules = layout.modules.map(({ folder }) => folderOf(folder))
  const policies = layout.roots.map(({ name, folder, hasTests }) => ({ name, judged: judgePolicy(step(`${folder}/policy`), step(`${folder}/test`), hasTests ? judged : null, provider) }))
  const files = judgeTool("conftest", conftestOf(step("files-policy"), { there: tree, here: path }), "rule", judged)
  const tflint = step("tflint")
  const lint = judgeTool("tflint", tflint === undefined ? { kind: "unreadable", detail: "it was not reached" } : readTflint(tflint.stdout || tflint.stderr, layout.files.length, (file) => `${path}/${file}`), "file", judged)
  const format = step("fmt")
  const rows = [
    line("fmt", null, format === undefined ? errorGate("it was not reached") : judgeFormat(format, path, limits.timeoutSeconds), "fmt"),
    { ...line("provider", null, provider.gate, "provider"), durationSeconds: Math.round(init.seconds * 10) / 10 },
    line("modules", null, together(modules), "modules/"),
    ...layout.roots.map(({ name, folder }) => line("validate, test", name, folderOf(folder).gate, `${folder}/`)),
    ...policies.map(({ name, judged: { gate } }) => line("policy", name, gate, `envs/${name}/policy`)),
    line("policy of files", null, files.gate, "files-policy"),
    line("tflint", null, lint.gate, "tflint"),
  ]
  return { rows, judged: [...policies.map((each) => each.judged), files, lint], evidence: dag.directory().withNewFile("logs/terraform-check.log", commandLog([init, ...outcomes])) }
}

// conftest's words for a file that is not there.
const NO_PLAN = /get file info: stat \S+: no such file/

function judgePolicy(outcome: StepOutcome | undefined, test: StepOutcome | undefined, judged: CheckLimits | null, { source }: ProviderAnswer): JudgedRow {
  if (judged === null) return { gate: unavailableGate("there is no test of this environment, so there is no plan to judge; terraform-plan judges the real one"), matched: null }
  const unmade = outcome === undefined || (NO_PLAN.test(outcome.stderr) && test?.exitCode !== 0)
  if (unmade) return { gate: { ...unavailableGate("the tests of this environment made no plan"), skipKind: "upstream-failed" }, matched: null }
  const answer = judgeTool("conftest", conftestOf(outcome, null), "rule", judged)
  const origin = source === "real" ? "a plan of the tests, with a mocked provider" : "a plan of the tests, with a mocked provider and the schema alone"
  return answer.gate.verdict === "passed" ? { ...answer, gate: { ...answer.gate, reason: `${answer.gate.reason} on ${origin}` } } : answer
}

/** All modules in one row: there are many, and they are checked alike. */
function together(modules: readonly FolderAnswer[]): GateResult {
  const worst = (["error", "failed", "skipped"] as const).map((verdict) => modules.filter(({ gate }) => gate.verdict === verdict)).find(({ length }) => length > 0)
  const findings = modules.flatMap(({ gate }) => gate.findings)
  const [first] = worst ?? []
  if (worst !== undefined && first !== undefined) return { ...first.gate, reason: `${first.gate.reason}${worst.length > 1 ? ` (and ${counted(worst.length - 1, "module")} more)` : ""}`, findings }
  if (modules.length === 0) return { ...unavailableGate("there are no modules"), skipKind: "not-configured" }
  return passedGate(`${counted(modules.length, "module")}, ${counted(modules.reduce((sum, { passed }) => sum + passed, 0), "test run")}`, findings)
}

async function trivyRow({ run, source, path, limits, judged }: CheckInput) {
  const report = "/tmp/report.json"
  const container = containerOf(run.checkout.image("trivy")).withoutEntrypoint().withUser("0").withDirectory(tree, source).withWorkdir(tree)
  const argv = ["trivy", "config", "--quiet", "--cache-dir", "/tmp/trivy", "--skip-check-update", "--skip-version-check", "--disable-telemetry", "--format", "json", "--output", report, "."]
  const ran = await runCommand(container, argv, limits)
  const log = commandLog([ran])
  const broken = judgeSurroundings(ran, limits.timeoutSeconds) ?? (ran.exitCode === 0 ? null : errorGate(`trivy ended with ${ran.exitCode}: ${lastLine(ran)}`))
  if (broken !== null) return { judged: { gate: broken, matched: null }, log, cached: ran.cached }
  const read = readTrivy(await ran.container.file(report).contents(), { pathOf: (target) => `${path}/${target}`, environmentOf: () => null })
  return { judged: judgeTool("trivy", trivyReport(read), "file", { ...judged, level: run.checkout.config.scan.level }), log, cached: ran.cached }
}

async function checkovRow({ run, source, path, limits, judged }: CheckInput) {
  const container = (await checkovTools(run, limits)).withDirectory(tree, source).withWorkdir(tree)
  const argv = ["checkov", "--directory", ".", "--framework", "terraform", "--compact", "--soft-fail", "--skip-download", "--download-external-modules", "false", "--output", "json"]
  const report = "/tmp/report.json"
  const { outcomes, container: left, cached } = await runKept(container, [[{ name: "checkov", argv, stdoutFile: report }]], limits)
  const ran = outcomes[0] as StepOutcome
  const broken = judgeSurroundings(ran, limits.timeoutSeconds) ?? (ran.exitCode === 0 ? null : errorGate(`checkov ended with ${ran.exitCode}: ${lastLine(ran)}`))
  const log = commandLog([ran])
  return { judged: broken === null ? judgeTool("checkov", readCheckov(await left.file(report).contents(), (file) => `${path}/${file}`), "check", judged) : { gate: broken, matched: null }, log, cached }
}
