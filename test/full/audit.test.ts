import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { wires } from "../../airgap/lib/network.mjs"
import { startAdvisoryService } from "../support/advisory-service/server.mjs"
import { AUDITED, auditTree, withAudit, type AuditSection } from "../support/audit-tree.js"
import { call, daggerw } from "../support/daggerw.js"
import { kitEngine } from "../support/kit.js"
import { newRun } from "../support/runs.js"
import type { Tree } from "../support/trees.js"

interface AuditCase {
  readonly what: string
  readonly mode: string
  readonly audit: AuditSection
  readonly status: number
  /** The row of every service. */
  readonly verdict: string
  readonly reason: RegExp
}

const excepted = (until: string): AuditSection => ({
  exceptions: ["GHSA-p6mc-m468-83gw", "CVE-2018-18074"].map((id) => ({ id, reason: "no user input gets there", until })),
})

// One address for all, so that only the first call installs.
const CASES: readonly AuditCase[] = [
  { what: "is vulnerable", mode: "healthy", audit: {}, status: 1, verdict: "failed", reason: /^1 vulnerability of level high or worse: (lodash .* \(GHSA-p6mc-m468-83gw\)|requests 2\.19\.0: PYSEC-2018-28, fixed in 2\.20\.0)$/ },
  { what: "is vulnerable below the level", mode: "healthy", audit: { level: "critical" }, status: 0, verdict: "passed", reason: /^\d findings? below level critical$/ },
  { what: "is vulnerable by an exception", mode: "healthy", audit: excepted("9999-12-31"), status: 0, verdict: "passed", reason: /^(1 finding below level high; )?1 finding excepted$/ },
  { what: "is vulnerable by an exception that is over", mode: "healthy", audit: excepted("2020-01-01"), status: 1, verdict: "failed", reason: /^1 vulnerability .*; exception for \S+ expired on 2020-01-01$/ },
  { what: "is refused an answer", mode: "refusing", audit: {}, status: 2, verdict: "error", reason: /^no advisory service answered: .*405.* \(audit\.onUnavailable is fail\)$/ },
  { what: "is refused an answer, which delivery.yaml allows", mode: "refusing", audit: { onUnavailable: "warn" }, status: 2, verdict: "skipped", reason: /^no advisory service answered: .*405/ },
  { what: "gets another answer", mode: "rubbish", audit: {}, status: 2, verdict: "error", reason: /^no advisory service answered: / },
  { what: "gets an answer that breaks off", mode: "cut", audit: {}, status: 2, verdict: "error", reason: /^no advisory service answered: / },
]

describe("audit of npm, pnpm, yarn 1, yarn 4 and pip", () => {
  let service: Awaited<ReturnType<typeof startAdvisoryService>>
  let tree: Tree

  beforeAll(async () => {
    const which = await daggerw(["--which"], { limitSeconds: 60 })
    expect(which.stdout, "the advisory service is reached through the kit's network").toMatch(/^engine: kit /)
    // The address is there while the engine runs.
    const started = await kitEngine("start")
    expect(started.status, started.output).toBe(0)
    // Always the same port: the tree names it, and what a tree without a change installs comes from the cache.
    service = await startAdvisoryService({ host: wires.engine.host, port: 7719 })
    tree = auditTree({ host: wires.engine.host, url: service.url() })
  })

  afterAll(() => service?.close())

  async function check({ mode, audit, status, verdict, reason }: Omit<AuditCase, "what">): Promise<ReturnType<typeof newRun>> {
    const run = newRun("audit")
    if (mode !== "down") service.answerAs(mode)
    const ended = await call([`--source=${withAudit(tree, audit).path}`, `--run-id=${run.runId}`, "audit"], { limitSeconds: 900 })
    expect(ended.status, ended.output).toBe(status)
    const rows = AUDITED.map((name) => [name, run.stage("audit", name)] as const)
    expect(rows.map(([name, stage]) => [name, stage.verdict, stage.reason])).toEqual(AUDITED.map((name) => [name, verdict, expect.stringMatching(reason)]))
    if (verdict === "skipped") expect(rows.map(([, { skipKind }]) => skipKind)).toEqual(AUDITED.map(() => "unavailable"))
    return run
  }

  it.each(CASES)("judges each of them where it $what", async (each) => {
    const before = service.questions()
    await check(each)
    expect(service.questions() - before).toBeGreaterThanOrEqual(AUDITED.length)
  })

  it("tells once of an exception that no service needs, and keeps what it excepts visible", async () => {
    const old = { id: "CVE-2001-0001", reason: "was there once", until: "9999-12-31" }
    const audit = { exceptions: [...(excepted("9999-12-31").exceptions ?? []), old] }
    const run = await check({ mode: "healthy", audit, status: 0, verdict: "passed", reason: /1 finding excepted$/ })
    const findings = AUDITED.flatMap((name) => run.stage("audit", name).findings)
    expect(findings.filter(({ rule }) => rule === "audit.exceptions").map(({ message }) => message)).toEqual(["exception for CVE-2001-0001 matches nothing; remove it"])
    expect(findings.filter(({ message }) => /high, excepted until 9999-12-31: no user input gets there/.test(message))).toHaveLength(AUDITED.length)
  })

  it("is an error after its time limit when no answer comes", async () => {
    // Less than the 15 s after which pip-audit gives up itself; what must be installed comes from the cache.
    tree.edit("delivery.yaml", (config) => config.setIn(["stages", "audit", "timeoutSeconds"], 10))
    await check({ mode: "hanging", audit: { onUnavailable: "warn" }, status: 2, verdict: "error", reason: /did not end within 10 s and was stopped$/ })
  })

  it("is an error when nothing listens", async () => {
    tree.edit("delivery.yaml", (config) => config.setIn(["stages", "audit", "timeoutSeconds"], 240))
    await service.close()
    await check({ mode: "down", audit: {}, status: 2, verdict: "error", reason: /^no advisory service answered: .*(ECONNREFUSED|[Cc]onnection refused)/ })
  })
})
