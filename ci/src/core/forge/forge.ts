import type { ForgeConfig } from "../config/ci.js"
import type { RunRecord } from "../run.js"
import type { Verdict } from "../verdict.js"

/** One question or change of a code host's API; throws what went wrong, without the token. */
export type ForgeRequest = (method: "GET" | "POST" | "PUT" | "PATCH", path: string, body?: object) => Promise<unknown>

/** What differs from code host to code host. */
interface ForgeRoutes {
  readonly state: Readonly<Record<Verdict, string>>
  readonly status: (commit: string) => string
  readonly statusBody: (state: string, name: string, description: string) => object
  /** The open merge requests of a commit. */
  readonly requests: (commit: string) => string
  readonly comments: (number: number) => string
  readonly comment: (number: number, id: number) => string
  readonly change: "PUT" | "PATCH"
}

const LONGEST_DESCRIPTION = 140 // GitHub refuses more
const LONGEST_COMMENT = 60_000 // GitHub refuses more than 65,536

/** Tells a run as a status of its commit and as one comment of each open merge request: an earlier one is written anew. */
export async function tellRun(forge: ForgeConfig, run: Pick<RunRecord, "commit" | "verdict" | "reason">, call: string, summary: string, request: ForgeRequest): Promise<readonly string[]> {
  const { commit, verdict, reason } = run
  if (!/^[0-9a-f]{40,64}$/.test(commit)) return [`nothing was told to ${forge.kind}: the commit is not known`]
  const routes = ROUTES[forge.kind](forge.project)
  const name = `delivery/${call}`
  await request("POST", routes.status(commit), routes.statusBody(routes.state[verdict], name, `${verdict}: ${reason}`.slice(0, LONGEST_DESCRIPTION)))
  const marker = `<!-- ${name} -->`
  const body = { body: `${marker}\n${summary.length <= LONGEST_COMMENT ? summary : `${summary.slice(0, LONGEST_COMMENT)}\n\n… the rest is in the reports.`}` }
  const numbers = listOf(await request("GET", routes.requests(commit))).filter(isOpen).flatMap((entry) => numberOf(entry["iid"] ?? entry["number"]))
  for (const number of numbers) {
    const before = listOf(await request("GET", `${routes.comments(number)}?per_page=100`)).find((entry) => typeof entry["body"] === "string" && entry["body"].startsWith(marker))
    const [id] = numberOf(before?.["id"])
    if (id === undefined) await request("POST", routes.comments(number), body)
    else await request(routes.change, routes.comment(number, id), body)
  }
  return [`told ${forge.kind}: the status ${name}${numbers.length === 0 ? "" : `, and merge request ${numbers.join(", ")}`}`]
}

const ROUTES: Readonly<Record<ForgeConfig["kind"], (project: string) => ForgeRoutes>> = {
  gitlab: (project) => {
    const base = `/projects/${encodeURIComponent(project)}`
    return {
      state: { passed: "success", failed: "failed", error: "failed", inconclusive: "failed", "awaiting-approval": "pending", skipped: "canceled" },
      status: (commit) => `${base}/statuses/${commit}`,
      statusBody: (state, name, description) => ({ state, name, description }),
      requests: (commit) => `${base}/repository/commits/${commit}/merge_requests`,
      comments: (number) => `${base}/merge_requests/${number}/notes`,
      comment: (number, id) => `${base}/merge_requests/${number}/notes/${id}`,
      change: "PUT",
    }
  },
  github: (project) => {
    const base = `/repos/${project}`
    return {
      state: { passed: "success", failed: "failure", error: "error", inconclusive: "failure", "awaiting-approval": "pending", skipped: "error" },
      status: (commit) => `${base}/statuses/${commit}`,
      statusBody: (state, context, description) => ({ state, context, description }),
      requests: (commit) => `${base}/commits/${commit}/pulls`,
      comments: (number) => `${base}/issues/${number}/comments`,
      comment: (_, id) => `${base}/issues/comments/${id}`,
      change: "PATCH",
    }
  },
}

type ForgeEntry = Readonly<Record<string, unknown>>
const listOf = (answer: unknown): readonly ForgeEntry[] => (Array.isArray(answer) ? (answer as ForgeEntry[]) : [])
const isOpen = ({ state }: ForgeEntry): boolean => state === "opened" || state === "open"
const numberOf = (value: unknown): readonly number[] => (typeof value === "number" ? [value] : [])

/** How each host wants the token. */
export const forgeHeaders = (kind: ForgeConfig["kind"], token: string): Readonly<Record<string, string>> =>
  kind === "gitlab" ? { "PRIVATE-TOKEN": token } : { authorization: `Bearer ${token}`, accept: "application/vnd.github+json", "user-agent": "delivery" }
