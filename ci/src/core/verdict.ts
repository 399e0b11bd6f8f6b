/** Every verdict, worst first; `skipped` stands last because it says nothing about the software. */
export const VERDICTS = ["error", "failed", "inconclusive", "awaiting-approval", "passed", "skipped"] as const
export type Verdict = (typeof VERDICTS)[number]

/** Why a stage did not run. */
export const SKIP_KINDS = ["requested", "unchanged", "not-configured", "unavailable", "upstream-failed"] as const
export type SkipKind = (typeof SKIP_KINDS)[number]

export type ExitStatus = 0 | 1 | 2 | 3 | 4

/** A verdict with what is needed to judge a whole run by it. */
export interface Outcome {
  readonly verdict: Verdict
  readonly skipKind: SkipKind | null
}

/** The verdict of a run and one sentence that says where it comes from. */
export interface OverallVerdict {
  readonly verdict: Verdict
  readonly reason: string
}

const EXIT_STATUS: Readonly<Record<Verdict, ExitStatus>> = {
  passed: 0,
  failed: 1,
  error: 2,
  inconclusive: 3,
  "awaiting-approval": 4,
  // A call whose only result is "skipped" proved nothing, so it must not look green.
  skipped: 2,
}

/** The process exit status of a verdict. */
export function exitStatus(verdict: Verdict): ExitStatus {
  return EXIT_STATUS[verdict]
}

/** The worst of a list; `skipped` when nothing in it ran, also when it is empty. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS.find((verdict) => verdicts.includes(verdict)) ?? "skipped"
}

/** The verdict of a run: the worst one, except that "all skipped" is an error unless nothing changed. */
export function overallVerdict(outcomes: readonly Outcome[]): OverallVerdict {
  const verdict = worstVerdict(outcomes.map((outcome) => outcome.verdict))
  if (verdict !== "skipped") return { verdict, reason: "" }
  const kinds = new Set(outcomes.map((outcome) => outcome.skipKind))
  const onlyUnchanged = kinds.has("unchanged") && !kinds.has("unavailable") && !kinds.has("upstream-failed")
  return onlyUnchanged
    ? { verdict: "passed", reason: "nothing changed since the given commit, so nothing had to run" }
    : { verdict: "error", reason: "nothing ran: every stage was skipped" }
}
