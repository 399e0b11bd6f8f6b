// What a vulnerability database must be for a verdict to rest on it. Trivy itself ends with 0 and no finding with most of these.
import { beforeAll, describe, expect, it } from "vitest"
import { call } from "../support/daggerw.js"
import { helloTree } from "../support/fixture.js"
import { newRun } from "../support/runs.js"
import { asPublished, emptyBolt, sampleDatabase, serveDatabase, type DatabaseFiles } from "../support/trivy-db.js"

let sample: DatabaseFiles
beforeAll(async () => {
  sample = await sampleDatabase()
})

interface DatabaseCase {
  readonly what: string
  readonly files: () => DatabaseFiles
  readonly verdict: string
  readonly status: number
  readonly reason: RegExp
}

const CASES: readonly DatabaseCase[] = [
  { what: "a fresh one", files: () => asPublished(sample, 5), verdict: "passed", status: 0, reason: /^1 lock file, \d+ files of configuration; \d+ findings below level high; \d+ findings? excepted; no network$/ },
  { what: "one of a hundred hours", files: () => asPublished(sample, 100), verdict: "error", status: 2, reason: /^the vulnerability database is 4 days old \(made 20\S+\), more than 3 \(scan\.maxDatabaseAgeDays\)/ },
  { what: "one of next week", files: () => asPublished(sample, -170), verdict: "error", status: 2, reason: /^the vulnerability database was made at 20\S+: expected a time in the past/ },
  { what: "an empty one", files: () => ({ ...asPublished(sample, 5), "trivy.db": emptyBolt() }), verdict: "error", status: 2, reason: /^the vulnerability database does not know CVE-2021-44906, which every one does: it is empty/ },
  { what: "one that is none", files: () => ({ ...asPublished(sample, 5), "trivy.db": "no database" }), verdict: "error", status: 2, reason: /^trivy fs --cache-dir ended with 1: .*invalid database/ },
  { what: "one of another schema", files: () => ({ ...asPublished(sample, 5), "metadata.json": '{"Version":1,"UpdatedAt":"2026-11-23T00:00:00Z"}' }), verdict: "error", status: 2, reason: /^(the vulnerability database has schema 1, expected 2|there is no vulnerability database)/ },
  { what: "a sample", files: () => sample, verdict: "passed", status: 0, reason: /; sample database, \d+ advisories, not a security statement; no network$/ },
]

describe("the database", () => {
  it.each(CASES)("$what", async ({ files, verdict, status, reason }) => {
    const registry = await serveDatabase(files())
    try {
      const tree = helloTree().edit("delivery.yaml", (config) => config.setIn(["images", "trivy-db"], registry.address))
      const run = newRun("scan-database")
      const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "pipeline", "--only", "scan-files"], { limitSeconds: 300 })
      expect(run.stage("scan-files"), ended.output).toMatchObject({ verdict, reason: expect.stringMatching(reason) as string })
      expect(ended.status, ended.output).toBe(status)
    } finally {
      registry.close()
    }
  })
})
