import { judgeSurroundings, lastLine, lastLines, type ExecOutcome } from "../gates/exec.js"
import { counted, errorGate, failedGate, passedGate, placelessFinding } from "../gates/gate.js"
import { lintFindings } from "../gates/lint/linters.js"
import { RULES_ANNOTATION } from "../route/http-route.js"
import type { Finding, GateResult } from "../run.js"
import { CHECK_SERVER } from "./check-server.js"
import type { CheckStep } from "./check-steps.js"

const APPLIED = /^(\S+) serverside-applied$/gm
const UNREACHABLE = /connection to the server .* was refused|Unable to connect to the server|i\/o timeout|context deadline exceeded/
const UNKNOWN_KIND = /no matches for kind "([^"]+)" in version "([^"]+)"/
const REFUSED = /ValidatingAdmissionPolicy|denied the request|\(Forbidden\)/

/** Judges a check: what the API server refuses is a fault of chart or policies; that there is no API server is not. */
export function judgeChartsCheck(steps: readonly CheckStep[], outcomes: ReadonlyMap<string, ExecOutcome>, chartPath: string, timeoutSeconds: number): GateResult {
  const server = outcomes.get(CHECK_SERVER.name)
  if (server === undefined || server.exitCode !== 0) return errorGate(`the API server did not start: ${lastLines(server?.stderr ?? "it said nothing", 6)}`)
  const judged = judgeSteps(steps, outcomes, chartPath, timeoutSeconds)
  const findings = judged.flatMap(({ findings: found }) => found)
  const worst = judged.find(({ verdict }) => verdict === "error") ?? judged.find(({ verdict }) => verdict === "failed")
  if (worst !== undefined) return { ...worst, findings }
  const acceptedObjects = steps.filter(({ kind }) => kind === "accept").reduce((sum, { name }) => sum + appliedNames(outcomes.get(name)).length, 0)
  const environments = new Set(steps.flatMap(({ environment }) => environment ?? []))
  return passedGate(`${counted(environments.size, "environment")}: Kubernetes ${serverVersion(server.stdout)} accepts ${counted(acceptedObjects, "object")}, ${policiesInForce(steps, outcomes)}`, findings)
}

/** What was not rendered could not be applied either: one fault is told once. */
function judgeSteps(steps: readonly CheckStep[], outcomes: ReadonlyMap<string, ExecOutcome>, chartPath: string, timeoutSeconds: number): readonly GateResult[] {
  const broken = new Set<string | null>()
  return steps.flatMap((step) => {
    if (broken.has(step.environment) && (step.kind === "render" || step.kind === "accept" || step.kind === "rules")) return []
    const gate = judgeStep(step, outcomes.get(step.name), chartPath, timeoutSeconds)
    if (gate.verdict === "failed" && (step.kind === "lint" || step.kind === "render" || step.kind === "accept")) broken.add(step.environment)
    return gate
  })
}

function judgeStep(step: CheckStep, outcome: ExecOutcome | undefined, chartPath: string, timeoutSeconds: number): GateResult {
  if (outcome === undefined) return errorGate(`${step.name} was not reached`)
  const stopped = judgeSurroundings(outcome, timeoutSeconds)
  if (stopped !== null) return { ...stopped, reason: `${step.name}: ${stopped.reason}` }
  if (UNREACHABLE.test(outcome.stderr)) return errorGate(`${step.name}: the API server is gone: ${lastLine(outcome)}`)
  switch (step.kind) {
    case "definitions":
    case "namespace":
      return outcome.exitCode === 0 ? passedGate("") : errorGate(`${step.name}: ${lastLine(outcome)}`)
    case "policies":
      return judgePolicies(step, outcome)
    case "lint":
      return judgeHelm(step, outcome, lintFindings(outcome).map((found) => ({ ...found, message: `${step.environment}: ${found.message}`, file: found.file === null ? null : `${chartPath}/${found.file}` })))
    case "render":
      return judgeHelm(step, outcome, [])
    case "guard":
      return judgeGuard(step, outcome)
    case "accept":
      return judgeAccepted(step, outcome)
    case "rules":
      return outcome.exitCode === 0 ? passedGate("") : failedGate(`${step.environment}: the HTTPRoute's annotation ${RULES_ANNOTATION}: ${lastLines(outcome.stderr || outcome.stdout, 3).replaceAll("\n", " ")}`)
  }
}

function judgeHelm(step: CheckStep, outcome: ExecOutcome, findings: readonly Finding[]): GateResult {
  if (outcome.exitCode === 0) return passedGate("", findings)
  const told = findings.filter(({ severity }) => severity === "high")
  const first = told[0]?.message ?? `${step.environment}: ${lastLines(outcome.stderr || outcome.stdout, 3).replaceAll("\n", " ")}`
  return failedGate(first, told.length > 0 ? findings : [...findings, placelessFinding("high", "helm", first)])
}

/** Kinds of programs that a bare server does not have, such as Kyverno's, cannot be checked here; what it does have must be right. */
function judgePolicies(step: CheckStep, outcome: ExecOutcome): GateResult {
  const findings = refusals(outcome).map((message) => placelessFinding(UNKNOWN_KIND.test(message) ? "info" : "high", "policies", message))
  const wrong = findings.find(({ severity }) => severity === "high")
  if (wrong !== undefined) return failedGate(`policies: ${wrong.message}`, findings)
  if (step.stdoutFile === undefined && policyNames(outcome).length === 0) return failedGate("policies: there is no ValidatingAdmissionPolicy among them, so nothing of them could be checked", findings)
  return passedGate("", findings)
}

function judgeGuard({ environment }: CheckStep, outcome: ExecOutcome): GateResult {
  if (outcome.exitCode === 0) {
    return failedGate(`${environment}: the policies let a privileged Deployment in that is named by a tag; expected a policy with a binding for its namespace`)
  }
  return REFUSED.test(outcome.stderr) ? passedGate("") : errorGate(`${environment}: what the policies must refuse was refused for another reason: ${lastLine(outcome)}`)
}

function judgeAccepted({ environment }: CheckStep, outcome: ExecOutcome): GateResult {
  const refused = refusals(outcome).map((message) => placelessFinding("high", "refused", `${environment}: ${withAdvice(message)}`))
  const warnings = [...outcome.stderr.matchAll(/^Warning: (.*)$/gm)].map(([, message = ""]) => message)
  // Only a pod is refused for that; a Deployment is taken, and never gets its pods.
  const insecure = warnings.filter((message) => message.startsWith("would violate PodSecurity")).map((message) => placelessFinding("high", "pod-security", `${environment}: ${message}`))
  const others = warnings.filter((message) => !message.startsWith("would violate PodSecurity")).map((message) => placelessFinding("low", "warning", `${environment}: ${message}`))
  const findings = [...refused, ...insecure, ...others]
  const first = refused[0] ?? insecure[0]
  if (first !== undefined) return failedGate(first.message, findings)
  if (outcome.exitCode !== 0) return failedGate(`${environment}: ${lastLine(outcome)}`, findings)
  if (appliedNames(outcome).length === 0) return failedGate(`${environment}: the chart renders to no object at all`, findings)
  return passedGate("", findings)
}

/** Each object that was refused is told on a line of its own, or on several of which the first begins without a blank or a star. */
function refusals({ exitCode, stderr }: ExecOutcome): readonly string[] {
  if (exitCode === 0) return []
  const said: string[] = []
  for (const line of stderr.split("\n")) {
    if (/^(Warning: |ensure CRDs are installed first|\s*$)/.test(line)) continue
    if (/^[\s*]/.test(line) && said.length > 0) said.push(`${said.pop()} ${line.trim()}`)
    else said.push(line.trim())
  }
  return said.map((line) => line.replace(/^\[?(error: )?\[?(Error from server(?: \(\w+\))?: )?/, "").slice(0, 600))
}

function withAdvice(message: string): string {
  const [, kind] = UNKNOWN_KIND.exec(message) ?? []
  return kind === undefined ? message : `${message}; its cluster does not have ${kind}: switch it off in the environment's values`
}

const appliedNames = (outcome: ExecOutcome | undefined): readonly string[] => [...(outcome?.stdout ?? "").matchAll(APPLIED)].map(([, name = ""]) => name)
const policyNames = (outcome: ExecOutcome | undefined): readonly string[] => appliedNames(outcome).filter((name) => name.startsWith("validatingadmissionpolicy."))

function policiesInForce(steps: readonly CheckStep[], outcomes: ReadonlyMap<string, ExecOutcome>): string {
  const applied = steps.filter(({ kind }) => kind === "policies").flatMap(({ name }) => policyNames(outcomes.get(name)))
  return applied.length === 0 ? "no policies" : `${applied.length} ${applied.length === 1 ? "policy" : "policies"} in force`
}

function serverVersion(text: string): string {
  return /"serverVersion":[^]*?"gitVersion":\s*"([^"]+)"/.exec(text)?.[1] ?? "of an unknown version"
}
