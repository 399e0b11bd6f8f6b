import { execFile } from "node:child_process"
import { writeFileSync } from "node:fs"
import type { Command } from "../../src/core/config/commands.js"
import { helmRollbackArguments, helmSaid, helmUpgradeArguments, type HelmRelease, type HelmRevision } from "../../src/core/deploy/helm.js"
import { helmRevisions, valuesOfRevision } from "../../src/edges/deploy/helm-storage.js"
import type { KubeConnection } from "../../src/edges/kube-request.js"
import { insist } from "./insist.js"
import { insistOnHelm } from "./insist-helm.js"
import type { ExecOutcome } from "../../src/core/gates/exec.js"

const HELM_SECONDS = 300
/** Helm ends by itself and says why; only one that does not is killed. */
const KILL_AFTER_SECONDS = HELM_SECONDS + 30

/** What Helm would not do. */
export class HelmFailure extends Error {}

/** Helm on one release, from wherever its chart and values lie. */
export class Helm {
  readonly outcomes: ExecOutcome[] = []

  constructor(
    readonly connection: KubeConnection,
    readonly release: HelmRelease,
    readonly workdir: string,
  ) {}

  readonly call = (argv: Command, broken?: AbortSignal): Promise<ExecOutcome> =>
    new Promise((resolve) => {
      const [program = "helm", ...rest] = argv
      const child = execFile(program, rest, { cwd: this.workdir, timeout: KILL_AFTER_SECONDS * 1000, killSignal: "SIGKILL", maxBuffer: 64 << 20, encoding: "utf8" }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : error.killed ? 124 : 127
        const outcome = { argv, exitCode: code, stdout, stderr: stderr || (error === null ? "" : error.message) }
        this.outcomes.push(outcome)
        resolve(outcome)
      })
      // Not by execFile's own `signal`, which asks politely and does not wait: a Helm that lives on would write beside the way back.
      const kill = (): void => void child.kill("SIGKILL")
      if (broken?.aborted === true) kill()
      broken?.addEventListener("abort", kill, { once: true })
    })

  revisions(): Promise<readonly HelmRevision[]> {
    return insist(() => helmRevisions({ connection: this.connection, release: this.release }))
  }

  /** Upgrades with these values alone, and says which revision that is. `broken`: what it is done for has ended, so Helm is killed. */
  async upgrade(values: readonly string[], broken?: AbortSignal): Promise<number> {
    await this.#must(helmUpgradeArguments({ ...this.release, values }, HELM_SECONDS), () => this.repair(), broken)
    return this.#newest()
  }

  async rollback(revision: number): Promise<void> {
    // One that was cut off is followed by another: nothing has to be put back first.
    await this.#must(helmRollbackArguments(this.release, revision, HELM_SECONDS), async () => undefined)
  }

  /** The values that a revision was given, as a file. */
  async valuesOf(revision: number, file: string): Promise<string> {
    writeFileSync(file, JSON.stringify(await insist(() => valuesOfRevision({ connection: this.connection, release: this.release }, revision))))
    return file
  }

  /** A Helm that was killed leaves its revision pending: the one before it is put back. Not the release of before the rollout: the traffic may be on the track. */
  async repair(): Promise<string | null> {
    const revisions = await this.revisions()
    const last = revisions.at(-1)
    if (last?.status.startsWith("pending-") !== true) return null
    const before = revisions.findLast(({ status }) => status === "deployed")
    if (before === undefined) throw new HelmFailure(`revision ${last.revision} is ${last.status}, and no revision before it is deployed`)
    await this.rollback(before.revision)
    return `revision ${last.revision} was ${last.status}: put back to revision ${before.revision} first`
  }

  async #newest(): Promise<number> {
    return (await this.revisions()).at(-1)?.revision ?? 0
  }

  async #must(argv: Command, mend: () => Promise<unknown>, broken?: AbortSignal): Promise<void> {
    const outcome = await insistOnHelm({ call: () => this.call(argv, broken), mend, ...(broken === undefined ? {} : { broken }) })
    if (outcome.exitCode !== 0) throw new HelmFailure(`${argv.slice(0, 2).join(" ")}: ${helmSaid(outcome)}`)
  }
}
