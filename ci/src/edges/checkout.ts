import type { Directory } from "@dagger.io/dagger"
import { assertPaths, pathsToCheck } from "../core/config/checkout.js"
import { parseConfig, type PathLookup } from "../core/config/config.js"
import type { Config } from "../core/config/model.js"
import { UsageError } from "../core/errors.js"
import { imageRef, parsePins, type Pins } from "../core/pins.js"

/** The user's tree with its delivery.yaml read and checked. */
export interface Checkout {
  readonly source: Directory
  readonly config: Config
  /** The reference of an image of pins.yaml. */
  readonly image: (key: string) => string
}

/** Reads delivery.yaml and pins.yaml; throws one error with every problem of the file, before anything runs. */
export async function readCheckout(source: Directory, mirrorPrefix: string): Promise<Checkout> {
  const [text, pinsText] = await Promise.all([
    readText(source, "delivery.yaml", "start from the example in docs/delivery-yaml.md"),
    readText(source, "pins.yaml", "copy the one of this project"),
  ])
  const lookUp = pathLookup(source)
  const [config, pins]: [Config, Pins] = await Promise.all([parseConfig(text, "delivery.yaml", lookUp), parsePins(pinsText, "pins.yaml")])
  // Again with the defaults: a Dockerfile that nobody named must be there all the same.
  assertPaths(config, await lookUp(pathsToCheck(config)))
  return { source, config, image: (key) => imageRef(pins, key, { mirrorPrefix, overrides: config.images }) }
}

async function readText(source: Directory, path: string, advice: string): Promise<string> {
  if (!(await source.exists(path))) throw new UsageError(`${path}: not found at the root of the checkout. To have one: ${advice}.`)
  return source.file(path).contents()
}

/** Asks the engine about each path once. */
function pathLookup(source: Directory): PathLookup {
  const asked = new Map<string, Promise<boolean>>()
  const exists = (path: string): Promise<boolean> => {
    const answer = asked.get(path) ?? source.exists(path)
    asked.set(path, answer)
    return answer
  }
  return (paths) => existingPaths(source, paths, exists)
}

async function existingPaths(source: Directory, paths: readonly string[], exists: (path: string) => Promise<boolean>): Promise<ReadonlySet<string>> {
  const normal = paths.map((path) => path.split("/").filter((part) => part !== "" && part !== ".").join("/")).filter((path) => path !== "")
  const found = await Promise.all(normal.map(async (path) => ((await exists(path)) ? [path] : [])))
  const missing = normal.filter((path) => !found.flat().includes(path))
  // What stands beside a missing path is where its typo is found.
  const beside = await Promise.all(missing.map((path) => siblings(source, path)))
  return new Set([...found, ...beside].flat())
}

async function siblings(source: Directory, path: string): Promise<string[]> {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")))
  if (folder !== "" && !(await source.exists(folder))) return []
  const entries = await source.entries(folder === "" ? {} : { path: folder })
  return entries.map((entry) => `${folder === "" ? "" : `${folder}/`}${entry.replace(/\/$/, "")}`)
}
