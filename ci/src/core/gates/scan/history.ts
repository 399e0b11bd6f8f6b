import { HISTORY_COMMITS_STEP, HISTORY_PREPARING } from "../../scan/history.js"
import { judgeExec, type ExecOutcome } from "../exec.js"
import { counted, errorGate } from "../gate.js"
import type { GateResult } from "../../run.js"
import { judgeSecrets, type JudgedSecrets, type SecretsInput } from "./secrets.js"

export interface HistoryInput {
  /** What the steps before the search ended with, by name. */
  readonly outcomes: Readonly<Record<string, ExecOutcome>>
  readonly secrets: SecretsInput
  readonly isShallow: boolean
}

export interface JudgedHistory extends JudgedSecrets {
  /** `history of 12 commits` */
  readonly what: string
}

export const SHALLOW_HISTORY = "the history is shallow, so most commits are not in it: fetch it whole (fetch-depth: 0, GIT_DEPTH: 0, git fetch --unshallow)"

/** Secrets in what was ever committed; a gate where that could not be told. gitleaks ends with 0 also where git gave it nothing. */
export function judgeHistory({ outcomes, secrets, isShallow }: HistoryInput): JudgedHistory | GateResult {
  if (isShallow) return errorGate(SHALLOW_HISTORY)
  for (const { name } of HISTORY_PREPARING) {
    const outcome = outcomes[name]
    const gate = outcome === undefined ? errorGate(`${name} did not run`) : judgeExec(outcome, secrets.timeoutSeconds)
    if (gate.verdict !== "passed") return errorGate(`the history cannot be read: ${gate.reason}`)
  }
  const commits = Number(outcomes[HISTORY_COMMITS_STEP.name]?.stdout.trim())
  if (!Number.isInteger(commits) || commits === 0) return errorGate("the history has no commit: expected --history to be a repository's .git folder")
  const judged = judgeSecrets(secrets)
  if ("verdict" in judged) return judged
  const said = secrets.tree.exec.stderr
  const trouble = /\bERR\b.*/.exec(said)?.[0]
  if (trouble !== undefined) return errorGate(`gitleaks git did not read the whole history: ${trouble.slice(0, 200)}`)
  const scanned = Number(/(\d+) commits scanned/.exec(said)?.[1] ?? 0)
  if (scanned === 0) return errorGate(`gitleaks git scanned none of the ${counted(commits, "commit")} of the history`)
  return { ...judged, what: `history of ${counted(commits, "commit")}` }
}
