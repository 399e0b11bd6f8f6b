import type { Command } from "../config/commands.js"
import type { ExecOutcome } from "../gates/exec.js"
import { shellWord } from "../shell-word.js"
import { helmDryRunArguments, helmHistoryArguments, helmLintArguments, helmManifestArguments, helmRenderArguments, helmTemplateArguments, kubectlDryRunArguments, kubectlLiveArguments, type HelmRelease } from "./helm.js"

export const PLAN_OUT = "/out"
const PLAN_RENDERED = "/work/rendered"

/** What is asked before anything is written, by the name that its outcome has. */
export const PLAN_STEPS = ["lint", "history", "render", "objects", "manifest", "live", "helm", "dry-run"] as const
export type PlanStep = (typeof PLAN_STEPS)[number]
export type PlanOutcomes = Readonly<Partial<Record<PlanStep, ExecOutcome & { readonly seconds: number }>>>

/** The commands of the plan. In a namespace that is not there yet the API server accepts nothing: it is asked once it is. */
export function planCommands(release: HelmRelease, namespaceExists: boolean): Readonly<Partial<Record<PlanStep, Command>>> {
  return {
    lint: helmLintArguments(release),
    history: helmHistoryArguments(release),
    render: [...helmRenderArguments(release), "--dry-run=server"],
    objects: helmTemplateArguments(release, PLAN_RENDERED),
    manifest: helmManifestArguments(release, null),
    live: kubectlLiveArguments(release.namespace, PLAN_RENDERED),
    ...(namespaceExists ? { helm: helmDryRunArguments(release), "dry-run": [...kubectlDryRunArguments(release.namespace, PLAN_RENDERED), "--output=json"] } : {}),
  }
}

/** All commands in one script: each start of a container costs more than most of them. `/proc/uptime` is a clock that every image has. */
export function planScript(commands: Readonly<Partial<Record<PlanStep, Command>>>): string {
  const steps = PLAN_STEPS.flatMap((name) => {
    const argv = commands[name]
    return argv === undefined ? [] : [`step ${name} ${argv.map(shellWord).join(" ")}`]
  })
  return ["set -u", `mkdir -p ${PLAN_OUT} ${PLAN_RENDERED}`, STEP, ...steps].join("\n")
}

const STEP = `step() {
  name=$1; shift
  read -r from _ </proc/uptime
  rc=0; "$@" >${PLAN_OUT}/$name.out 2>${PLAN_OUT}/$name.err || rc=$?
  read -r to _ </proc/uptime
  echo "$name $rc $from $to" >>${PLAN_OUT}/steps
}`

/** The outcomes from what the script left. */
export function planOutcomes(commands: Readonly<Partial<Record<PlanStep, Command>>>, steps: string, read: (file: string) => string): PlanOutcomes {
  const lines = steps.split("\n").filter((line) => line !== "").map((line) => line.split(" "))
  const outcomes = lines.flatMap(([name = "", code = "", from = "", to = ""]) => {
    const step = PLAN_STEPS.find((known) => known === name)
    if (step === undefined) return []
    return [[step, { argv: commands[step] ?? [], exitCode: Number(code), stdout: read(`${step}.out`), stderr: read(`${step}.err`), seconds: Math.round((Number(to) - Number(from)) * 100) / 100 }] as const]
  })
  return Object.fromEntries(outcomes)
}

/** `lint 0.4 s, render 0.6 s`: what the checks cost. */
export const planSeconds = (outcomes: PlanOutcomes): string => PLAN_STEPS.flatMap((step) => (outcomes[step] === undefined ? [] : [`${step} ${outcomes[step].seconds.toFixed(1)} s`])).join(", ")
