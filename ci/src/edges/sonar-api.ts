import type { GateStatus, SonarIssue, SonarTask } from "../core/gates/sonar/answers.js"
import type { SonarCondition } from "../core/config/sonar.js"
import { SonarTrouble } from "../core/sonar/poll.js"

/** A SonarQube and who asks it. */
export interface SonarAccess {
  readonly url: string
  /** `user:password`, or a token as the user. */
  readonly account: string
  /** How messages call the server. */
  readonly name: string
}

const LIMIT_MILLISECONDS = 20_000
const PAGE = 500
export const MEASURED = ["ncloc", "tests", "coverage", "security_hotspots"]

/** One request. What is refused for good is a SonarTrouble; silence and faults of the server throw anything else. */
export async function askSonar<Answer>(access: SonarAccess, path: string, parameters: Readonly<Record<string, string>>, method: "GET" | "POST" = "GET"): Promise<Answer> {
  const query = new URLSearchParams(parameters)
  const url = `${access.url.replace(/\/+$/, "")}/api/${path}${method === "GET" ? `?${query.toString()}` : ""}`
  const body = method === "POST" ? { body: query } : {}
  const authorization = `Basic ${Buffer.from(access.account).toString("base64")}`
  const answer = await fetch(url, { method, ...body, headers: { authorization }, signal: AbortSignal.timeout(LIMIT_MILLISECONDS) }).catch((error: unknown) => {
    throw new Error(`${access.name}: ${cause(error)}`)
  })
  const text = await answer.text()
  if (answer.status === 401 || answer.status === 403) throw new SonarTrouble(`${access.name} refused api/${path} (${answer.status}): its token is wrong or lacks the right to it`)
  if (answer.status >= 500) throw new Error(`${access.name}: api/${path} answered ${answer.status}`)
  if (!answer.ok) throw new SonarTrouble(`${access.name}: api/${path} answered ${answer.status}: ${text.slice(0, 200)}`)
  return (text === "" ? {} : JSON.parse(text)) as Answer
}

function cause(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = error.cause instanceof Error ? `: ${"code" in error.cause ? String(error.cause.code) : error.cause.message}` : ""
  return `${error.message}${code}`
}

/** True once the server is up. On a new database it says for a while that it needs a migration, which it makes by itself. */
export async function isUp(access: SonarAccess): Promise<true | null> {
  const { status } = await askSonar<{ status: string }>(access, "system/status", {})
  return status === "UP" ? true : null
}

const GATE = "delivery"

/** Gives the project of the embedded server a gate with exactly these conditions. */
export async function prepareGate(access: SonarAccess, projectKey: string, conditions: readonly SonarCondition[]): Promise<void> {
  const { qualitygates } = await askSonar<{ qualitygates: readonly { name: string }[] }>(access, "qualitygates/list", {})
  if (!qualitygates.some(({ name }) => name === GATE)) await askSonar(access, "qualitygates/create", { name: GATE }, "POST")
  const { conditions: present = [] } = await askSonar<{ conditions?: readonly { id: string; metric: string; op: string; error: string }[] }>(access, "qualitygates/show", { name: GATE })
  const same = (one: { metric: string; op: string; error: string | number }, other: { metric: string; op: string; error: string | number }): boolean =>
    one.metric === other.metric && one.op === other.op && Number(one.error) === Number(other.error)
  for (const old of present.filter((each) => !conditions.some((wanted) => same(each, wanted)))) await askSonar(access, "qualitygates/delete_condition", { id: old.id }, "POST")
  for (const wanted of conditions.filter((each) => !present.some((old) => same(old, each)))) {
    await askSonar(access, "qualitygates/create_condition", { gateName: GATE, metric: wanted.metric, op: wanted.op, error: String(wanted.error) }, "POST")
  }
  const { components } = await askSonar<{ components: readonly { key: string }[] }>(access, "projects/search", { projects: projectKey })
  if (!components.some(({ key }) => key === projectKey)) await askSonar(access, "projects/create", { project: projectKey, name: projectKey }, "POST")
  await askSonar(access, "qualitygates/select", { gateName: GATE, projectKey }, "POST")
}

/** A token of the embedded server for one run's scanner. */
export async function analysisToken(access: SonarAccess, name: string): Promise<string> {
  return (await askSonar<{ token: string }>(access, "user_tokens/generate", { name, type: "GLOBAL_ANALYSIS_TOKEN" }, "POST")).token
}

export async function readTask(access: SonarAccess, id: string): Promise<SonarTask> {
  return (await askSonar<{ task: SonarTask }>(access, "ce/task", { id })).task
}

/** What the server found in an analysis. */
export interface SonarResult {
  readonly gate: GateStatus
  readonly measures: Readonly<Record<string, string>>
  readonly issues: readonly SonarIssue[]
}

export async function readResult(access: SonarAccess, projectKey: string, analysisId: string): Promise<SonarResult> {
  const [status, measures, issues] = await Promise.all([
    askSonar<{ projectStatus: GateStatus }>(access, "qualitygates/project_status", { analysisId }),
    askSonar<{ component: { measures: readonly { metric: string; value?: string }[] } }>(access, "measures/component", { component: projectKey, metricKeys: MEASURED.join(",") }),
    // The worst of them: SonarQube gives no more than these in one answer.
    askSonar<{ issues: readonly SonarIssue[] }>(access, "issues/search", { components: projectKey, resolved: "false", ps: String(PAGE), s: "SEVERITY", asc: "false" }),
  ])
  const measured = measures.component.measures.flatMap(({ metric, value }) => (value === undefined ? [] : [[metric, value]]))
  return { gate: status.projectStatus, measures: Object.fromEntries(measured) as Record<string, string>, issues: issues.issues }
}
