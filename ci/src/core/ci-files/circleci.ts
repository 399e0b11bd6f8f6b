import { approvedBy, type CiCall, type CiPlan } from "./ci-plan.js"
import { HEAD_LINES, quotedYaml } from "./head.js"
import { CI_IMAGES } from "./versions.js"

/** .circleci/config.yml */
export function renderCircleci(plan: CiPlan): string {
  const { branch, check, deliver, gated, onRequest, weekly, runner } = plan
  const hasWeekly = Object.keys(weekly).length > 0
  const asked = [...Object.keys(onRequest), ...(hasWeekly ? ["weekly"] : [])]
  return `${[
    ...HEAD_LINES.map((line) => `# ${line}`),
    "version: 2.1",
    "parameters: # a schedule sets it to weekly; whoever triggers a pipeline may set it",
    `  run: {type: enum, enum: [${["deliver", ...asked].join(", ")}], default: deliver}`,
    "jobs:",
    "  daggerw:",
    "    parameters: {call: {type: string}, before: {type: steps, default: []}}",
    `    machine: {image: "${CI_IMAGES.circleciMachine}"} # Dagger needs a container engine: the docker executor has none`,
    `    resource_class: ${runner ?? "large"}`,
    "    steps:",
    "      - checkout",
    "      - steps: << parameters.before >>",
    "      - run:",
    "          name: << parameters.call >>",
    "          command: ./daggerw call --run-id=circleci-$CIRCLE_BUILD_NUM << parameters.call >>",
    "          no_output_timeout: 30m # a load test may say nothing for longer than the default 10 minutes",
    "      # CircleCI runs these two after a failed step as well: a red run needs its reports most.",
    "      - store_artifacts: {path: .delivery/runs}",
    "      - store_test_results: {path: .delivery/last/junit}",
    "      - persist_to_workspace: {root: ., paths: [.delivery/runs]}",
    "workflows:",
    "  check: # also a fork's change: no context, so no secrets",
    `    when: {not: {equal: [${branch}, << pipeline.git.branch >>]}}`,
    "    jobs:",
    circleciJob("check", check, []),
    ...circleciWorkflow("deliver", branch, [
      circleciJob("deliver", deliver, [serialGroup("deliver")]),
      ...(gated === null
        ? []
        : [
            "      - approve: {type: approval, requires: [deliver]}",
            circleciJob(`deploy-${gated.environment}`, { ...gated, call: approvedBy(gated.call, '"circleci-workflow-$CIRCLE_WORKFLOW_ID"') }, ["requires: [approve]", serialGroup(gated.environment), "before: [attach_workspace: {at: .}]"]),
          ]),
    ]),
    ...(hasWeekly ? circleciWorkflow("weekly", branch, Object.entries(weekly).map(([name, call]) => circleciJob(name, call, []))) : []),
    ...Object.entries(onRequest).flatMap(([name, call]) => circleciWorkflow(name, branch, [circleciJob(name, call, [serialGroup(gated?.environment ?? "deliver")])])),
  ].join("\n")}\n`
}

function circleciWorkflow(name: string, branch: string, jobs: readonly string[]): readonly string[] {
  return [`  ${name}:`, `    when: {and: [{equal: [${branch}, << pipeline.git.branch >>]}, {equal: [${name}, << pipeline.parameters.run >>]}]}`, "    jobs:", ...jobs]
}

function circleciJob(name: string, { call, credentials }: CiCall, lines: readonly string[]): string {
  const context = credentials.length === 0 ? [] : ["context: delivery"]
  return `      - daggerw: {${[`name: ${name}`, ...context, ...lines, `call: ${quotedYaml(call)}`].join(", ")}}`
}

const serialGroup = (group: string): string => `serial-group: << pipeline.project.slug >>/${group}`
