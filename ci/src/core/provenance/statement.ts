/** What a provenance says, as far as this module reads it. */
export interface ProvenanceFacts {
  readonly commit: string | null
  readonly dirty: boolean
  readonly builder: string | null
  readonly runId: string | null
  readonly startedOn: string | null
  /** Base images and the like: what the build took from outside, with a digest where one is known. */
  readonly materials: readonly { readonly uri: string; readonly digest: string | null }[]
}

interface Predicate {
  readonly buildDefinition?: {
    readonly externalParameters?: { readonly source?: { readonly commit?: string; readonly dirty?: boolean } }
    readonly resolvedDependencies?: readonly { readonly uri?: string; readonly digest?: Readonly<Record<string, string>> }[]
  }
  readonly runDetails?: { readonly builder?: { readonly id?: string }; readonly metadata?: { readonly invocationId?: string; readonly startedOn?: string } }
}

/** The predicates that `cosign verify-attestation` printed, an envelope a line. Only what it verified is printed. */
export function readProvenance(stdout: string, decode: (base64: string) => string): readonly ProvenanceFacts[] {
  return stdout.split("\n").flatMap((line) => {
    try {
      const { payload } = JSON.parse(line) as { readonly payload?: string }
      const { predicate } = JSON.parse(decode(payload ?? "")) as { readonly predicate?: Predicate }
      return predicate === undefined ? [] : [factsOf(predicate)]
    } catch {
      return []
    }
  })
}

function factsOf({ buildDefinition, runDetails }: Predicate): ProvenanceFacts {
  const dependencies = buildDefinition?.resolvedDependencies ?? []
  const source = buildDefinition?.externalParameters?.source
  return {
    commit: dependencies.flatMap(({ digest }) => digest?.["gitCommit"] ?? [])[0] ?? source?.commit ?? null,
    dirty: source?.dirty ?? false,
    builder: runDetails?.builder?.id ?? null,
    runId: runDetails?.metadata?.invocationId ?? null,
    startedOn: runDetails?.metadata?.startedOn ?? null,
    materials: dependencies.flatMap(({ uri, digest }) => (uri === undefined || digest?.["gitCommit"] !== undefined ? [] : [{ uri, digest: digest?.["sha256"] ?? null }])),
  }
}
