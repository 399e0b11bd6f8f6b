/**
 * The whole delivery of a product, from lint to production: reads delivery.yaml, runs the stages, leaves reports.
 *
 * Start with `./daggerw call pipeline`, or with `dagger call deliver`, which is the same. Each stage is also a function of its own. Every call ends with a table and an exit status:
 * 0 passed, 1 failed, 2 error, 3 inconclusive, 4 awaiting approval, 5 drift.
 */
import { argument, type Changeset, type Directory, type File, func, object, type Secret } from "@dagger.io/dagger"
import { LOCAL_ENVIRONMENT } from "./core/config/environments-check.js"
import type { Config } from "./core/config/model.js"
import { DeliveryError, UsageError } from "./core/errors.js"
import { isVersionTag } from "./core/package/image-facts.js"
import { withStrategy } from "./core/deploy/named-strategy.js"
import { environmentRun } from "./core/deploy/environment-run.js"
import { errorGate } from "./core/gates/gate.js"
import { readLoadRequest, type PerfFlags } from "./core/perf/load-request.js"
import { withLoadTime } from "./core/perf/load-shape.js"
import { refuseTarget } from "./core/perf/load-target.js"
import { endsWithPlan, planPipeline, planStages, type ChangedSince, type PlannedStage } from "./core/plan.js"
import { refuseNullPins } from "./core/pins/refuse.js"
import { refusedRun } from "./core/refusal.js"
import type { GateResult } from "./core/run.js"
import { singleRun } from "./core/single-run.js"
import { renderPlan } from "./core/report/plan-table.js"
import { CI_CHECK_STAGE, checkedFiles } from "./core/ci-files/check-files.js"
import { changedSince, readChanges } from "./edges/changes.js"
import { readCheckout, type Checkout } from "./edges/checkout.js"
import { readCiFiles, writeCiFiles } from "./edges/ci-files.js"
import { finish } from "./edges/finish.js"
import { checkTerraform, type CallResult } from "./edges/terraform/check.js"
import { brokenCall } from "./edges/terraform/broken-call.js"
import { applyTerraform, planTerraform, terraformDrift } from "./edges/terraform/live.js"
import { rowsRun } from "./core/terraform/rows-run.js"
import { fillPins, verifyPins } from "./edges/pins.js"
import { tellForge } from "./edges/forge.js"
import { writeDeliveryYaml } from "./edges/init.js"
import { withReports } from "./edges/report.js"
import { checkRunId, findArchive, readRun, RunStore, type RunArchive } from "./edges/run-store.js"
import { runStages } from "./edges/run-stages.js"
import { answerForRelease } from "./edges/verify-release.js"
import { createRun, runHeader, type CallOptions } from "./edges/create-run.js"
import { commandRollout, rolloutStatus } from "./edges/canary/person.js"
import { findDrift } from "./edges/deploy/drift.js"
import { environmentTools } from "./edges/deploy/environment-tools.js"
import { historyOf, rollBackEnvironment } from "./edges/deploy/roll-back-environment.js"
import type { RowOutput, Run } from "./edges/run.js"

/** Lint to production for the product that delivery.yaml describes. */
@object()
export class Delivery {
  source: Directory
  modulePins: File
  platform: Directory
  credentials: Secret[]
  credentialNames: string[]
  runId: string
  commit: string
  dirty: boolean
  version: string
  commitTime: string
  images: string
  mirrorPrefix: string
  mirrorUrl: string
  maxParallel: number
  changes?: File

  constructor(
    /** The checkout to deliver, with its delivery.yaml. Default: the repository that the call is made in. */
    @argument({ defaultPath: "/", ignore: [".git", ".delivery", "**/node_modules", "**/.venv", "**/__pycache__", "**/.terraform"] })
    source: Directory,
    /** Images and tools to use where the checkout's pins.yaml names none. Default: the module's own. */
    @argument({ defaultPath: "/pins.yaml" })
    modulePins: File,
    /** What the cluster of `local` needs around the product. Default: the module's own. */
    @argument({ defaultPath: "/charts/platform" })
    platform: Directory,
    /** Credentials by the names that delivery.yaml gives them, each as `env:NAME`. */
    credentials: Secret[] = [],
    /** Names of these credentials, in the same order; daggerw passes them. Default: those of their variables, of which Dagger keeps one where two have the same value. */
    credentialNames: string[] = [],
    /** Name of the run in reports and image tags. Default: made from the time. */
    runId = "",
    /** Commit of the checkout; daggerw passes it. */
    commit = "unknown",
    /** The checkout has changes that its commit does not hold. */
    dirty = false,
    /** Version of the release, such as v1.4.0, as a second tag of its images; daggerw passes the commit's tag. Default: none. */
    releaseVersion = "",
    /** When the commit was made, ISO 8601 in UTC; images count as made then. daggerw passes it. */
    commitTime = "",
    /** Whose images to use: `upstream` for the publishers', `mirror` for those of the air-gapped kit. */
    images = "upstream",
    /** Registry host, and path, put before the name of every tool image. Default: none. */
    mirrorPrefix = "",
    /** Address of a registry mirror as containers reach it, such as `http://mirror:5000`: for what tools pull by themselves, such as the vulnerability database. Default: none. */
    mirrorUrl = "",
    /** How many stages may run at once. Default: one for each core of the engine's machine, and at least 2. */
    maxParallel = 0,
    /** What changed since the commit of --since, as `git diff` tells it; daggerw passes it. */
    changes?: File,
  ) {
    this.source = source
    this.modulePins = modulePins
    this.platform = platform
    this.credentials = credentials
    this.credentialNames = credentialNames
    this.runId = runId === "" ? "" : checkRunId(runId)
    this.commit = commit
    this.dirty = dirty
    this.version = checkVersion(releaseVersion)
    this.commitTime = commitTime
    this.images = images
    this.mirrorPrefix = mirrorPrefix
    this.mirrorUrl = mirrorUrl
    this.maxParallel = maxParallel
    this.changes = changes
  }

  /** Runs the whole pipeline: checks, builds, images, and for each environment deploy, smoke and load test. */
  @func({ cache: "never" })
  async deliver(
    /** Environments to deliver to, in the order of delivery.yaml. Default: local. */
    environments: string[] = [],
    /** Stages to leave out. */
    skip: string[] = [],
    /** Stages to run; all others are left out. */
    only: string[] = [],
    /** Last stage to run, or `<environment>-plan`. Default: the whole way. */
    until = "",
    /** Services to check and build. Default: all. */
    services: string[] = [],
    /** Only services that changed since this commit, branch or tag, or that depend on one that did. */
    since = "",
    /** Print the plan and run nothing. */
    dryRun = false,
  ): Promise<string> {
    const wanted = environments.length === 0 ? ["local"] : environments
    const plan: PlanMaker = (config, changed) => planPipeline(config, { environments: wanted, skip, only, until: until === "" ? null : until, services, since: changed })
    if (!dryRun) return this.execute("pipeline", plan, { environments: wanted, since })
    const { config } = await readCheckout(this)
    return renderPlan(plan(config, changedSince(since, config, await readChanges(since, this.changes))))
  }

  /** The same as `deliver`. The CLI of Dagger 0.21 hides every function of this name; daggerw takes it all the same. */
  @func({ cache: "never" })
  async pipeline(
    /** Environments to deliver to, in the order of delivery.yaml. Default: local. */
    environments: string[] = [],
    /** Stages to leave out. */
    skip: string[] = [],
    /** Stages to run; all others are left out. */
    only: string[] = [],
    /** Last stage to run, or `<environment>-plan`. Default: the whole way. */
    until = "",
    /** Services to check and build. Default: all. */
    services: string[] = [],
    /** Only services that changed since this commit, branch or tag, or that depend on one that did. */
    since = "",
    /** Print the plan and run nothing. */
    dryRun = false,
  ): Promise<string> {
    return this.deliver(environments, skip, only, until, services, since, dryRun)
  }

  /** Runs the linters of the services, and lints Dockerfiles, YAML, CI files and the chart; never writes to the tree. */
  @func({ cache: "never" })
  async lint(
    /** Services to lint. Default: all, and the files that belong to none. */
    services: string[] = [],
    /** Only services that changed since this commit, branch or tag, or that depend on one that did. */
    since = "",
  ): Promise<string> {
    return this.stages("lint", ["lint", "lint-files"], { services, since })
  }

  /** Has a bare API server with the pinned definitions and the admission policies judge the chart as each environment gets it, before there is a cluster. */
  @func({ cache: "never" })
  async chartsCheck(): Promise<string> {
    return this.stages("charts-check", ["charts-check"], {})
  }

  /** Asks the registries for known vulnerabilities in the locked dependencies. */
  @func({ cache: "never" })
  async audit(
    /** Services to audit. Default: all. */
    services: string[] = [],
    /** Only services that changed since this commit, branch or tag, or that depend on one that did. */
    since = "",
  ): Promise<string> {
    return this.stages("audit", ["audit"], { services, since })
  }

  /** Builds the services from their sources, keeps what they built with the reports, and starts each once to see that it answers. */
  @func({ cache: "never" })
  async build(
    /** Services to build. Default: all. */
    services: string[] = [],
    /** Only services that changed since this commit, branch or tag, or that depend on one that did. */
    since = "",
  ): Promise<string> {
    return this.stages("build", ["build"], { services, since, keepArtifacts: true })
  }

  /** Runs the tests of the services and keeps their JUnit and coverage reports. */
  @func({ cache: "never" })
  async test(
    /** Services to test. Default: all. */
    services: string[] = [],
    /** Only services that changed since this commit, branch or tag, or that depend on one that did. */
    since = "",
  ): Promise<string> {
    return this.stages("test", ["test"], { services, since })
  }

  /** Builds the images of the services and puts them into the run's own registry. */
  @func({ cache: "never" })
  async package(
    /** Services to package. Default: all. */
    services: string[] = [],
  ): Promise<string> {
    return this.stages("package", ["package"], { services })
  }

  /** Scans sources and images for vulnerabilities, secrets and unsafe configuration; builds the images first. */
  @func({ cache: "never" })
  async scan(
    /** Services whose images to scan. Default: all, and the sources. */
    services: string[] = [],
    /** The repository's `.git`: then all that was ever committed is searched for secrets too. Default: the tree alone. */
    @argument({ ignore: ["config", "hooks", "logs", "modules", "lfs", "worktrees", "index"] })
    history?: Directory,
  ): Promise<string> {
    return this.stages("scan", ["scan-files", "package", "scan-images", "scan-chart-images"], { services, history })
  }

  /** Looks for insecure code: ESLint's security rules for Node, Bandit's for Python. */
  @func({ cache: "never" })
  async sast(
    /** Services to look at. Default: all. */
    services: string[] = [],
    /** Only services that changed since this commit, branch or tag, or that depend on one that did. */
    since = "",
  ): Promise<string> {
    return this.stages("sast", ["sast"], { services, since })
  }

  /** Has the services' sources judged by SonarQube's quality gate, with what their tests cover; runs these first. */
  @func({ cache: "never" })
  async sonar(): Promise<string> {
    return this.stages("sonar", ["test", "sonar"], {})
  }

  /** Signs the images and says what they are made of and from, in the run's own registry; builds and scans them first. */
  @func({ cache: "never" })
  async sign(): Promise<string> {
    return this.stages("sign", ["package", "scan-images", "scan-chart-images", "sign"], {})
  }

  /** Pushes the images of this commit, what was signed of them and its release.json to the registry of delivery.yaml. */
  @func({ cache: "never" })
  async push(
    /** Stages to leave out, such as scan-images; the closing table says so. */
    skip: string[] = [],
  ): Promise<string> {
    return this.stages("push", ["package", "scan-images", "scan-chart-images", "sign", "push"], { toRegistry: true, skip })
  }

  /** Says what a deployment would change, as the API server itself answers, and gives the plan a hash; writes nothing. */
  @func({ cache: "never" })
  async deployPlan(
    /** Environment of delivery.yaml. */
    environment = "local",
    /** Commit or digest of the release. Default: the commit of the checkout. */
    release = "",
  ): Promise<string> {
    return this.stages("deploy-plan", [...releaseStages(environment), "deploy-plan"], { environment, sources: environment === LOCAL_ENVIRONMENT, release })
  }

  /** Deploys a release, watches and proves it; what does not serve is taken back to the last revision that was proven healthy. */
  @func({ cache: "never" })
  async deploy(
    /** Environment of delivery.yaml. */
    environment = "local",
    /** Hash that deploy-plan printed: nothing but this plan is applied. */
    plan = "",
    /** Who approved the plan, for an environment that needs it; holds for 24 hours. */
    approvedBy = "",
    /** Commit or digest of the release. Default: the commit of the checkout. */
    release = "",
  ): Promise<string> {
    return this.deployment("deploy", { environment, release, deploy: { plan, approvedBy } })
  }

  /** Deploys as a canary, whatever the environment's strategy is: the new release beside the running one, the traffic to it in steps, each judged by counts of requests. */
  @func({ cache: "never" })
  async canary(
    /** Environment of delivery.yaml. In `local` the release is deployed first, and then held against itself. */
    environment = "local",
    /** Hash that deploy-plan printed: nothing but this plan is applied. */
    plan = "",
    /** Who approved the plan, for an environment that needs it; holds for 24 hours. */
    approvedBy = "",
    /** Commit or digest of the release. Default: the commit of the checkout. */
    release = "",
  ): Promise<string> {
    return this.deployment("canary", { environment, release, deploy: { plan, approvedBy }, strategy: "canary" })
  }

  /** Deploys blue/green, whatever the environment's strategy is: the idle colour gets everything but traffic, then all of it in one write, and back if it is no good. */
  @func({ cache: "never" })
  async switch(
    /** Environment of delivery.yaml. In `local` the release is deployed first, and then held against itself. */
    environment = "local",
    /** Hash that deploy-plan printed: nothing but this plan is applied. */
    plan = "",
    /** Who approved the plan, for an environment that needs it; holds for 24 hours. */
    approvedBy = "",
    /** Commit or digest of the release. Default: the commit of the checkout. */
    release = "",
  ): Promise<string> {
    return this.deployment("switch", { environment, release, deploy: { plan, approvedBy }, strategy: "blueGreen" })
  }

  /** Where an environment's rollout is: its step, what was counted, what was decided and why. */
  @func({ cache: "never" })
  async canaryStatus(
    /** Environment of delivery.yaml. */
    environment: string,
  ): Promise<string> {
    const run = await createRun(this, await readCheckout(this, { sources: false }), null, { environments: [environment] })
    return rolloutStatus(run, environment)
  }

  /** Holds a rollout at its weight; the judge goes on, and may still abort it. */
  @func({ cache: "never" })
  async canaryPause(
    /** Environment of delivery.yaml. */
    environment: string,
    /** Who wants it. */
    by = "somebody",
    /** Why; it is recorded. */
    reason = "",
  ): Promise<string> {
    return this.single("canary-pause", environment, (run) => commandRollout(run, environment, { command: "pause", by, reason }))
  }

  /** Lets a rollout that is paused or held go on. */
  @func({ cache: "never" })
  async canaryResume(
    /** Environment of delivery.yaml. */
    environment: string,
    /** Who wants it. */
    by = "somebody",
    /** Why; it is recorded. */
    reason = "",
  ): Promise<string> {
    return this.single("canary-resume", environment, (run) => commandRollout(run, environment, { command: "resume", by, reason }))
  }

  /** Promotes a rollout past its judge: with a reason, which is recorded; not past a judge that has found it bad. */
  @func({ cache: "never" })
  async canaryPromote(
    /** Environment of delivery.yaml. */
    environment: string,
    /** Why; it is recorded with the release. */
    reason: string,
    /** Who wants it. */
    by = "somebody",
  ): Promise<string> {
    return this.single("canary-promote", environment, (run) => commandRollout(run, environment, { command: "promote", by, reason }))
  }

  /** Takes a rollout back: the traffic first, then its pods; does it itself where nobody leads the rollout any more. */
  @func({ cache: "never" })
  async canaryAbort(
    /** Environment of delivery.yaml. */
    environment: string,
    /** Who wants it. */
    by = "somebody",
    /** Why; it is recorded. */
    reason = "no reason was given",
  ): Promise<string> {
    return this.single("canary-abort", environment, (run) => commandRollout(run, environment, { command: "abort", by, reason }))
  }

  /** Asks every service of an environment, directly and through the gateway. */
  @func({ cache: "never" })
  async smoke(
    /** Environment of delivery.yaml; `local` is deployed to first. */
    environment = "local",
  ): Promise<string> {
    return this.stages("smoke", [...deployStages(environment), "smoke"], { environment, sources: environment === LOCAL_ENVIRONMENT })
  }

  /** Loads an environment with k6 and holds it to its budget. */
  @func({ cache: "never" })
  async perf(
    /** Environment of delivery.yaml; `local` is deployed to first. */
    environment = "staging",
    /** Users at once, who wait for their answers and pause a second; with --rate the most that it may take. Default: the target of profiles.json. */
    vus?: number,
    /** Iterations begun each second, however slow the target is. Default: users instead. */
    rate?: number,
    /** How long in all, such as `30s`, `5m` or `1h30m`. Default: as the profile says, 5m without one. */
    duration = "",
    /** smoke, load, stress, spike, soak, breakpoint, constant, or one of profiles.json. Default: constant with --vus or --rate, else smoke. */
    profile = "",
    /** Script in the folder `scenarios` of the load tests, without its ending. Default: `perf.scenario` of delivery.yaml. */
    scenario = "",
    /** Address to load. Default: `baseUrl` of the environment. */
    baseUrl = "",
    /** The environment once more, where users are. */
    confirm = "",
    /** Machines of the environment's cluster that send the load, by k6-operator. Default: this call's one container. */
    distributed = 0,
  ): Promise<string> {
    const perf: PerfFlags = { vus: vus ?? null, rate: rate ?? null, duration, profile, scenario, baseUrl, confirm, distributed }
    const clusters = environment === LOCAL_ENVIRONMENT || distributed > 0
    return this.execute(
      "perf",
      (config, since) => {
        const request = readLoadRequest(perf)
        refuseTarget(config, environment, request)
        return withLoadTime(planStages(config, [...deployStages(environment), "perf"], { environment, since }), request)
      },
      { environments: [environment], perf, clusters },
    )
  }

  /** Tells what is known of a release that was pushed: signed by whom, built from what, with which SBOMs, scanned when, deployed where. Writes nothing. */
  @func({ cache: "never" })
  async verifyRelease(
    /** Commit or digest of the release. Default: the commit of the checkout. */
    release = "",
  ): Promise<string> {
    const archive = await findArchive(this)
    const store = new RunStore(archive)
    return this.refusable("verify-release", [], archive, store, async () => {
      const run = await createRun(this, await readCheckout(this), null, { release, toRegistry: true })
      const { text, record, evidence } = await answerForRelease(run)
      await store.update(record, evidence)
      return finish(archive, record, "verify-release", { preface: text })
    })
  }

  /** Goes back to an earlier revision that was proven healthy, and proves it again; prints the history. */
  @func({ cache: "never" })
  async rollback(
    /** Environment of delivery.yaml. */
    environment: string,
    /** Helm revision to go back to. Default: the latest earlier one that was proven healthy and differs from what runs. */
    revision = 0,
  ): Promise<string> {
    return this.single("rollback", environment, (run) => rollBackEnvironment(run, environment, revision === 0 ? null : revision))
  }

  /** What was deployed to an environment, when, from which commit and plan, by whom approved, and which is the last known good. */
  @func({ cache: "never" })
  async history(
    /** Environment of delivery.yaml. */
    environment: string,
  ): Promise<string> {
    const run = await createRun(this, await readCheckout(this, { sources: false }), null, { environments: [environment] })
    return (await historyOf(await environmentTools(run, environment, "history"), environment)).text
  }

  /** Compares an environment with what was deployed there last; ends with 5 when it differs. */
  @func({ cache: "never" })
  async drift(
    /** Environment of delivery.yaml. */
    environment: string,
  ): Promise<string> {
    return this.single("drift", environment, (run) => findDrift(run, environment), DRIFT_STATUS)
  }

  /** The reports of a run, also of one that failed or was killed: export them with -o. */
  @func({ cache: "never" })
  async report(
    /** The run. Default: the last one. */
    runId = "",
  ): Promise<Directory> {
    const named = runId === "" ? this.runId : runId
    return withReports(await readRun(await findArchive(this), named === "" ? null : named))
  }

  /** Writes a delivery.yaml for a checkout that has none; what it could not tell stands there as comments. */
  @func({ cache: "never" })
  async init(
    /** Name of the product. Default: the one in the manifest at the root. */
    project = "",
  ): Promise<Changeset> {
    return writeDeliveryYaml(this, project)
  }

  /** Writes the files of the CI systems from delivery.yaml, and tells what is left to do in each of them. */
  @func({ cache: "never" })
  async ciGenerate(
    /** The wrapper that the files call, for a checkout that does not hold the module. Default: the module's own. */
    @argument({ defaultPath: "/daggerw" })
    wrapper: File,
  ): Promise<Changeset> {
    return writeCiFiles(this, wrapper)
  }

  /** Compares the files of the CI systems with what ci-generate would write. */
  @func({ cache: "never" })
  async ciCheck(
    /** The wrapper that the files call, for a checkout that does not hold the module. Default: the module's own. */
    @argument({ defaultPath: "/daggerw" })
    wrapper: File,
  ): Promise<string> {
    const archive = await findArchive(this)
    const store = new RunStore(archive)
    return this.refusable(CI_CHECK_STAGE, [], archive, store, async () => {
      const { wanted, present } = await readCiFiles(this, wrapper)
      const record = checkedFiles(runHeader(this, []), wanted, present)
      await store.update(record, null)
      return finish(archive, record, CI_CHECK_STAGE)
    })
  }

  /** Checks the infrastructure code without an account: format, validity, tests, policies on a plan, tflint, Trivy and checkov. What cannot run here is skipped as unavailable. */
  @func({ cache: "never" })
  async terraformCheck(
    /** Folder with the providers, as `tofu providers mirror` fills it. Default: their registry, or terraform.mirror. */
    providers?: Directory,
  ): Promise<string> {
    return this.rows("terraform-check", [], (run) => checkTerraform(run, providers ?? null))
  }

  /** Says what an apply would change, the dangerous first, has the policies judge it, and keeps the plan, encrypted, with the reports. */
  @func({ cache: "never" })
  async terraformPlan(
    /** Environment with a folder in envs/. */
    environment: string,
    /** Folder with the providers, as `tofu providers mirror` fills it. Default: their registry, or terraform.mirror. */
    providers?: Directory,
  ): Promise<string> {
    return this.rows("terraform-plan", [environment], (run) => planTerraform(run, environment, providers ?? null))
  }

  /** Applies a plan that terraform-plan kept, and nothing else; what takes data with it needs a confirmation of its own. */
  @func({ cache: "never" })
  async terraformApply(
    /** Environment with a folder in envs/. */
    environment: string,
    /** Folder terraform/ of the reports of terraform-plan. */
    saved: Directory,
    /** Hash that terraform-plan printed: nothing but this plan is applied. */
    plan: string,
    /** Who approved the plan, for an environment that needs it. */
    approvedBy = "",
    /** Addresses whose data may be lost, each as the plan has it. */
    confirmLoss: string[] = [],
    /** Folder with the providers, as `tofu providers mirror` fills it. Default: their registry, or terraform.mirror. */
    providers?: Directory,
  ): Promise<string> {
    return this.rows("terraform-apply", [environment], (run) => applyTerraform(run, { environment, saved, plan, approvedBy, confirmed: confirmLoss }, providers ?? null))
  }

  /** Compares an environment's infrastructure with what was applied there last; ends with 5 when it differs. */
  @func({ cache: "never" })
  async terraformDrift(
    /** Environment with a folder in envs/. */
    environment: string,
    /** Folder with the providers, as `tofu providers mirror` fills it. Default: their registry, or terraform.mirror. */
    providers?: Directory,
  ): Promise<string> {
    return this.rows("terraform-drift", [environment], (run) => terraformDrift(run, environment, providers ?? null), DRIFT_STATUS)
  }

  /** Checks that every image, action and chart that the repository names is in pins.yaml, and that the registries have what it says. */
  @func({ cache: "never" })
  async pins(): Promise<string> {
    return this.check("pins", (checkout) => verifyPins(this, checkout))
  }

  /** Writes the digests and checksums that pins.yaml lacks, as registries and publishers answer; never one that nobody answered. */
  @func({ cache: "never" })
  async pinsFill(
    /** Keys of pins.yaml to ask about again although they have a digest. */
    update: string[] = [],
  ): Promise<Changeset> {
    return fillPins(this, update)
  }

  /** A deployment, by the environment's strategy or by the one that the call names. */
  private async deployment(call: string, options: CallOptions & { environment: string; deploy: Run["deployOptions"] }): Promise<string> {
    const { environment, deploy } = options
    if (deploy.approvedBy !== "" && deploy.plan === "") throw new UsageError("--approved-by: expected --plan with the hash of what was approved, got none. deploy-plan prints it.")
    return this.stages(call, [...releaseStages(environment), ...DEPLOYMENT, ...tellingStages(environment)], { ...options, sources: environment === LOCAL_ENVIRONMENT })
  }

  private async stages(call: string, stages: string[], options: CallOptions & { services?: string[]; skip?: string[]; environment?: string }): Promise<string> {
    const { environment, services, skip = [] } = options
    const choice = { ...(environment === undefined ? {} : { environment }), ...(services === undefined ? {} : { services }) }
    return this.execute(call, (config, since) => planStages(config, stages, { ...choice, skip, since }), { ...options, ...(environment === undefined ? {} : { environments: [environment] }) })
  }

  /** One check that is no stage of the pipeline, with the same reports and exit status. */
  private async check(call: string, work: (checkout: Checkout) => Promise<GateResult>): Promise<string> {
    const archive = await findArchive(this)
    const store = new RunStore(archive)
    return this.refusable(call, [], archive, store, async () => {
      const started = Date.now()
      const gate = await work(await readCheckout(this))
      const run = singleRun(runHeader(this, []), call, gate, Math.round((Date.now() - started) / 100) / 10)
      await store.update(run, null)
      return finish(archive, run, call)
    })
  }

  /** A call with one row that is no stage of a pipeline. */
  private async single(call: string, environment: string, work: (run: Run) => Promise<RowOutput>, redStatus?: number): Promise<string> {
    const archive = await findArchive(this)
    const started = Date.now()
    const make = async (): Promise<RowOutput> => work(await createRun(this, await readCheckout(this, { sources: false }), null, { environments: [environment] }))
    const { gate, evidence = null, preface = "" } = await make().catch((error: unknown): RowOutput => ({ gate: errorGate(error instanceof Error ? error.message : String(error)) }))
    const paths = evidence === null ? [] : await evidence.glob("**/*.*")
    const record = environmentRun(runHeader(this, [environment]), { stage: call, environment }, gate, { durationSeconds: Math.round((Date.now() - started) / 100) / 10, evidence: paths })
    await new RunStore(archive).update(record, evidence)
    return finish(archive, record, call, { preface, ...(redStatus === undefined ? {} : { redStatus }) })
  }

  /** A call with several rows that are no stages of a pipeline. */
  private async rows(call: string, environments: string[], work: (run: Run) => Promise<CallResult & { readonly preface?: string }>, redStatus?: number): Promise<string> {
    const archive = await findArchive(this)
    const store = new RunStore(archive)
    return this.refusable(call, environments, archive, store, async () => {
      const started = Date.now()
      const run = await createRun(this, await readCheckout(this), null, {})
      const { rows, evidence, preface = "" } = await work(run).catch((error: unknown) => brokenCall(call, environments[0] ?? null, error))
      const record = rowsRun(runHeader(this, environments), rows, await evidence.glob("**/*.*"), Math.round((Date.now() - started) / 100) / 10)
      await store.update(record, evidence)
      return finish(archive, record, call, { preface, ...(redStatus === undefined ? {} : { redStatus }) })
    })
  }

  private async execute(call: string, makePlan: PlanMaker, options: CallOptions): Promise<string> {
    const archive = await findArchive(this)
    const store = new RunStore(archive)
    return this.refusable(call, options.environments ?? [], archive, store, async () => {
      const asWritten = await readCheckout(this, { sources: options.sources ?? true })
      const checkout = options.strategy === undefined ? asWritten : { ...asWritten, config: withStrategy(asWritten.config, options.environments?.[0] ?? LOCAL_ENVIRONMENT, options.strategy) }
      const since = options.since ?? ""
      const changes = await readChanges(since, this.changes)
      const plan = makePlan(checkout.config, changedSince(since, checkout.config, changes))
      refuseNullPins(checkout.config, plan, checkout.pins, this.images)
      const run = await createRun(this, checkout, changes, { ...options, signs: plan.some(({ stage, skip }) => stage === "sign" && skip === null), plannedOnly: endsWithPlan(plan) })
      const record = await runStages(run, plan, store, this.maxParallel)
      await tellForge(run, record, call)
      return finish(archive, record, call)
    })
  }

  /** What is wrong with the files or the call is a result like any other: it has its row, its report and its exit status. */
  private async refusable(call: string, environments: readonly string[], archive: RunArchive, store: RunStore, work: () => Promise<string>): Promise<string> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error
      const refused = refusedRun(runHeader(this, environments), error)
      await store.update(refused, null)
      return finish(archive, refused, call)
    }
  }
}

function checkVersion(version: string): string {
  if (version === "" || isVersionTag(version)) return version
  throw new UsageError(`--release-version: expected a version that can be a tag and does not move, such as v1.4.0, got ${JSON.stringify(version)}`)
}

// Of drift alone: what it finds is no fault of the software.
const DRIFT_STATUS = 5

type PlanMaker = (config: Config, since: ChangedSince | null) => readonly PlannedStage[]

// Which of the last two runs is the environment's strategy.
const DEPLOYMENT = ["deploy-plan", "deploy", "canary", "switch"]

// `local` has no registry that keeps a release: it is made in the same call. A named environment takes the one that was pushed.
const releaseStages = (environment: string): string[] => (environment === "local" ? ["package", "push"] : [])
// Who waits behind a gate is told how it ended, as by a pipeline.
const tellingStages = (environment: string): string[] => (environment === "local" ? [] : ["notify"])
const deployStages = (environment: string): string[] => (environment === "local" ? ["package", "push", "deploy-plan", "deploy"] : [])
