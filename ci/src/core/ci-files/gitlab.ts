import { approvedBy, type CiPlan } from "./ci-plan.js"
import { HEAD_LINES, quotedYaml } from "./head.js"
import { CI_IMAGES } from "./versions.js"

const GITLAB_CALL = "./daggerw call --run-id=gitlab-$CI_JOB_ID"

/** .gitlab-ci.yml */
export function renderGitlab(plan: CiPlan): string {
  const { branch, runner, weekly, onRequest } = plan
  return `${[
    ...HEAD_LINES.map((line) => `# ${line}`),
    "workflow:",
    "  rules: # one pipeline for a change: a branch that has a merge request would get two",
    `    - if: $CI_PIPELINE_SOURCE == "merge_request_event"`,
    `    - if: $CI_COMMIT_BRANCH == "${branch}"`,
    "variables:",
    `  RUN: {value: deliver, options: [${["deliver", ...Object.keys(onRequest)].join(", ")}], description: What a pipeline that is started by hand does}`,
    ...(plan.engineIsKept
      ? []
      : ["  DOCKER_HOST: tcp://docker:2376 # runners need the Docker executor with privileged and the volume /certs/client", `  DOCKER_TLS_VERIFY: "1"`, "  DOCKER_CERT_PATH: /certs/client"]),
    "default:",
    `  image: ${CI_IMAGES.dockerCli}`,
    ...(plan.engineIsKept ? [] : [`  services: [{name: "${CI_IMAGES.dockerEngine}", alias: docker, variables: {DOCKER_TLS_CERTDIR: /certs, HEALTHCHECK_TCP_PORT: "2376"}}]`]),
    ...(runner === null ? [] : [`  tags: [${runner}]`]),
    "  timeout: 2 hours # only for a runner that hangs: each stage has a timeout of its own",
    "  retry: {max: 1, when: runner_system_failure} # the module itself retries what a retry can help",
    "  artifacts:",
    "    when: always # a red run needs its reports most",
    "    access: developer # findings and logs are not for everybody who may see the project",
    "    paths: [.delivery/runs/]",
    "    reports:",
    "      junit: .delivery/last/junit/*.xml",
    "      codequality: .delivery/last/codequality.json",
    "      coverage_report: {coverage_format: cobertura, path: .delivery/last/coverage/*/cobertura.xml}",
    "      sast: .delivery/last/gitlab/sast.json",
    "      container_scanning: .delivery/last/gitlab/container-scanning.json",
    ...checkJob(plan),
    ...deliverJobs(plan),
    ...(Object.keys(weekly).length === 0
      ? []
      : ["weekly:", `  rules: [{if: $CI_PIPELINE_SOURCE == "schedule"}]`, `  parallel: {matrix: [{CALL: [${Object.values(weekly).map(({ call }) => call).join(", ")}]}]}`, `  script: ${GITLAB_CALL} $CALL`]),
    ...requestJob(plan),
  ].join("\n")}\n`
}

function checkJob({ check }: CiPlan): readonly string[] {
  return ["check:", `  rules: [{if: $CI_PIPELINE_SOURCE == "merge_request_event"}]`, "  resource_group: check-$CI_MERGE_REQUEST_IID # the running one ends and keeps its reports", gitlabScript(`${GITLAB_CALL} ${check.call}`)]
}

function deliverJobs({ deliver, gated, identityToken }: CiPlan): readonly string[] {
  const token = identityToken === null ? [] : [`  id_tokens: {${identityToken}: {aud: sigstore}}`]
  const first = ["deliver:", `  rules: [{if: ${gitlabRule("deliver")}}]`, "  resource_group: deliver", ...token, gitlabScript(`${GITLAB_CALL} ${deliver.call}`)]
  if (gated === null) return first
  const { environment, url } = gated
  return [
    ...first,
    `deploy-${environment}:`,
    "  needs: [deliver]",
    `  rules: [{if: ${gitlabRule("deliver")}, when: manual}]`,
    `  environment: ${url === null ? environment : `{name: ${environment}, url: "${url}"}`}`,
    `  resource_group: ${environment}`,
    gitlabScript(`${GITLAB_CALL} ${approvedBy(gated.call, '"$GITLAB_USER_LOGIN"')}`),
  ]
}

function requestJob({ onRequest, gated }: CiPlan): readonly string[] {
  if (Object.keys(onRequest).length === 0) return []
  const rules = Object.entries(onRequest).map(([name, { call }]) => `    - {if: ${gitlabRule(name)}, variables: {CALL: ${call}}}`)
  return ["on-request:", "  rules:", ...rules, `  resource_group: ${gated?.environment ?? "deliver"}`, `  script: ${GITLAB_CALL} $CALL`]
}

// A merge request's pipeline has no $CI_COMMIT_BRANCH, and `workflow` lets no other branch in.
const gitlabRule = (run: string): string => `$CI_COMMIT_BRANCH && $CI_PIPELINE_SOURCE != "schedule" && $RUN == "${run}"`
const gitlabScript = (line: string): string => `  script: ${quotedYaml(line)}`
