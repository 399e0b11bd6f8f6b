import type { CiConfig, CiSystem } from "../config/ci.js"
import { credentialsOf, type CiPlan } from "./ci-plan.js"

/** What `ci-generate` says is left to do: what no file of a repository can hold. */
export function nextSteps(plan: CiPlan, { systems, branch }: CiConfig): readonly string[] {
  const names = credentialsOf({ deliver: plan.deliver, ...plan.weekly, ...plan.onRequest })
  const all = names.length === 0 ? "none are needed" : names.join(", ")
  return [`Written for ${systems.join(", ")}. What is left to do there, once:`, ...systems.flatMap((system) => SET_UP_STEPS[system](plan, all, branch)), "Then commit, and keep them true with `daggerw call ci-check`."]
}

const SET_UP_STEPS: Readonly<Record<CiSystem, (plan: CiPlan, secrets: string, branch: string) => readonly string[]>> = {
  gitlab: ({ gated, cron }, secrets, branch) => [
    `  gitlab: Settings > CI/CD > Variables, masked and protected: ${secrets}. Settings > Repository: protect ${branch}.`,
    ...(cron === null ? [] : [`  gitlab: Build > Pipeline schedules: ${cron} on ${branch}.`]),
    ...(gated === null ? [] : [`  gitlab: Settings > CI/CD > Protected environments: who may run deploy-${gated.environment}.`]),
  ],
  circleci: ({ gated, cron }, secrets, branch) => [
    `  circleci: Organization Settings > Contexts: one named delivery, with ${secrets}; leave "Pass secrets to builds from forked pull requests" off.`,
    ...(cron === null ? [] : [`  circleci: Project Settings > Triggers: a schedule (${cron}) on ${branch} with the parameter run: weekly.`]),
    ...(gated === null ? [] : ["  circleci: restrict the context delivery to a security group: then only its members can approve."]),
  ],
  jenkins: ({ gated }, secrets) => [
    `  jenkins: a Multibranch Pipeline; Credentials of the kind "Secret text", each with its name as ID: ${secrets}. Trust no forks.`,
    ...(gated === null ? [] : [`  jenkins: whoever may build the job may approve; \`submitter\` of the input step narrows it.`]),
  ],
  github: ({ gated }, secrets) => [
    `  github: Settings > Secrets and variables > Actions: ${secrets}.`,
    ...(gated === null ? [] : [`  github: Settings > Environments > ${gated.environment}: required reviewers. Without them nothing is asked.`]),
  ],
}
