import type { Config } from "../config/model.js"
import { plainStrategy } from "../config/strategy.js"

/** delivery.yaml with another strategy for one environment: the one that a call names, with its defaults, unless it has that one already. */
export function withStrategy(config: Config, environment: string, kind: "canary" | "blueGreen"): Config {
  const before = config.environments[environment]
  // Who does not exist is told by whoever plans.
  if (before === undefined || before.strategy.kind === kind) return config
  return { ...config, environments: { ...config.environments, [environment]: { ...before, strategy: plainStrategy(kind) } } }
}
