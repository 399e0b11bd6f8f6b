import type { Config } from "../config/model.js"
import { counted, failedGate, passedGate } from "../gates/gate.js"
import type { Pins, PinnedImage } from "../pins.js"
import type { Finding, GateResult } from "../run.js"
import { imageKeyOf, parseImageName } from "./image-name.js"
import type { OutsideReference } from "./references.js"

/** What a registry said of an image. */
export type RegistryAnswer =
  | { readonly kind: "digest"; readonly digest: string }
  | { readonly kind: "missing"; readonly detail: string }
  | { readonly kind: "unanswered"; readonly detail: string }

/** What is asked of a registry for one pin: its tag, and its digest where it has one. */
export interface PinAnswers {
  readonly tag: RegistryAnswer
  readonly digest: RegistryAnswer | null
}

export interface PinsInput {
  readonly pins: Pins
  readonly references: readonly OutsideReference[]
  readonly files: number
  /** By key; null when nobody was asked, with the reason. */
  readonly answers: Readonly<Record<string, PinAnswers>> | null
  readonly notAsked: string
}

/** Where charts leave a place for an image of pins.yaml. */
const IMAGE_PLACEHOLDER = "delivery.dev/image/"

/** The gate of `pins`: whatever comes from elsewhere is in pins.yaml, and is what the registry has. */
export function judgePins(input: PinsInput): GateResult {
  const { references, files } = input
  const faults = [...references.flatMap((reference) => referenceFault(input.pins, reference)), ...answerFaults(input)]
  const { digests, nulls, remarks } = describeDigests(input)
  const findings = [...faults, ...nulls]
  const first = faults[0]
  const said = [`${counted(references.length, "reference")} in ${counted(files, "file")}`, digests, ...remarks].join("; ")
  if (first === undefined) return passedGate(said, findings)
  return failedGate(`${counted(faults.length, "fault")}: ${first.file}${first.line === null ? "" : `:${first.line}`}: ${first.message}; ${said}`, findings)
}

/** References that the module itself resolves: images of pins.yaml and of the services themselves. */
export function isOwnImage(config: Pick<Config, "services">, { text }: OutsideReference): boolean {
  const name = parseImageName(text)
  return name !== null && Object.values(config.services).some(({ image }) => name.repository === image || name.repository.endsWith(`/${image}`))
}

function referenceFault(pins: Pins, { kind, text, file, line }: OutsideReference): readonly Finding[] {
  const fault = (message: string): readonly Finding[] => [{ severity: "high", rule: "pins.unknown", message, file, line }]
  if (kind === "action") return Object.values(pins.actions).some(({ name, version, commit }) => text === `${name}@${version}` || text === `${name}@${commit ?? ""}`) ? [] : fault(`${text} is not in pins.yaml: add it under \`actions\` with its version`)
  if (kind === "chart") return Object.values(pins.charts).some(({ name, version }) => text === `${name}:${version}`) ? [] : fault(`chart ${text} is not in pins.yaml: add it under \`charts\` with its version`)
  if (text.startsWith(IMAGE_PLACEHOLDER)) return pins.images[text.slice(IMAGE_PLACEHOLDER.length)] === undefined ? fault(`pins.yaml has no image \`${text.slice(IMAGE_PLACEHOLDER.length)}\``) : []
  const name = parseImageName(text)
  if (name === null) return fault(`${text}: expected an image with a tag or digest`)
  const known = Object.entries(pins.images).filter(([, pin]) => sameImage(pin, imageKeyOf(name)))
  if (known.length === 0) return fault(`${text} is not in pins.yaml: add it under \`images\`, then run pins-fill`)
  if (name.tag === null && name.digest === null) return fault(`${text} has no tag, so it is whatever comes next: pins.yaml has ${known.map(([, { tag }]) => tag).join(", ")}`)
  const matching = known.filter(([, pin]) => (name.tag === null || pin.tag === name.tag) && (name.digest === null || pin.digest === name.digest))
  return matching.length > 0 ? [] : fault(`${text}: pins.yaml has ${known.map(([key, pin]) => `${pin.tag}${pin.digest === null ? "" : `@${pin.digest.slice(0, 19)}…`} (${key})`).join(", ")}`)
}

function sameImage({ name }: PinnedImage, key: string): boolean {
  const parsed = parseImageName(name)
  return parsed !== null && imageKeyOf(parsed) === key
}

function answerFaults({ pins, answers }: PinsInput): readonly Finding[] {
  return Object.entries(answers ?? {}).flatMap(([key, { tag, digest }]) => {
    const pin = pins.images[key]
    if (pin === undefined) return []
    const fault = (rule: string, message: string): readonly Finding[] => [{ severity: "high", rule, message: `images.${key}: ${message}`, file: "pins.yaml", line: null }]
    if (digest?.kind === "missing") return fault("pins.gone", `the registry does not have ${pin.name}@${pin.digest}: ${digest.detail}`)
    if (pin.digest !== null && tag.kind === "digest" && tag.digest !== pin.digest) return fault("pins.moved", `${pin.name}:${pin.tag} is ${tag.digest} in the registry, and ${pin.digest} here. Look why its publisher moved it, then run pins-fill --update ${key}`)
    return tag.kind === "missing" ? fault("pins.gone", `the registry has no tag ${pin.name}:${pin.tag}: ${tag.detail}`) : []
  })
}

function describeDigests({ pins, answers, notAsked }: PinsInput): { digests: string; nulls: readonly Finding[]; remarks: readonly string[] } {
  const all = Object.entries(pins.images)
  const open = all.filter(([, { digest, pin }]) => digest === null && pin === "digest")
  const nulls = all.filter(([, { digest }]) => digest === null).map(([key, { reason }]): Finding => ({ severity: "info", rule: "pins.null", message: `images.${key} has no digest: ${reason ?? ""}`, file: "pins.yaml", line: null }))
  const tools = Object.entries(pins.tools).filter(([, { sha256 }]) => sha256 === null).map(([key, { reason }]): Finding => ({ severity: "info", rule: "pins.null", message: `tools.${key} has no checksum: ${reason ?? ""}`, file: "pins.yaml", line: null }))
  const pinned = all.filter(([, { digest }]) => digest !== null).length
  const unanswered = Object.entries(answers ?? {}).filter(([, { tag, digest }]) => tag.kind === "unanswered" || digest?.kind === "unanswered")
  const remarks = answers === null ? [notAsked] : unanswered.length === 0 ? [] : [`the registry did not answer for ${unanswered.length}: ${unanswered[0]?.[0]}: ${detailOf(unanswered[0]?.[1])}`]
  return { digests: `${pinned} images by digest, ${open.length} by tag alone`, nulls: [...nulls, ...tools], remarks }
}

const detailOf = (answers: PinAnswers | undefined): string => [answers?.tag, answers?.digest].map((answer) => (answer?.kind === "unanswered" ? answer.detail : "")).find((detail) => detail !== "") ?? ""
