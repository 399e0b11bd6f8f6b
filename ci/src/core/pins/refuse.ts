import type { Config } from "../config/model.js"
import { UsageError } from "../errors.js"
import { nullPins, type Pins } from "../pins.js"
import type { PlannedStage } from "../plan.js"

const PRODUCTION = "production"

/** What is pinned by tag alone may be another thing tomorrow: an environment that needs an approval gets none of it. A mirror is pinned by its recipes. */
export function refuseNullPins(config: Config, plan: readonly PlannedStage[], pins: Pins, imageProfile: string): void {
  if (imageProfile === "mirror") return
  const isProtected = (name: string): boolean => name === PRODUCTION || config.environments[name]?.approval === "required"
  const environments = [...new Set(plan.flatMap(({ environment, skip }) => (environment !== null && skip === null && isProtected(environment) ? [environment] : [])))]
  const open = nullPins(pins).filter((key) => !(key.startsWith("images.") && key.slice("images.".length) in config.images))
  if (environments.length === 0 || open.length === 0) return
  throw new UsageError(`environment \`${environments.join("`, `")}\`: expected every image and tool by digest, got ${open.length} in pins.yaml without one: ${open.join(", ")}. Run \`./daggerw call pins-fill\` where the registries answer, and commit pins.yaml; or run from a mirror (--images mirror).`)
}
