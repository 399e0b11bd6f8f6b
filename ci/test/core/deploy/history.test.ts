import { describe, expect, it } from "vitest"
import { captureRevision, chooseRollback, decidePending, FOREIGN_HELM_MS, KEPT_RECORDS, lastKnownGood, parseRecords, releaseOfRevision, withRecord, type DeploymentRecord } from "../../../src/core/deploy/history.js"
import { renderHistory } from "../../../src/core/deploy/history-table.js"
import { parseHelmHistory } from "../../../src/core/deploy/helm.js"

const record = (revision: number | null, outcome: DeploymentRecord["outcome"], more: Partial<DeploymentRecord> = {}): DeploymentRecord => ({
  kind: "deploy", runId: `run-${revision}`, revision, commit: `${revision}`.repeat(40), images: { web: `r/web@sha256:${revision}` }, content: `content-${revision}`, objects: null, checks: [], plan: "a".repeat(64), approvedBy: null,
  startedAt: `2026-11-23T10:0${revision ?? 0}:00Z`, endedAt: null, outcome, reason: outcome === "failed" ? "crash loop: pod x" : "", ...more,
})
const helm = (...statuses: readonly string[]) => statuses.map((status, index) => ({ revision: index + 1, status, updated: `2026-11-23T10:0${index + 1}:00.5Z` }))

describe("the revision that a failed deployment goes back to", () => {
  it("is the last one that was proven, not the one that Helm calls deployed", () => {
    const killed = [record(1, "healthy"), record(2, "running")]
    expect(captureRevision(killed, helm("superseded", "deployed"), true)).toBe(1)
    expect(captureRevision([record(1, "healthy"), record(2, "failed"), record(3, "healthy", { kind: "rollback" })], helm("superseded", "failed", "deployed"), true)).toBe(3)
  })

  it("is not the one that a killed run wrote and had no time to write down", () => {
    const orphaned = [record(1, "healthy"), record(null, "running")]
    expect(captureRevision(orphaned, helm("superseded", "deployed"), true)).toBe(1)
    expect(captureRevision([record(null, "running")], helm("deployed"), true)).toBeNull()
  })

  it("is one that somebody deployed by hand, if it serves now", () => {
    expect(captureRevision([record(1, "healthy")], helm("superseded", "deployed"), true)).toBe(2)
    expect(captureRevision([record(1, "healthy")], helm("superseded", "deployed"), false)).toBe(1)
  })

  it("is Helm's word where nothing is recorded, and none before the first", () => {
    expect(captureRevision([], helm("superseded", "failed", "pending-upgrade"), false)).toBe(1)
    expect(captureRevision([], [], false)).toBeNull()
    expect(captureRevision([record(1, "failed")], helm("failed"), false)).toBeNull()
  })
})

describe("a release that a killed Helm left behind", () => {
  const running = record(null, "running")
  it("is rolled back to the last healthy revision, or uninstalled when there is none", () => {
    expect(decidePending([record(1, "healthy"), running], helm("deployed", "pending-upgrade"), 0)).toEqual({ kind: "rollback", revision: 1, status: "pending-upgrade" })
    expect(decidePending([running], helm("pending-install"), 0)).toEqual({ kind: "uninstall", revision: 1, status: "pending-install" })
    expect(decidePending([running], helm("deployed"), 0)).toEqual({ kind: "none" })
  })

  it("is left alone for a while when no run of ours can have done it", () => {
    expect(decidePending([record(1, "healthy")], helm("deployed", "pending-upgrade"), 0)).toMatchObject({ kind: "foreign" })
    expect(decidePending([record(1, "healthy")], helm("deployed", "pending-upgrade"), FOREIGN_HELM_MS)).toMatchObject({ kind: "rollback", revision: 1 })
  })
})

describe("rollback", () => {
  const revisions = helm("superseded", "superseded", "superseded", "deployed")
  const records = [record(1, "healthy"), record(2, "healthy", { content: "content-4" }), record(3, "failed"), record(4, "healthy")]

  it("takes the latest revision that was proven and has another content, not Helm's N-1", () => {
    expect(chooseRollback(records, revisions, null)).toEqual({ record: records[0] })
  })

  it("takes a proven revision that is named", () => {
    expect(chooseRollback(records, revisions, 2)).toEqual({ record: records[1] })
  })

  it.each([
    ["nothing is deployed", [], [], null, "nothing is deployed"],
    ["none was proven", [record(4, "healthy")], revisions, null, "no earlier revision with another content than revision 4"],
    ["it failed", records, revisions, 3, "revision 3 was not proven healthy: failed, crash loop: pod x"],
    ["nobody knows", [record(4, "healthy")], revisions, 2, "nothing is recorded about revision 2"],
    ["Helm has dropped it", records, revisions.slice(1), 1, "Helm has no revision 1"],
    ["it runs", records, revisions, 4, "revision 4 is what runs"],
  ])("is refused when %s", (_, known, helmHas, asked, why) => {
    const choice = chooseRollback(known, helmHas, asked)
    expect("refusal" in choice ? choice.refusal : choice.record).toContain(why)
  })
})

describe("the history in the cluster", () => {
  it("has one record for each revision of a run", () => {
    const started = withRecord([record(1, "healthy")], record(null, "running", { runId: "r" }))
    const written = withRecord(started, record(2, "running", { runId: "r" }))
    const ended = withRecord(written, record(2, "failed", { runId: "r" }))
    const back = withRecord(ended, record(3, "healthy", { runId: "r", kind: "rollback" }))
    expect(back.map(({ revision, outcome }) => [revision, outcome])).toEqual([[1, "healthy"], [2, "failed"], [3, "healthy"]])
  })

  it("does not grow for ever, and is empty where there is none", () => {
    const many = Array.from({ length: KEPT_RECORDS + 5 }, (_, index) => record(index, "healthy"))
    expect(many.reduce<readonly DeploymentRecord[]>((all, one) => withRecord(all, one), [])).toHaveLength(KEPT_RECORDS)
    expect(parseRecords(undefined)).toEqual([])
  })

  it("tells the last known good, newest first, and what was done by hand", () => {
    const records = [record(1, "healthy", { approvedBy: "ada" }), record(2, "failed")]
    const revisions = helm("superseded", "failed", "deployed")
    expect(lastKnownGood(records, revisions)?.revision).toBe(1)
    const text = renderHistory("staging", records, revisions)
    expect(text.split("\n").map((line) => line.split(/\s+/)[0])).toEqual(["REVISION", "3", "2", "1", "", "*", "", ""])
    expect(text).toMatch(/^3 +2026-11-23T10:03:00 +by hand +deployed/m)
    expect(text).toMatch(/^2 .* failed .*crash loop: pod x$/m)
    expect(text).toMatch(/^1 .* healthy \* .* ada /m)
    expect(text).toContain("* last known good of staging: revision 1, commit 1111")
    expect(renderHistory("dev", [], [])).toBe("dev: nothing has been deployed\n")
    expect(renderHistory("dev", [record(1, "running")], helm("deployed"))).toMatch(/interrupted, or still running(.|\n)*no revision is known to be good/)
  })

  it("reads Helm's in the order of the revisions", () => {
    expect(parseHelmHistory(JSON.stringify([...helm("superseded", "deployed")].reverse())).map(({ revision }) => revision)).toEqual([1, 2])
    expect(parseHelmHistory("")).toEqual([])
  })
})

describe("the revision of a run that was killed before it could write it down", () => {
  it("is told as that run's, and not as deployed by hand", () => {
    const text = renderHistory("staging", [record(1, "healthy"), { ...record(null, "running"), runId: "run-2" }], helm("superseded", "deployed"))
    expect(text).toMatch(/^2 +.* deploy +interrupted, or still running .* run-2/m)
    expect(text).not.toContain("by hand")
  })
  it("is by hand where somebody has deployed after a run that has ended", () => {
    expect(renderHistory("staging", [record(1, "healthy")], helm("superseded", "deployed"))).toMatch(/^2 +.* by hand +deployed/m)
  })
})

describe("what a revision was proven by", () => {
  const checks = [{ name: "web", ready: "/ready", routes: ["/"], smoke: [] }]
  it("goes with it into the history, and is asked again on the way back to it", () => {
    expect(releaseOfRevision([record(1, "healthy", { checks }), record(2, "failed")], 1).checks).toEqual(checks)
  })
  it("is nothing for a revision that nobody has recorded, or that an older version has", () => {
    expect(releaseOfRevision([], 1).checks).toEqual([])
    const { checks: _, ...old } = record(1, "healthy")
    expect(parseRecords(JSON.stringify([old]))[0]?.checks).toEqual([])
  })
})
