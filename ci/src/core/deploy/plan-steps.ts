import type { Command } from "../config/commands.js"
import { describeSeconds, type Step, type StepOutcome } from "../steps/step.js"
import { helmDryRunArguments, helmHistoryArguments, helmLintArguments, helmManifestArguments, helmRenderArguments, helmTemplateArguments, kubectlDryRunArguments, kubectlLiveArguments, type HelmRelease } from "./helm.js"

/** Where the rendered objects lie; to be made before. */
export const PLAN_RENDERED = "/work/rendered"

/** What is asked before anything is written, by the name that its outcome has. */
export const PLAN_STEPS = ["lint", "history", "render", "objects", "manifest", "live", "helm", "dry-run"] as const
export type PlanStep = (typeof PLAN_STEPS)[number]
export type PlanOutcomes = Readonly<Partial<Record<PlanStep, StepOutcome>>>

/** The steps of the plan. In a namespace that is not there yet the API server accepts nothing: it is asked once it is. */
export function planSteps(release: HelmRelease, namespaceExists: boolean): readonly Step[] {
  const commands: Readonly<Partial<Record<PlanStep, Command>>> = {
    lint: helmLintArguments(release),
    history: helmHistoryArguments(release),
    render: [...helmRenderArguments(release), "--dry-run=server"],
    objects: helmTemplateArguments(release, PLAN_RENDERED),
    manifest: helmManifestArguments(release, null),
    live: kubectlLiveArguments(release.namespace, PLAN_RENDERED),
    ...(namespaceExists ? { helm: helmDryRunArguments(release), "dry-run": [...kubectlDryRunArguments(release.namespace, PLAN_RENDERED), "--output=json"] } : {}),
  }
  return PLAN_STEPS.flatMap((name) => (commands[name] === undefined ? [] : [{ name, argv: commands[name] }]))
}

export const planOutcomes = (outcomes: readonly StepOutcome[]): PlanOutcomes => Object.fromEntries(outcomes.map((outcome) => [outcome.name, outcome]))

/** `lint 0.4 s, render 0.6 s`: what the checks cost. */
export const planSeconds = (outcomes: PlanOutcomes): string => describeSeconds(PLAN_STEPS.flatMap((step) => outcomes[step] ?? []))
