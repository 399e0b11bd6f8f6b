import { readYaml } from "./config/config.js"
import { lineOf } from "./config/source-lines.js"
import { ConfigError, PinsError, type ConfigProblem } from "./errors.js"
import { suggestion } from "./nearest.js"

const PIN_KINDS = ["digest", "age", "recipe"] as const

/** One image, as pinned. */
export interface PinnedImage {
  readonly name: string
  readonly tag: string
  /** `sha256:…`; null when no registry has answered yet, with the reason. */
  readonly digest: string | null
  readonly reason: string | null
  /** Where the image comes from, for those that build it themselves. */
  readonly recipe: string
  /** What holds it still: its digest, or where it has none by design its age, or the recipe it is built from on the spot. */
  readonly pin: (typeof PIN_KINDS)[number]
}

/** One program that runs outside containers. */
export interface PinnedTool {
  readonly version: string
  /** Of the one archive, or by platform, such as `linux_amd64`. */
  readonly sha256: string | Readonly<Record<string, string>> | null
  /** Address of the list of checksums that its publisher makes; `{version}` stands for the version without `v`. */
  readonly checksums: string | null
  readonly reason: string | null
}

/** A chart that another one depends on: `https://host/repository/name` and its version. */
export interface PinnedChart {
  readonly name: string
  readonly version: string
}

/** An action of a CI system; a commit holds still, a tag does not. */
export interface PinnedAction {
  readonly name: string
  readonly version: string
  readonly commit: string | null
}

export interface Pins {
  readonly images: Readonly<Record<string, PinnedImage>>
  readonly tools: Readonly<Record<string, PinnedTool>>
  readonly charts: Readonly<Record<string, PinnedChart>>
  readonly actions: Readonly<Record<string, PinnedAction>>
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
  const { images = {}, tools = {}, charts = {}, actions = {} } = (data ?? {}) as { readonly [Section in keyof Pins]?: Readonly<Record<string, Partial<Pins[Section][string]>>> }
  const problems = [
    ...Object.entries(images).flatMap(([key, image]) => pinProblems(["images", key], { ...image }, ["name", "tag", "recipe"], "digest")),
    ...Object.entries(tools).flatMap(([key, tool]) => pinProblems(["tools", key], { ...tool }, ["version"], "sha256")),
    ...Object.entries({ ...charts, ...actions }).flatMap(([key, entry]) => textProblems([key in charts ? "charts" : "actions", key], { ...entry }, ["name", "version"])),
  ].map(({ path, ...problem }): ConfigProblem => ({ ...problem, file, line: lineOf(lines, path), where: path.join(".") }))
  if (problems.length > 0) throw new ConfigError(problems)
  return {
    images: eachEntry(images, (image) => ({ digest: null, reason: null, pin: "digest", ...image }) as PinnedImage),
    tools: eachEntry(tools, (tool) => ({ sha256: null, reason: null, checksums: null, ...tool }) as PinnedTool),
    charts: eachEntry(charts, (chart) => chart as PinnedChart),
    actions: eachEntry(actions, (action) => ({ commit: null, ...action }) as PinnedAction),
  }
}

/** The pins of a tree laid over the module's: what it does not name is as the module has it. */
export function mergePins(own: Pins, base: Pins): Pins {
  const { images, tools, charts, actions } = own
  return { images: { ...base.images, ...images }, tools: { ...base.tools, ...tools }, charts: { ...base.charts, ...charts }, actions: { ...base.actions, ...actions } }
}

function eachEntry<Given, Made>(entries: Readonly<Record<string, Given>>, make: (entry: Given) => Made): Readonly<Record<string, Made>> {
  return Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, make(entry)]))
}

type PinProblem = Omit<ConfigProblem, "file" | "line" | "where"> & { readonly path: readonly string[] }

function pinProblems(
  path: readonly string[],
  pin: Readonly<Record<string, unknown>>,
  texts: readonly string[],
  proof: "digest" | "sha256",
): readonly PinProblem[] {
  const missing = [...textProblems(path, pin, texts), ...kindProblems(path, pin)]
  const value = pin[proof]
  if (proof === "sha256" && typeof value === "object" && value !== null) {
    const wrong = Object.entries(value).filter(([, sum]) => !DIGEST.test(`sha256:${String(sum)}`))
    return [...missing, ...wrong.map(([platform, sum]) => ({ path: [...path, proof, platform], expected: "64 hexadecimal digits", got: describe(sum), fix: "Run `pins-fill`." }))]
  }
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

function textProblems(path: readonly string[], pin: Readonly<Record<string, unknown>>, texts: readonly string[]): readonly PinProblem[] {
  return texts
    .filter((key) => typeof pin[key] !== "string" || pin[key] === "")
    .map((key) => ({ path: [...path, key], expected: "a text", got: describe(pin[key]), fix: `Write \`${key}\`.` }))
}

function kindProblems(path: readonly string[], { pin }: Readonly<Record<string, unknown>>): readonly PinProblem[] {
  if (pin === undefined || PIN_KINDS.some((kind) => kind === pin)) return []
  return [{ path: [...path, "pin"], expected: `one of ${PIN_KINDS.join(", ")}`, got: describe(pin), fix: "Leave it out for `digest`." }]
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
  const images = Object.entries(pins.images).filter(([, { digest, pin }]) => digest === null && pin === "digest")
  const tools = Object.entries(pins.tools).filter(([, { sha256 }]) => sha256 === null)
  return [...images.map(([key]) => `images.${key}`), ...tools.map(([key]) => `tools.${key}`)]
}
