import { dag, type Directory } from "@dagger.io/dagger"
import type { ServiceConfig } from "../../core/config/services.js"
import { uselessExceptions } from "../../core/gates/exceptions.js"
import { notConfiguredGate } from "../../core/gates/gate.js"
import { judgeSast } from "../../core/gates/sast/judge.js"
import { logIsolation } from "../../core/gates/scan/isolation.js"
import type { ScanOutcome } from "../../core/gates/scan/judge-faults.js"
import { matchesGlob } from "../../core/glob.js"
import { renderFindings } from "../../core/report/findings-table.js"
import type { GateResult } from "../../core/run.js"
import { analyserOf } from "../../core/sast/analysers.js"
import { CODE_FOLDER, REPORT_FILE, SEEN_FILE, SERVICE_FOLDER, ANALYSER_FOLDER, type SourceAnalyser } from "../../core/sast/analyser.js"
import { INPUT_FOLDER } from "../../core/scan/sandbox.js"
import { InternalError } from "../../core/errors.js"
import { commandLog, textFile } from "../exec.js"
import { serviceOf, type Run, type StageWork, today } from "../run.js"
import { textOf, type SandboxRun } from "../sandbox.js"
import { sastTools } from "../sast-tools.js"
import { runScanners } from "../scan-run.js"

/** What the analyses of a run have told so far, by service. */
const outcomesOfSast = new WeakMap<Run, Map<string, ScanOutcome>>()

/** Looks for insecure code in the service's sources, without network and without what the sources say about the analyser. */
export const sast: StageWork = async (run, planned, attempt) => {
  const service = serviceOf(run, planned)
  const { timeoutSeconds } = planned
  const analyser = analyserOf(service.toolchain)
  if (analyser === null) throw new InternalError(`no analyser for toolchain ${service.toolchain}, and the plan did not skip ${planned.id}`)
  const { exclude, exceptions, level } = run.checkout.config.sast
  const sources = run.checkout.source.directory(service.path)
  const all = (await Promise.all(analyser.files.map((glob) => sources.glob(glob)))).flat()
  const files = [...new Set(all)].filter((path) => !exclude.some((glob) => matchesGlob(path, glob)))
  const none = notConfiguredGate(`there is no ${analyser.languages} in ${service.path}${all.length > 0 ? " but what sast.exclude leaves out" : ""}`)
  if (files.length === 0) return { gate: tell(run, service, { gate: none, matched: [] }) }
  const tools = await sastTools(run, analyser, timeoutSeconds)
  const sandbox = await runScanners(run, { image: run.checkout.image(analyser.imageKey), files: inputOf(analyser, tools, codeOf(sources, analyser, files)), steps: analyser.steps, timeoutSeconds }, attempt)
  const outcome = judgeSast({
    analyser,
    execs: Object.values(sandbox.outcomes),
    report: await textOf(sandbox.output, REPORT_FILE),
    seen: await textOf(sandbox.output, SEEN_FILE),
    files,
    excluded: new Set(all).size - files.length,
    servicePath: service.path,
    limits: { level, exceptions, ignoreUnfixed: false, licenses: "report", today: today() },
    isolation: sandbox.isolation,
    timeoutSeconds,
  })
  const gate = tell(run, service, outcome)
  return { gate, cached: sandbox.cached, evidence: textFile(`logs/sast-${service.name}.log`, logOf(gate, sandbox)) }
}

// Beyond this many, putting them together one by one takes longer than what the cache saves.
const CODE_FILES_AT_MOST = 300

/** As edges/files-alone.ts, by paths instead of globs: `[id].tsx` is a name like any other. */
function codeOf(sources: Directory, { files: globs }: SourceAnalyser, files: readonly string[]): Directory {
  if (files.length > CODE_FILES_AT_MOST) return sources.filter({ include: [...globs] })
  return files.reduce((code, path) => code.withFile(path, sources.file(path)), dag.directory())
}

function inputOf({ planted }: SourceAnalyser, tools: Directory, code: Directory): Directory {
  return dag
    .directory()
    .withDirectory(`${INPUT_FOLDER}/${ANALYSER_FOLDER}`, tools)
    .withDirectory(`${INPUT_FOLDER}/${CODE_FOLDER}/${SERVICE_FOLDER}`, code)
    .withNewFile(`${INPUT_FOLDER}/${CODE_FOLDER}/${planted.path}`, planted.text)
}

const logOf = (gate: GateResult, sandbox: SandboxRun): string => [renderFindings(gate), logIsolation(sandbox.isolation), commandLog(Object.values(sandbox.outcomes))].join("\n")

/** Adds the exceptions that no service needed; known when the last one was looked at. */
function tell(run: Run, { name }: ServiceConfig, outcome: ScanOutcome): GateResult {
  const outcomes = outcomesOfSast.get(run) ?? new Map<string, ScanOutcome>()
  outcomesOfSast.set(run, outcomes.set(name, outcome))
  const { services, sast: { exceptions } } = run.checkout.config
  const analysed = Object.values(services).filter(({ toolchain }) => analyserOf(toolchain) !== null)
  return { ...outcome.gate, findings: [...outcome.gate.findings, ...uselessExceptions("sast", exceptions, analysed.map((service) => outcomes.get(service.name)?.matched))] }
}
