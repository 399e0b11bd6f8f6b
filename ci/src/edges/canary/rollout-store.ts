import { parseStored, rolloutName, storedData, type GivenCommand, type RolloutFacts, type StoredRollout } from "../../core/canary/stored-rollout.js"
import type { RolloutPlan } from "../../core/canary/rollout-plan.js"
import type { RolloutState } from "../../core/canary/rollout-state.js"
import { changeConfigMap, readConfigMap, type KeptConfigMap } from "../deploy/config-map.js"
import type { KubeConnection } from "../kube-request.js"

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

  get #place(): KeptConfigMap {
    return { namespace: this.namespace, name: rolloutName(this.release), release: this.release }
  }

  async read(): Promise<StoredRollout | null> {
    return parseStored(await readConfigMap(this.connection, this.#place))
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

  #change(change: (stored: StoredRollout | null) => StoredRollout | null): Promise<void> {
    return changeConfigMap(this.connection, this.#place, (data) => {
      const next = change(parseStored(data))
      return next === null ? null : storedData(next)
    })
  }
}
