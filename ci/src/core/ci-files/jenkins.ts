import { approvedBy, credentialsOf, type CiPlan } from "./ci-plan.js"
import { HEAD_LINES } from "./head.js"

const JENKINS_RUN_ID = "jenkins-$BUILD_NUMBER-$GIT_COMMIT"

/** Jenkinsfile, declarative. */
export function renderJenkins(plan: CiPlan): string {
  const { branch, check, cron, deliver, gated, onRequest, weekly } = plan
  const label = plan.runner ?? "docker"
  const calls = Object.values(onRequest).map(({ call }) => call)
  const handOver = gated === null ? "" : "; stash name: 'plan', includes: '.delivery/runs/*/plans/*'"
  return `${[
    ...HEAD_LINES.map((line) => `// ${line}`),
    "// A workspace outlives its build: an older run's reports must not be taken for this one's.",
    "def cleanReports() { dir('.delivery') { deleteDir() } }",
    "def keepReports() { // of a red run too, which needs them most",
    "  archiveArtifacts '.delivery/runs/**'",
    "  junit '.delivery/runs/*/junit/*.xml'",
    "}",
    "pipeline {",
    "  agent none // a gate that waits holds no machine",
    `  parameters { choice(name: 'CALL', choices: [${["deliver", ...calls].map((call) => `'${call}'`).join(", ")}], description: 'What to run on ${branch}') }`,
    ...(cron === null ? [] : [`  triggers { cron(env.BRANCH_NAME == '${branch}' ? '${cron}' : '') }`]),
    "  options { disableConcurrentBuilds(); timeout(time: 24, unit: 'HOURS'); buildDiscarder(logRotator(numToKeepStr: '50', artifactNumToKeepStr: '20')) }",
    "  stages {",
    "    stage('run') {",
    `      agent { label '${label}' }`,
    "      stages {",
    ...jenkinsStage("check", `not { branch '${branch}' }`, [], jenkinsShell("check", check.call)),
    ...jenkinsStage("deliver", jenkinsRule(branch, true), deliver.credentials, `${jenkinsShell("deliver", deliver.call)}${handOver}`),
    ...(cron === null ? [] : jenkinsStage("weekly", "triggeredBy 'TimerTrigger'", credentialsOf(weekly), `parallel(${Object.entries(weekly).map(([name, { call }]) => `${name}: { ${jenkinsShell(name, call)} }`).join(", ")})`)),
    ...(calls.length === 0 ? [] : jenkinsStage("on-request", jenkinsRule(branch, false), credentialsOf(onRequest), jenkinsShell("on-request", "$CALL"))),
    "      }",
    "      post { always { keepReports() } }",
    "    }",
    ...(gated === null
      ? []
      : [
          `    stage('deploy-${gated.environment}') {`,
          `      when { beforeInput true; ${jenkinsRule(branch, true)} }`,
          `      input { message 'Deploy to ${gated.environment}?'; submitterParameter 'APPROVED_BY' }`,
          `      agent { label '${label}' }`,
          ...jenkinsSecrets(gated.credentials).map((line) => `      ${line}`),
          `      steps { cleanReports(); unstash 'plan'; ${jenkinsShell(`deploy-${gated.environment}`, approvedBy(gated.call, '"$APPROVED_BY"'))} }`,
          "      post { always { keepReports() } }",
          "    }",
        ]),
    "  }",
    "}",
  ].join("\n")}\n`
}

function jenkinsStage(name: string, conditions: string, credentials: readonly string[], step: string): readonly string[] {
  return [`stage('${name}') {`, `  when { ${conditions} }`, ...jenkinsSecrets(credentials).map((line) => `  ${line}`), `  steps { cleanReports(); ${step} }`, "}"].map((line) => `        ${line}`)
}

const jenkinsSecrets = (names: readonly string[]): readonly string[] => (names.length === 0 ? [] : [`environment { ${names.map((name) => `${name} = credentials('${name}')`).join("; ")} }`])

// A branch's first build knows no parameters yet.
const jenkinsRule = (branch: string, delivers: boolean): string =>
  `branch '${branch}'; not { triggeredBy 'TimerTrigger' }; expression { ${delivers ? "params.CALL in [null, 'deliver']" : "!(params.CALL in [null, 'deliver'])"} }`

/** Between single quotes Groovy puts nothing in: the shell does. */
const jenkinsShell = (name: string, call: string): string => `sh '${`./daggerw call --run-id=${JENKINS_RUN_ID}-${name} ${call}`.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`
