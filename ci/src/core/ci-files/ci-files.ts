import type { CiSystem } from "../config/ci.js"
import type { CiPlan } from "./ci-plan.js"
import { renderCircleci } from "./circleci.js"
import { renderGithub } from "./github.js"
import { renderGitlab } from "./gitlab.js"
import { renderJenkins } from "./jenkins.js"

/** A file that `ci-generate` writes. */
export interface CiFile {
  readonly path: string
  readonly text: string
}

/** One line adds a system. */
const CI_RENDERERS: Readonly<Record<CiSystem, { readonly path: string; readonly render: (plan: CiPlan) => string }>> = {
  gitlab: { path: ".gitlab-ci.yml", render: renderGitlab },
  circleci: { path: ".circleci/config.yml", render: renderCircleci },
  jenkins: { path: "Jenkinsfile", render: renderJenkins },
  github: { path: ".github/workflows/delivery.yml", render: renderGithub },
}

/** Everything that a product's CI systems read. */
export function ciFiles(plan: CiPlan, systems: readonly CiSystem[]): readonly CiFile[] {
  return systems.map((system) => {
    const { path, render } = CI_RENDERERS[system]
    return { path, text: render(plan) }
  })
}

/** daggerw for a repository that does not hold the module: the same program with the module's address. */
export function wrapperFor(daggerw: string, module: string): string {
  return daggerw.replace(/^module=.*$/m, () => `module=${module}`)
}
