import { parseStored, rolloutName, storedData, type GivenCommand, type RolloutFacts, type StoredRollout } from "../../core/canary/stored-rollout.js"
import type { RolloutPlan } from "../../core/canary/rollout-plan.js"
import type { RolloutState } from "../../core/canary/rollout-state.js"
import { kubeJson, kubeJsonIfThere, KubeRefusal } from "../deploy/kube-client.js"
import type { KubeConnection } from "../kube-request.js"

const STORE_TRIES = 5

interface RolloutObject {
  readonly metadata: { readonly resourceVersion?: string }
  readonly data?: Readonly<Record<string, string>>
}

/** Somebody else leads the rollout now: nothing more may be written. */
export class LostRollout extends Error {}

/** A rollout in a ConfigMap of its namespace, beside the release and not in it. */
export class ClusterRollout {
  constructor(
    readonly connection: KubeConnection,
    readonly namespace: string,
    readonly release: string,
    readonly leader: string,
  ) {}

  get #folder(): string {
    return `/api/v1/namespaces/${this.namespace}/configmaps`
  }

  async read(): Promise<StoredRollout | null> {
    return parseStored((await this.#object())?.data)
  }

  /** Writes a new rollout over one that has ended. */
  async begin(facts: RolloutFacts, plan: RolloutPlan, state: RolloutState): Promise<void> {
    await this.#change(() => ({ facts, plan, state, commands: [], leader: this.leader }))
  }

  /** From here on nobody who led it before can write. */
  async takeUp(): Promise<void> {
    await this.#change((stored) => (stored === null ? null : { ...stored, leader: this.leader }))
  }

  async commands(): Promise<StoredRollout["commands"]> {
    return (await this.read())?.commands ?? []
  }

  async save(state: RolloutState, obeyed: StoredRollout["commands"]): Promise<void> {
    await this.#own((stored) => ({ ...stored, state, commands: stored.commands.filter(({ id }) => !obeyed.some((done) => done.id === id)) }))
  }

  async saveFacts(change: (facts: RolloutFacts) => RolloutFacts): Promise<void> {
    await this.#own((stored) => ({ ...stored, facts: change(stored.facts) }))
  }

  async #own(change: (stored: StoredRollout) => StoredRollout): Promise<void> {
    await this.#change((stored) => {
      if (stored === null) throw new LostRollout(`the rollout's ConfigMap ${rolloutName(this.release)} is gone: nothing more is written`)
      if (stored.leader !== this.leader) throw new LostRollout(`${stored.leader} leads the rollout now: nothing more is written from here`)
      return change(stored)
    })
  }

  /** Leaves a person's command for whoever leads it. */
  async give(command: GivenCommand): Promise<void> {
    await this.#change((stored) => (stored === null ? null : { ...stored, commands: [...stored.commands, command] }))
  }

  /** Reads, changes, writes; again from the start when somebody wrote meanwhile. */
  async #change(change: (stored: StoredRollout | null) => StoredRollout | null): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const object = await this.#object()
      const next = change(parseStored(object?.data))
      if (next === null) return
      const labels = { "app.kubernetes.io/managed-by": "delivery", "delivery.dev/release": this.release }
      const version = object?.metadata.resourceVersion
      const written = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: rolloutName(this.release), namespace: this.namespace, labels, ...(version === undefined ? {} : { resourceVersion: version }) }, data: storedData(next) }
      try {
        await (object === null ? kubeJson(this.connection, "POST", this.#folder, written) : kubeJson(this.connection, "PUT", `${this.#folder}/${rolloutName(this.release)}`, written))
        return
      } catch (error) {
        if (!(error instanceof KubeRefusal) || error.status !== 409 || tries === STORE_TRIES) throw error
      }
    }
  }

  #object(): Promise<RolloutObject | null> {
    return kubeJsonIfThere<RolloutObject>(this.connection, `${this.#folder}/${rolloutName(this.release)}`)
  }
}
