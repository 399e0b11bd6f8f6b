import type { Changeset, Directory } from "@dagger.io/dagger"
import { joinPath } from "../core/detect/tree.js"
import { UsageError } from "../core/errors.js"
import { errorGate } from "../core/gates/gate.js"
import { matchesGlob } from "../core/glob.js"
import { parsePins, type PinnedImage, type Pins } from "../core/pins.js"
import { isOwnImage, judgePins, type PinAnswers } from "../core/pins/check.js"
import { changedPins, checksumsByPlatform, type PinChange } from "../core/pins/fill.js"
import { imageKeyOf, parseImageName } from "../core/pins/image-name.js"
import { moduleFiles, PULLING_WORDS, referencesIn, REFERRING_FILES, type OutsideReference } from "../core/pins/references.js"
import type { GateResult } from "../core/run.js"
import type { Checkout, CheckoutSource } from "./checkout.js"
import { containerOf } from "./image-container.js"
import { mapAtMost } from "./at-most.js"
import { askRegistry, askText } from "./pin-answers.js"

/** How the registries are asked. */
export interface PinsSource extends CheckoutSource {
  /** `mirror` for images that the mirror has built itself. */
  readonly images: string
}

const ASKED_AT_ONCE = 16
const OWN_BUILDS = "not compared with registries: a mirror's own builds are pinned by tag and by the lock of its recipes (--images mirror)"

/** Whether everything that the repository gets from elsewhere is in pins.yaml, and is there what the registries have. */
export async function verifyPins(from: PinsSource, checkout: Checkout): Promise<GateResult> {
  const { source, config, pins } = checkout
  const globs = [...config.scan.exclude]
  const modules = await Promise.all((await source.glob("**/dagger.json")).map(async (path) => moduleFiles(path, await source.file(path).contents())))
  const found = await Promise.all([...REFERRING_FILES.map((glob) => source.glob(glob)), ...modules.map((glob) => filesThatPull(checkout, glob))])
  const paths = [...new Set(found.flat())].filter((path) => !path.endsWith("/") && !globs.some((glob) => matchesGlob(path, glob)))
  if (paths.length === 0) return errorGate("there is no file that could name an image, an action or a chart")
  const texts = await mapAtMost(ASKED_AT_ONCE, paths, async (path) => [path, await source.file(path).contents()] as const)
  const references = texts.flatMap(([path, text]) => (path === "delivery.yaml" ? [] : referencesIn(path, text))).filter((reference) => !isOwnImage(config, reference))
  const asks = from.images !== "mirror"
  const answers = asks ? Object.fromEntries(await mapAtMost(ASKED_AT_ONCE, Object.entries(pins.images), async ([key, pin]) => [key, await askAbout(from, pin)] as const)) : null
  return judgePins({ pins, references: [...references, ...namedByConfig(config.services)], files: paths.length, answers, notAsked: OWN_BUILDS })
}

/** Of the code of a module, hundreds of files, those that have the words; asking the engine for each would take minutes. */
async function filesThatPull({ source, image }: Checkout, glob: string): Promise<readonly string[]> {
  const found = await containerOf(image("debian"))
    .withMountedDirectory("/code", source.filter({ include: [glob] }))
    .withWorkdir("/code")
    .withExec(["sh", "-c", `grep -rlE '${PULLING_WORDS}' . || test $? = 1`])
    .stdout()
  return found.split("\n").filter((line) => line !== "").map((path) => joinPath(path))
}

/** Images that delivery.yaml names by reference instead of by a key of pins.yaml. */
function namedByConfig(services: Checkout["config"]["services"]): readonly OutsideReference[] {
  const named = Object.values(services).flatMap(({ buildImage, tests }) => [...(buildImage === null ? [] : [buildImage]), ...Object.values(tests.services).map(({ image }) => image)])
  return named.filter((text) => /[/:]/.test(text)).map((text) => ({ kind: "image", text, file: "delivery.yaml", line: 1 }))
}

async function askAbout(from: PinsSource, { name, tag, digest }: PinnedImage): Promise<PinAnswers> {
  const place = placeOf(from, name)
  return { tag: await askRegistry(place, tag), digest: digest === null ? null : await askRegistry(place, digest) }
}

/** A mirror that hands on what the publishers have gives their digests too. */
function placeOf({ mirrorPrefix, mirrorUrl }: PinsSource, name: string): string {
  const image = parseImageName(name)
  if (image === null) throw new UsageError(`pins.yaml: expected the name of an image, got ${JSON.stringify(name)}`)
  const mirror = (mirrorUrl === "" ? mirrorPrefix : mirrorUrl).replace(/^https?:\/\//, "").replace(/\/+$/, "")
  return mirror === "" ? imageKeyOf(image) : `${mirror}/${name}`
}

/** pins.yaml with the digests and checksums that registries and publishers answered; a pin that has one is asked about again only by name. */
export async function fillPins(from: PinsSource, update: readonly string[]): Promise<Changeset> {
  if (from.images === "mirror") throw new UsageError("pins-fill: expected registries of the publishers, got a mirror that builds its images itself (--images mirror): its digests are no one else's. Run it on a connected machine, with --images upstream.")
  const { source } = from
  const text = (await source.exists("pins.yaml")) ? await source.file("pins.yaml").contents() : await from.modulePins.contents()
  const pins = await parsePins(text, "pins.yaml")
  const unknown = update.filter((key) => pins.images[key] === undefined && pins.tools[key] === undefined)
  if (unknown.length > 0) throw new UsageError(`--update: pins.yaml has no ${unknown.join(", ")}; known: ${[...Object.keys(pins.images), ...Object.keys(pins.tools)].join(", ")}`)
  const changes = [...(await imageChanges(from, pins, update)), ...(await toolChanges(pins, update))]
  return withPins(source, await changedPins(text, changes))
}

const withPins = (source: Directory, text: string): Changeset => source.withNewFile("pins.yaml", text).changes(source)

async function imageChanges(from: PinsSource, pins: Pins, update: readonly string[]): Promise<readonly PinChange[]> {
  const wanted = Object.entries(pins.images).filter(([key, { digest, pin }]) => pin === "digest" && (digest === null || update.includes(key)))
  const asked = await mapAtMost(ASKED_AT_ONCE, wanted, async ([key, pin]) => ({ key, pin, answer: await askRegistry(placeOf(from, pin.name), pin.tag) }))
  return asked.map(({ key, pin, answer }): PinChange => {
    if (answer.kind === "digest") {
      console.log(`images.${key}: ${pin.name}:${pin.tag} is ${answer.digest}${pin.digest === null || pin.digest === answer.digest ? "" : `, was ${pin.digest}`}`)
      return { path: ["images", key], values: { digest: answer.digest, reason: null } }
    }
    const image = parseImageName(pin.name)
    console.log(`images.${key}: not filled: ${answer.detail}`)
    // What was pinned stays pinned.
    if (pin.digest !== null) return { path: ["images", key], values: {} }
    const reason = answer.kind === "missing" ? `its registry has no such tag: ${pin.name}:${pin.tag}` : `its registry did not answer (${image === null ? pin.name : imageKeyOf(image)}); run pins-fill on a connected machine`
    return { path: ["images", key], values: { reason } }
  })
}

async function toolChanges(pins: Pins, update: readonly string[]): Promise<readonly PinChange[]> {
  const wanted = Object.entries(pins.tools).filter(([key, { sha256, checksums }]) => checksums !== null && (sha256 === null || update.includes(key)))
  return Promise.all(wanted.map(async ([key, { version, checksums }]): Promise<PinChange> => {
    const { text, detail } = await askText((checksums ?? "").replaceAll("{version}", version.replace(/^v/, "")))
    const sums = checksumsByPlatform(text ?? "")
    const count = Object.keys(sums).length
    console.log(`tools.${key}: ${count > 0 ? `${count} checksums` : `not filled: ${detail || "the list names no archive of a known platform"}`}`)
    return { path: ["tools", key], values: count > 0 ? { sha256: sums, reason: null } : {} }
  }))
}
