import type { Config } from "../config/model.js"
import { helperNames, makeRelease, type Release } from "../release.js"

/** A release of images that nobody has built yet: a chart is linted with the values that a deployment would bring. */
export function standInRelease(config: Config, registry = "registry.invalid"): Release {
  const digest = `sha256:${"0".repeat(64)}`
  return makeRelease("0".repeat(40), registry, config, new Map([...Object.keys(config.services), ...helperNames(config)].map((name) => [name, digest])))
}
