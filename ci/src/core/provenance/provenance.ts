/** Something that a build took from outside. */
export interface BuildMaterial {
  /** As the Dockerfile got it. */
  readonly ref: string
  /** `sha256:…` of what was pulled; null when nobody could say. */
  readonly digest: string | null
}

export interface BuildFacts {
  readonly project: string
  readonly service: string
  readonly commit: string
  readonly dirty: boolean
  readonly dockerfile: string
  readonly context: string
  readonly materials: readonly BuildMaterial[]
  readonly runId: string
  /** Version of the engine that built. */
  readonly engine: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly finishedAt: string
}

/** What docs/signing.md describes: an image from a Dockerfile of a commit, by this module. */
export const BUILD_TYPE = "urn:delivery:build:dockerfile:v1"
/**
 * The builder is whoever runs the module, with the key of the module's own run: no platform stands between the build and its signature,
 * so the provenance says how an image came to be (SLSA Build level 1) and does not claim that the builder could not have lied.
 */
export const BUILDER_ID = "urn:delivery:builder:dagger-module:v1"

/** The predicate of SLSA provenance v1 for one image. */
export function provenancePredicate(facts: BuildFacts): object {
  const { commit, dirty, service, dockerfile, context, materials, runId, engine, startedAt, finishedAt, project } = facts
  // What no commit holds must not be found by one.
  const source = dirty ? { uri: `urn:delivery:source:${project}`, annotations: { basedOnCommit: commit, dirty: true } } : { uri: `urn:delivery:source:${project}`, digest: { gitCommit: commit } }
  return {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: { source: { commit: dirty ? null : commit, dirty }, project, service, dockerfile, context, baseImages: materials.map(({ ref }) => ref) },
      internalParameters: { engine },
      resolvedDependencies: [source, ...materials.map(materialEntry)],
    },
    runDetails: { builder: { id: BUILDER_ID, version: { dagger: engine } }, metadata: { invocationId: runId, startedOn: startedAt, finishedOn: finishedAt } },
  }
}

function materialEntry({ ref, digest }: BuildMaterial): object {
  const uri = `oci://${ref.split("@")[0] ?? ref}`
  return digest === null ? { uri, annotations: { digest: "not known" } } : { uri, digest: { sha256: digest.replace(/^sha256:/, "") } }
}

/** Images that a Dockerfile builds on: those of its arguments, and those that it names itself. */
export function baseImages(dockerfile: string, values: Readonly<Record<string, string>>): readonly string[] {
  const defaults = Object.fromEntries([...dockerfile.matchAll(/^\s*ARG\s+([A-Za-z_][A-Za-z0-9_]*)=(\S+)/gim)].map(([, name = "", value = ""]) => [name, value]))
  const filled = (word: string): string => word.replace(/\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?/g, (_all, name: string) => values[name] ?? defaults[name] ?? "")
  const stages = new Set<string>()
  const images: string[] = []
  for (const [, from = "", alias] of dockerfile.matchAll(/^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/gim)) {
    const image = filled(from)
    if (image !== "" && image !== "scratch" && !stages.has(image.toLowerCase())) images.push(image)
    if (alias !== undefined) stages.add(alias.toLowerCase())
  }
  for (const [, from = ""] of dockerfile.matchAll(/^\s*COPY\s+(?:--\S+\s+)*?--from=(\S+)/gim)) {
    const image = filled(from)
    if (/[/:]/.test(image)) images.push(image)
  }
  return [...new Set(images)]
}
