import { dag, type Directory, type File, type Secret, type Service as DaggerService } from "@dagger.io/dagger"
import type { FileChange } from "../core/changes.js"
import { InternalError } from "../core/errors.js"
import type { Coverage } from "../core/gates/coverage.js"
import type { SourcePlace } from "../core/gates/source-place.js"
import type { SmokeAttempt } from "../core/gates/smoke.js"
import type { JudgedCase } from "../core/gates/test-cases.js"
import type { ReleaseFactsForImages } from "../core/package/image-facts.js"
import type { PlannedStage } from "../core/plan.js"
import type { Release, ReleasedScan, SbomFormat } from "../core/release.js"
import type { DeployPlan } from "../core/deploy/deploy-plan.js"
import type { LoadRequest } from "../core/perf/load-request.js"
import type { GateResult, RunHeader, StageResult } from "../core/run.js"
import type { Checkout } from "./checkout.js"
import type { SignedRelease } from "./signed-release.js"
import type { Target } from "./target.js"

/** What one stage hands back. */
export interface StageOutput {
  readonly gate: GateResult
  readonly cached?: boolean
  /** Files for the run's folder; their paths are the stage's evidence. */
  readonly evidence?: Directory
  /** What was built, for the run's folder: as evidence the folder is named, not its thousand files. */
  readonly artifacts?: { readonly path: string; readonly files: Directory }
}

/** Of a call with one row: what it tells before its table, such as the history. */
export interface RowOutput extends StageOutput {
  readonly preface?: string
}

/** Ends a stage from below with a gate of its own, such as an install that did not come to its end. */
export class StageStop extends Error {
  constructor(
    readonly gate: GateResult,
    readonly log: string,
  ) {
    super(gate.reason)
  }
}

/** One stage's work; a thrown error reads as the verdict `error`, unless it is a StageStop. */
export type StageWork = (run: Run, planned: PlannedStage, attempt: number) => Promise<StageOutput>

/** An image that has been built and published to the run's own registry. */
export interface PackagedImage {
  /** Of the image, or of the index of its platforms. */
  readonly digest: string
}

/** What an image is made of, as `scan-images` found it. */
export interface ImageDescription {
  readonly sboms: Readonly<Partial<Record<SbomFormat, File>>>
  readonly scan: ReleasedScan
}

/** Test cases and coverage of a service, for whoever judges them once more. */
export interface TestedService {
  readonly cases: readonly JudgedCase[]
  readonly coverage: Coverage | null
  readonly place: SourcePlace
}

/** A plan of one environment with its hash. */
export interface PlannedDeploy {
  readonly hash: string
  readonly plan: DeployPlan
  /** Digest of all that the chart renders. */
  readonly content: string
  readonly workloads: readonly string[]
  /** Whether the API server has judged the objects: it cannot before there is a namespace. */
  readonly judged: boolean
}

/** What the stages of one run share. */
export interface Run {
  readonly header: RunHeader
  readonly checkout: Checkout
  readonly credentials: ReadonlyMap<string, Secret>
  /** `mirror` for the air-gapped kit's images, `upstream` for the publishers'. */
  readonly imageProfile: string
  /** What changed since `--since`; null when nobody asked. */
  readonly changes: readonly FileChange[] | null
  /** A repository's .git folder, to be searched for secrets; null when nobody asked. */
  readonly history: Directory | null
  /** What `deploy` was told: the plan that it may apply and who approved it. Empty where nobody said. */
  readonly deployOptions: { readonly plan: string; readonly approvedBy: string }
  /** What `deploy-plan` found for each environment. */
  readonly plans: Map<string, PlannedDeploy>
  /** What a call of `perf` asks for. */
  readonly loadRequest: LoadRequest
  /** Environments of which this run makes the plan and no more: somebody is to be told that it awaits an approval. */
  readonly plannedOnly: readonly string[]
  /** What the services of an environment answered when `deploy` proved it. */
  readonly proven: Map<string, readonly SmokeAttempt[]>
  /** Environments whose first release this run has rolled out; there was nothing to hold it against. */
  readonly rolledOut: Set<string>
  /** Environments that ran this release before the run. */
  readonly upToDate: Set<string>
  /** Images by service, as `package` made them. */
  readonly packaged: Map<string, PackagedImage>
  /** By service, as far as `scan-images` ran. */
  readonly described: Map<string, ImageDescription>
  /** Rows that have ended, by id. */
  readonly results: Map<string, StageResult>
  /** What the tests of a service said, as `test` read it. */
  readonly tested: Map<string, TestedService>
  /** Whether what `build` made is kept in the run's folder. */
  readonly keepsArtifacts: boolean
  /** Whether the release goes beyond the run's own registry. */
  readonly pushesToRegistry: boolean
  /** As it lies in the registry of delivery.yaml, or in the run's own where nothing else is asked for. */
  release: Release | null
  /** Where it lies, by digest; null where it has not been pushed. */
  releaseRef: string | null
  /** The commit or digest of a release that an earlier call pushed; null for that of the checkout's commit. */
  readonly releaseWanted: string | null
  /** What `sign` made, in the run's own registry; null where nothing was signed. */
  signed: SignedRelease | null
  /** The version of the commit, as its second tag; empty when it has none. */
  readonly version: string
  /** When the commit was made, ISO 8601 in UTC; empty when nobody told. */
  readonly commitTime: string
  /** What the cluster of `local` needs around the product. */
  readonly platform: Directory
  readonly stagingRegistry: () => Promise<DaggerService>
  /** The cluster of an environment; the one of `local` is started on first use. */
  readonly target: (environment: string) => Promise<Target>
}

export function serviceOf(run: Run, planned: PlannedStage) {
  const service = run.checkout.config.services[planned.service ?? ""]
  if (service === undefined) throw new InternalError(`stage ${planned.id} names no service of delivery.yaml`)
  return service
}

export function environmentOf(run: Run, planned: PlannedStage) {
  const environment = run.checkout.config.environments[planned.environment ?? ""]
  if (environment === undefined) throw new InternalError(`stage ${planned.id} names no environment of delivery.yaml`)
  return environment
}

/** The chart of what is deployed. */
export function chartOf(run: Run) {
  const { chart } = run.checkout.config
  if (chart === null) throw new InternalError("delivery.yaml has no chart, and the plan did not skip what needs one")
  return chart
}

export const limits = (run: Run, planned: PlannedStage) => ({ runId: run.header.runId, timeoutSeconds: planned.timeoutSeconds })

export const packagedDigests = (run: Run): ReadonlyMap<string, string> => new Map([...run.packaged].map(([name, { digest }]) => [name, digest]))

/** Such as 2026-11-23, in UTC: what exceptions end by. */
export const today = (): string => new Date().toISOString().slice(0, "2026-11-23".length)

/** What every image of the release says of itself. */
export const factsForImages = ({ header: { commit, dirty }, commitTime, version, checkout }: Run): ReleaseFactsForImages => ({ commit, dirty, commitTime, version, repository: checkout.config.repository })

/** The commit, or what tells that no commit holds what was built. */
export const releaseName = ({ header: { commit, dirty } }: Run): string => (dirty ? `${commit}-dirty` : commit)

/** Calls `make` once and gives everybody the same promise. */
export function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => (made ??= make())
}

export const emptyDirectory = (): Directory => dag.directory()
