// The kit's commands, one line each.
import { engineStatus, startEngine, stopEngine } from "./engine.mjs"
import { ensureKit, removeKit, setUp } from "./setup.mjs"
import { prune } from "./prune.mjs"

const say = (line) => process.stderr.write(`[kit] ${line}\n`)

function choose(actions, [action = "", ...rest]) {
  if (!Object.hasOwn(actions, action)) throw new Error(`unknown action "${action}"; known: ${Object.keys(actions).join(", ")}`)
  return actions[action](rest)
}

export const commands = {
  setup: (rest) => (rest.includes("--remove") ? removeKit(say) : setUp(say)),
  /** What daggerw calls: everything that the first call needs, and a running engine. */
  ensure: () => ensureKit(say),
  engine: (rest) =>
    choose({ start: () => ensureKit(say), stop: () => stopEngine(say), status: () => process.stdout.write(`${engineStatus()}\n`) }, rest),
  cluster: async (rest) => {
    const { clusterDown, clusterUp, printClusterStatus, printKubeconfig } = await import("./cluster.mjs")
    return choose({ up: () => clusterUp(say), down: () => clusterDown(say), kubeconfig: printKubeconfig, status: printClusterStatus }, rest)
  },
  prune: () => prune(say),
}
