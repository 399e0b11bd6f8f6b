import type { Directory, File } from "@dagger.io/dagger"
import { assertPaths, pathsToCheck } from "../core/config/checkout.js"
import { parseConfig } from "../core/config/config.js"
import type { Config } from "../core/config/model.js"
import { UsageError } from "../core/errors.js"
import { artifactAddress, imageRef, languageImages, mergePins, parsePins, type ArtifactAddress, type Pins } from "../core/pins.js"
import { pathLookup, readFacts } from "./tree.js"

/** The user's tree with its delivery.yaml read and checked. */
export interface Checkout {
  readonly source: Directory
  readonly config: Config
  readonly pins: Pins
  /** The reference of an image of pins.yaml. */
  readonly image: (key: string) => string
  /** Where something of pins.yaml lies that is no image. */
  readonly artifact: (key: string) => ArtifactAddress
}

/** Where a checkout comes from, and the pins of a tree that has none of its own. */
export interface CheckoutSource {
  readonly source: Directory
  readonly modulePins: File
  readonly mirrorPrefix: string
  readonly mirrorUrl: string
}

/** Reads delivery.yaml and pins.yaml; with `sources: false` it may speak of files that are gone, for a release is enough to deploy. Throws one error with every problem of the files, before anything runs. */
export async function readCheckout({ source, modulePins, mirrorPrefix, mirrorUrl }: CheckoutSource, needs: { readonly sources: boolean } = { sources: true }): Promise<Checkout> {
  if (!(await source.exists("delivery.yaml"))) {
    throw new UsageError("delivery.yaml: not found at the root of the checkout. `./daggerw call init` writes one for what it finds there.")
  }
  const [text, pins] = await Promise.all([source.file("delivery.yaml").contents(), readPins(source, modulePins)])
  const existing = pathLookup(source)
  const there = async (paths: readonly string[]): Promise<readonly string[]> => (needs.sources ? paths : [...(await existing(paths))].filter((path) => paths.includes(path)))
  const facts = async (folders: readonly string[], files: readonly string[]) => readFacts(source, await there(folders), await there(files))
  const config = await parseConfig(text, "delivery.yaml", { existing, facts, images: languageImages(pins) }, needs.sources)
  // Again with the defaults: a Dockerfile that nobody named must be there all the same.
  if (needs.sources) assertPaths(config, await existing(pathsToCheck(config)))
  const images = { mirrorPrefix, mirrorUrl, overrides: config.images }
  return { source, config, pins, image: (key) => imageRef(pins, key, images), artifact: (key) => artifactAddress(pins, key, images) }
}

/** The tree's own pins.yaml laid over the module's. */
export async function readPins(source: Directory, modulePins: File): Promise<Pins> {
  const [base, own] = await Promise.all([modulePins.contents(), source.exists("pins.yaml").then((exists) => (exists ? source.file("pins.yaml").contents() : null))])
  return own === null ? parsePins(base, "pins.yaml") : mergePins(await parsePins(own, "pins.yaml"), await parsePins(base, "the module's pins.yaml"))
}
