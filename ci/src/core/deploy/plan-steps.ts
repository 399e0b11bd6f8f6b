import type { Command } from "../config/commands.js"
import { describeSeconds, type Step, type StepOutcome } from "../steps/step.js"
import { helmDryRunArguments, helmHistoryArguments, helmLintArguments, helmManifestArguments, helmRenderArguments, helmTemplateArguments, kubectlDryRunArguments, kubectlLiveArguments, type HelmRelease } from "./helm.js"

/** Where the rendered objects lie; to be made before. */
export const PLAN_RENDERED = "/work/rendered"
export const PLAN_RENDERED_TRACK = "/work/rendered-track"

/** What is asked before anything is written, by the name that its outcome has. */
export const PLAN_STEPS = ["lint", "history", "render", "objects", "manifest", "live", "helm", "dry-run", "content", "track", "track-objects", "track-dry-run"] as const
export type PlanStep = (typeof PLAN_STEPS)[number]
export type PlanOutcomes = Readonly<Partial<Record<PlanStep, StepOutcome>>>

/** Values files of the phases that a rollout has besides the last one. */
export interface PhaseValues {
  /** The new release on its track, beside what runs. */
  readonly track: readonly string[]
  /** What is left when the rollout has ended: laid over those of the release. */
  readonly last: readonly string[]
}

/** The steps of the plan. In a namespace that is not there yet the API server accepts nothing: it is asked once it is. */
export function planSteps(plain: HelmRelease, namespaceExists: boolean, phases: PhaseValues | null = null): readonly Step[] {
  const release = phases === null ? plain : { ...plain, values: [...plain.values, ...phases.last] }
  const commands: Readonly<Partial<Record<PlanStep, Command>>> = {
    lint: helmLintArguments(release),
    history: helmHistoryArguments(release),
    render: [...helmRenderArguments(release), "--dry-run=server"],
    objects: helmTemplateArguments(release, PLAN_RENDERED),
    manifest: helmManifestArguments(release, null),
    live: kubectlLiveArguments(release.namespace, PLAN_RENDERED),
    ...(namespaceExists ? { helm: helmDryRunArguments(release), "dry-run": [...kubectlDryRunArguments(release.namespace, PLAN_RENDERED), "--output=json"] } : {}),
    ...(phases === null ? {} : { content: [...helmRenderArguments(plain), "--dry-run=server"], ...trackSteps({ ...plain, values: phases.track }) }),
  }
  return PLAN_STEPS.flatMap((name) => (commands[name] === undefined ? [] : [{ name, argv: commands[name] }]))
}

function trackSteps(release: HelmRelease): Readonly<Partial<Record<PlanStep, Command>>> {
  return {
    track: [...helmRenderArguments(release), "--dry-run=server"],
    "track-objects": helmTemplateArguments(release, PLAN_RENDERED_TRACK),
    "track-dry-run": [...kubectlDryRunArguments(release.namespace, PLAN_RENDERED_TRACK), "--output=json"],
  }
}

export const planOutcomes = (outcomes: readonly StepOutcome[]): PlanOutcomes => Object.fromEntries(outcomes.map((outcome) => [outcome.name, outcome]))

/** `lint 0.4 s, render 0.6 s`: what the checks cost. */
export const planSeconds = (outcomes: PlanOutcomes): string => describeSeconds(PLAN_STEPS.flatMap((step) => outcomes[step] ?? []))
