import { elements, parseXml } from "../gates/junit-cases.js"
import { loadXml } from "../lazy.js"
import { stageLabel } from "../schedule.js"
import type { RunRecord, StageResult } from "../run.js"
import { withoutControls } from "./escape.js"
import type { ReportFile } from "./sarif.js"

/** The JUnit report of one service's tests. */
export interface ServiceJunit {
  /** Null for a report that is no service's, such as a load test's. */
  readonly service: string | null
  /** What stands before the names of its suites. Default: the service. */
  readonly about?: string
  readonly xml: string
}

type XmlValue = string | { readonly [name: string]: XmlValue } | readonly XmlValue[]

/** junit.xml: a suite per stage, and the services' own suites with the service before their names. */
export function renderJunit(run: RunRecord, reports: readonly ServiceJunit[] = []): Promise<string> {
  return renderSuites(run.runId, run.stages, reports)
}

/** What belongs to no service. No service's name begins so. */
const JUNIT_OF_THE_REST = "_pipeline"

/** junit/<service>.xml: the same in parts, for systems that take a folder of reports. */
export async function renderJunitFiles(run: RunRecord, reports: readonly ServiceJunit[]): Promise<readonly ReportFile[]> {
  const services = [...new Set(run.stages.map(({ service }) => service))]
  return Promise.all(services.map(async (service) => {
    const stages = run.stages.filter((stage) => stage.service === service)
    const text = await renderSuites(`${run.runId} ${service ?? "pipeline"}`, stages, reports.filter((report) => report.service === service))
    return { path: `junit/${service ?? JUNIT_OF_THE_REST}.xml`, text }
  }))
}

async function renderSuites(name: string, stages: readonly StageResult[], reports: readonly ServiceJunit[]): Promise<string> {
  const { XMLBuilder } = await loadXml()
  const own = stages.map(stageSuite)
  const ofServices = await Promise.all(reports.map(serviceSuites))
  const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@", format: true, suppressEmptyNode: true })
  const suites: XmlValue = { "@name": name, testsuite: [...own, ...ofServices.flat()] }
  return builder.build({ "?xml": { "@version": "1.0", "@encoding": "UTF-8" }, testsuites: suites })
}

function stageSuite(stage: StageResult): XmlValue {
  const is = (...verdicts: readonly string[]): string => (verdicts.includes(stage.verdict) ? "1" : "0")
  const label = clean(stageLabel(stage))
  return {
    "@name": label,
    "@tests": "1",
    "@failures": is("failed", "inconclusive", "awaiting-approval"),
    "@errors": is("error"),
    "@skipped": is("skipped"),
    "@time": stage.durationSeconds.toFixed(3),
    testcase: { "@name": label, "@classname": "pipeline", "@time": stage.durationSeconds.toFixed(3), ...outcome(stage) },
  }
}

function outcome(stage: StageResult): Readonly<Record<string, XmlValue>> {
  const message = clean(stage.reason)
  switch (stage.verdict) {
    case "passed":
      return {}
    case "skipped":
      return { skipped: { "@message": `${stage.skipKind}: ${message}` } }
    case "error":
      return { error: { "@type": "error", "@message": message, "#text": findingLines(stage) } }
    // JUnit knows no doubt: what did not pass is a failure, with the verdict as its type.
    case "failed":
    case "inconclusive":
    case "awaiting-approval":
      return { failure: { "@type": stage.verdict, "@message": message, "#text": findingLines(stage) } }
  }
}

function findingLines(stage: StageResult): string {
  return clean(stage.findings.map((finding) => `${finding.file ?? ""} ${finding.rule}: ${finding.message}`.trim()).join("\n"))
}

async function serviceSuites({ service, about = service ?? "", xml }: ServiceJunit): Promise<readonly XmlValue[]> {
  const root = (await parseXml(xml)) ?? {}
  const tops = elements(root["testsuites"])
  // Node's own reporter puts cases that stand in no `describe` directly below the root.
  const loose = tops.filter((all) => all["testcase"] !== undefined).map((all) => ({ testcase: all["testcase"], "@name": all["@name"] ?? "tests" }))
  const suites = [...tops.flatMap((all) => elements(all["testsuite"])), ...elements(root["testsuite"]), ...loose]
  return suites.map((suite) => ({ ...cleanElement(suite), "@name": clean(`${about}: ${String(suite["@name"] ?? "")}`) }))
}

/** A report may hold, as entities, characters that no XML may hold as such. */
function cleanElement(element: Readonly<Record<string, unknown>>): Readonly<Record<string, XmlValue>> {
  return Object.fromEntries(Object.entries(element).map(([name, value]) => [name, cleanValue(value)]))
}

function cleanValue(value: unknown): XmlValue {
  if (Array.isArray(value)) return value.map(cleanValue)
  if (typeof value === "object" && value !== null) return cleanElement({ ...value })
  return clean(String(value))
}

function clean(text: string): string {
  return withoutControls(text)
}
