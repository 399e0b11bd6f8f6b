import { counted } from "../gates/gate.js"
import type { Release } from "../release.js"
import { stageLabel } from "../schedule.js"
import type { EnvironmentState } from "./deployed-where.js"
import type { SubjectVerdict } from "./verify-images.js"

/** What is known of a release; null where nobody could be asked. */
export interface ReleaseAnswer {
  readonly project: string
  readonly ref: string
  readonly release: Release
  /** Null when delivery.yaml names nobody who signs. */
  readonly signer: string | null
  readonly verdicts: readonly SubjectVerdict[]
  readonly environments: readonly EnvironmentState[]
}

const NOT_KNOWN = "not known"

/** The answers for a person, later and elsewhere: who signed it, what it was built from, what it is made of, when it was scanned, where it runs. */
export function renderReleaseAnswer(answer: ReleaseAnswer): string {
  const { project, ref, release, environments } = answer
  const blocks = [
    [`release ${release.commit} of ${project}`, `  ${ref}`],
    ["signed by", ...signedBy(answer)],
    ["built from", ...builtFrom(answer)],
    ["images", ...Object.entries(release.images).flatMap(([name, image]) => imageLines(answer, name, image.ref))],
    ["scanned", ...scanLines(release)],
    ["checked when it was made", ...checkLines(release)],
    ["deployed", ...(environments.length === 0 ? [`  ${NOT_KNOWN}: delivery.yaml names no environment with a cluster`] : environments.map(({ name, state }) => `  ${name}: ${state}`))],
  ]
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`
}

function signedBy({ signer, verdicts }: ReleaseAnswer): readonly string[] {
  if (signer === null) return [`  ${NOT_KNOWN}: delivery.yaml has no \`signing\`, so there is nobody to verify it against`]
  return verdicts.map(({ subject, refused, broken }) => {
    const said = refused.length > 0 ? `NOT ACCEPTED: ${refused.join("; ")}` : broken.length > 0 ? `${NOT_KNOWN}: ${broken.join("; ")}` : `${signer}, verified`
    return `  ${subject.name}: ${said}`
  })
}

function builtFrom({ release, verdicts }: ReleaseAnswer): readonly string[] {
  const provenances = verdicts.flatMap((verdict) => verdict.provenances.filter(({ commit }) => commit === release.commit).slice(-1).map((each) => ({ name: verdict.subject.name, ...each })))
  if (provenances.length === 0) return [`  commit ${release.commit}, says release.json; no verified provenance says so`]
  const builders = [...new Set(provenances.map(({ builder, runId, startedOn }) => `  by ${builder ?? NOT_KNOWN}, run ${runId ?? NOT_KNOWN}, started ${startedOn ?? NOT_KNOWN}`))]
  const materials = provenances.flatMap(({ name, materials: used }) => used.map(({ uri, digest }) => `  ${name}: ${uri.replace(/^oci:\/\//, "")}${digest === null ? `, digest ${NOT_KNOWN}` : `@sha256:${digest}`}`))
  return [`  commit ${release.commit}, says the verified provenance (SLSA Build L1: it says how, and claims no builder that could not lie)`, ...builders, ...materials]
}

function imageLines({ release }: ReleaseAnswer, name: string, ref: string): readonly string[] {
  const repository = ref.split("@")[0] ?? ref
  const sboms = Object.entries(release.sbomDigests?.[name] ?? {}).map(([format, digest]) => `    SBOM ${format}: ${repository}@${digest}`)
  return [`  ${name}: ${ref}`, ...(sboms.length === 0 ? [`    SBOM: ${NOT_KNOWN}, none was made`] : sboms)]
}

function scanLines({ scans, images }: Release): readonly string[] {
  return Object.keys(images).map((name) => {
    const scan = scans?.[name]
    if (scan === undefined) return `  ${name}: ${NOT_KNOWN}, scan-images was left out`
    const database = scan.sampleDatabase ? "with a sample of the advisories, which is no security statement" : `with the advisories of ${scan.databaseUpdatedAt ?? `a time that is ${NOT_KNOWN}`}`
    return `  ${name}: ${scan.scannedAt ?? `at a time that is ${NOT_KNOWN}`}, ${database}`
  })
}

function checkLines({ checks }: Release): readonly string[] {
  if (checks.length === 0) return [`  ${NOT_KNOWN}: release.json does not say`]
  const passed = checks.filter(({ verdict }) => verdict === "passed")
  const others = checks.filter(({ verdict }) => verdict !== "passed")
  const label = (check: (typeof checks)[number]): string => stageLabel({ ...check, environment: null })
  return [`  passed, ${counted(passed.length, "row")}: ${passed.map(label).join(", ") || "none"}`, ...others.map((check) => `  ${check.verdict}: ${label(check)}${check.reason === "" ? "" : ` — ${check.reason}`}`)]
}
