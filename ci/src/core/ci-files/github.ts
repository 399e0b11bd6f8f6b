import { approvedBy, credentialsOf, type CiPlan } from "./ci-plan.js"
import { HEAD_LINES } from "./head.js"
import { CI_ACTIONS, CI_IMAGES, type CiAction } from "./versions.js"

const GITHUB_CALL = "./daggerw call --run-id=github-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT-$GITHUB_JOB-${{ strategy.job-index }}"

/** .github/workflows/delivery.yml */
export function renderGithub(plan: CiPlan): string {
  const { branch, check, cron, deliver, gated, onRequest, weekly } = plan
  const runsOn = `    runs-on: ${plan.runner ?? CI_IMAGES.githubRunner}`
  // One that nothing refers to is a fault to actionlint.
  const anchor = (name: string): string => (gated === null ? "" : `&${name} `)
  const requested = Object.values(onRequest).map(({ call }) => call)
  return `${[
    ...HEAD_LINES.map((line) => `# ${line}`),
    "name: delivery",
    "on:",
    "  pull_request: # of a fork too: it gets no secrets",
    `  push: {branches: [${branch}]}`,
    ...(cron === null ? [] : [`  schedule: [{cron: "${cron}"}]`]),
    ...(requested.length === 0 ? [] : [`  workflow_dispatch: {inputs: {call: {type: choice, required: true, options: [${requested.join(", ")}]}}}`]),
    "permissions: {contents: read}",
    `concurrency: {group: "\${{ github.event.pull_request.number || github.ref }}"} # the running one ends and keeps its reports`,
    "jobs:",
    "  check:",
    "    if: github.event_name == 'pull_request'",
    runsOn,
    `    env: {CALL: ${quotedCall(check.call)}}`,
    "    steps: &steps",
    `      - ${anchor("checkout")}${action("checkout")}`,
    `      - run: ${GITHUB_CALL} $CALL`,
    // A red run needs its reports most.
    `      - ${anchor("summary")}{if: always(), run: cat .delivery/last/summary.md >> "$GITHUB_STEP_SUMMARY"}`,
    `      - ${anchor("reports")}${action("uploadArtifact", `name: "reports-\${{ github.job }}-\${{ strategy.job-index }}", path: .delivery/runs, include-hidden-files: true`, "always()")}`,
    `      - ${action("uploadSarif", "sarif_file: .delivery/last/sarif", "always() && github.job == 'deliver'")}`,
    "  deliver:",
    "    if: github.event_name == 'push'",
    "    permissions: {contents: read, security-events: write}",
    runsOn,
    `    env: {${[...githubSecrets(deliver.credentials), `CALL: ${quotedCall(deliver.call)}`].join(", ")}}`,
    "    steps: *steps",
    ...(gated === null
      ? []
      : [
          `  deploy-${gated.environment}:`,
          "    needs: deliver",
          `    environment: ${gated.url === null ? gated.environment : `{name: ${gated.environment}, url: "${gated.url}"}`}`,
          runsOn,
          ...(gated.credentials.length === 0 ? [] : [`    env: {${githubSecrets(gated.credentials).join(", ")}}`]),
          "    steps:",
          "      - *checkout",
          `      - ${action("downloadArtifact", "name: reports-deliver-0, path: .delivery/runs")}`,
          `      - run: ${GITHUB_CALL} ${approvedBy(gated.call, '"github-run-$GITHUB_RUN_ID"')}`,
          "      - *summary",
          "      - *reports",
        ]),
    ...(cron === null
      ? []
      : [
          "  weekly:",
          "    if: github.event_name == 'schedule'",
          `    strategy: {fail-fast: false, matrix: {call: [${Object.values(weekly).map((each) => each.call).join(", ")}]}}`,
          runsOn,
          `    env: {${[...githubSecrets(credentialsOf(weekly)), 'CALL: "${{ matrix.call }}"'].join(", ")}}`,
          "    steps: *steps",
        ]),
    ...(requested.length === 0
      ? []
      : ["  on-request:", "    if: github.event_name == 'workflow_dispatch'", runsOn, `    env: {${[...githubSecrets(credentialsOf(onRequest)), 'CALL: "${{ inputs.call }}"'].join(", ")}}`, "    steps: *steps"]),
  ].join("\n")}\n`
}

const githubSecrets = (names: readonly string[]): readonly string[] => names.map((name) => `${name}: "\${{ secrets.${name} }}"`)
// Its commas would end it between braces.
const quotedCall = (text: string): string => (text.includes(",") ? `"${text}"` : text)

function action(name: CiAction, inputs = "", condition = ""): string {
  const [uses, version] = CI_ACTIONS[name]
  return `{${[...(condition === "" ? [] : [`if: ${condition}`]), `uses: ${uses}`, ...(inputs === "" ? [] : [`with: {${inputs}}`])].join(", ")}} # ${version}`
}
