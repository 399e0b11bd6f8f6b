import { readYaml } from "./config/config.js"
import { lineOf } from "./config/source-lines.js"
import { ConfigError, PinsError, type ConfigProblem } from "./errors.js"
import { suggestion } from "./nearest.js"

/** One image, as pinned. */
export interface PinnedImage {
  readonly name: string
  readonly tag: string
  /** `sha256:…`; null when no registry has answered yet, with the reason. */
  readonly digest: string | null
  readonly reason: string | null
  /** Where the image comes from, for those that build it themselves. */
  readonly recipe: string
}

/** One program that runs outside containers. */
export interface PinnedTool {
  readonly version: string
  readonly sha256: string | null
  readonly reason: string | null
}

export interface Pins {
  readonly images: Readonly<Record<string, PinnedImage>>
  readonly tools: Readonly<Record<string, PinnedTool>>
}

export interface ImageSource {
  /** Host and path that every image name is put behind; images of a mirror are pinned by tag. */
  readonly mirrorPrefix?: string | null
  /** Address of the mirror as containers reach it, such as `http://mirror:5000`: for what tools pull by themselves. */
  readonly mirrorUrl?: string | null
  /** References of delivery.yaml's `images`, by key. */
  readonly overrides?: Readonly<Record<string, string>>
}

const DIGEST = /^sha256:[0-9a-f]{64}$/

/** Reads pins.yaml; throws one ConfigError with everything that is wrong with it. */
export async function parsePins(text: string, file: string): Promise<Pins> {
  const { data, lines } = await readYaml(text, file)
  const { images = {}, tools = {} } = (data ?? {}) as Partial<Pins>
  const problems = [
    ...Object.entries(images).flatMap(([key, image]) => pinProblems(["images", key], { ...image }, ["name", "tag", "recipe"], "digest")),
    ...Object.entries(tools).flatMap(([key, tool]) => pinProblems(["tools", key], { ...tool }, ["version"], "sha256")),
  ].map(({ path, ...problem }): ConfigProblem => ({ ...problem, file, line: lineOf(lines, path), where: path.join(".") }))
  if (problems.length > 0) throw new ConfigError(problems)
  return { images, tools }
}

type PinProblem = Omit<ConfigProblem, "file" | "line" | "where"> & { readonly path: readonly string[] }

function pinProblems(
  path: readonly string[],
  pin: Readonly<Record<string, unknown>>,
  texts: readonly string[],
  proof: "digest" | "sha256",
): readonly PinProblem[] {
  const missing = texts
    .filter((key) => typeof pin[key] !== "string" || pin[key] === "")
    .map((key) => ({ path: [...path, key], expected: "a text", got: describe(pin[key]), fix: `Write \`${key}\`.` }))
  const value = pin[proof]
  if (value === null || value === undefined) {
    if (typeof pin["reason"] === "string") return missing
    const expected = `a \`reason\` beside an empty \`${proof}\``
    return [...missing, { path, expected, got: "none", fix: `Write why there is none, or run \`pins-fill\`.` }]
  }
  const whole = proof === "digest" ? String(value) : `sha256:${String(value)}`
  if (DIGEST.test(whole)) return missing
  const expected = proof === "digest" ? "`sha256:` and 64 hexadecimal digits, or null" : "64 hexadecimal digits, or null"
  return [...missing, { path: [...path, proof], expected, got: describe(value), fix: "Run `pins-fill`." }]
}

function describe(value: unknown): string {
  return value === undefined || value === null ? "nothing" : JSON.stringify(value)
}

/** The reference to pull: `name:tag`, and by digest where one is known and the mirror keeps it. */
export function imageRef(pins: Pins, key: string, source: ImageSource = {}): string {
  const override = source.overrides?.[key]
  if (override !== undefined) return override
  // A reference instead of a key: what a service's `buildImage` may be.
  if (pins.images[key] === undefined && /[/:]/.test(key)) return key
  const { name, tag, digest } = pinnedImage(pins, key)
  if (typeof source.mirrorPrefix === "string" && source.mirrorPrefix !== "") {
    return `${source.mirrorPrefix.replace(/\/+$/, "")}/${name}:${tag}`
  }
  return digest === null ? `${name}:${tag}` : `${name}:${tag}@${digest}`
}

/** What lies in a registry and is no image, as the tool that pulls it wants it named. */
export interface ArtifactAddress {
  readonly ref: string
  readonly plainHttp: boolean
}

/** An artifact of pins.yaml, such as a vulnerability database. */
export function artifactAddress(pins: Pins, key: string, source: ImageSource = {}): ArtifactAddress {
  const mirror = source.overrides?.[key] === undefined && typeof source.mirrorUrl === "string" && source.mirrorUrl !== "" ? source.mirrorUrl : null
  const ref = mirror === null ? imageRef(pins, key, source) : imageRef(pins, key, { mirrorPrefix: mirror })
  return { ref: ref.replace(/^https?:\/\//, ""), plainHttp: ref.startsWith("http://") }
}

/** An image of a language, such as Node 24 for `node:24-bookworm-slim`. */
export interface LanguageImage {
  readonly key: string
  /** Last part of its name: node, python. */
  readonly language: string
  /** What its tag begins with: 24, 3.11. */
  readonly version: string
}

/** The images whose tag begins with a version. */
export function languageImages(pins: Pins): readonly LanguageImage[] {
  return Object.entries(pins.images).flatMap(([key, { name, tag }]) => {
    const version = /^\d+(\.\d+)*/.exec(tag)?.[0]
    return version === undefined ? [] : [{ key, language: name.split("/").at(-1) ?? name, version }]
  })
}

function pinnedImage(pins: Pins, key: string): PinnedImage {
  const image = pins.images[key]
  if (image !== undefined) return image
  throw new PinsError(`pins.yaml: no image \`${key}\`. ${suggestion(key, Object.keys(pins.images))}`)
}

/** Keys of what is pinned by name alone; production refuses them unless it runs from a mirror. */
export function nullPins(pins: Pins): readonly string[] {
  const images = Object.entries(pins.images).filter(([, image]) => image.digest === null || image.digest === undefined)
  const tools = Object.entries(pins.tools).filter(([, tool]) => tool.sha256 === null || tool.sha256 === undefined)
  return [...images.map(([key]) => `images.${key}`), ...tools.map(([key]) => `tools.${key}`)]
}
