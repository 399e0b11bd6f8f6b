import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, describe, it } from "vitest"
import { analysisExcludes, analysisKey, lookAtServer, SERVER_STATES, SONARQUBE_INSTANCE, SONARQUBE_SCRIPT, startTrouble, unchangedSince, VOLUME_FOLDER } from "../../../src/core/sonar/server.js"
import { shop, SHOP } from "../support.js"

const withSonar = (more = "") => shop(() => `${SHOP}sonar: {projectKey: shop${more}}\n`)
const facts = { sources: "sha256:1", images: ["sonarqube:1", "scanner:1"] }

describe("the key of an analysis", () => {
  it("is the same for the same", async () => expect(analysisKey(await withSonar(), facts)).toBe(analysisKey(await withSonar(), facts)))
  it("changes with the sources, the images and the gate", async () => {
    const config = await withSonar()
    const stricter = await withSonar(", gate: [{metric: bugs, op: GT, error: 0}]")
    const keys = [analysisKey(config, facts), analysisKey(config, { ...facts, sources: "sha256:2" }), analysisKey(config, { ...facts, images: ["sonarqube:2", "scanner:1"] }), analysisKey(stricter, facts)]
    expect(new Set(keys).size).toBe(4)
  })
})

describe("the last passed analysis", () => {
  const passed = { key: "k", runId: "r", reason: "quality gate passed" }
  it("counts for the same key", () => expect(unchangedSince(JSON.stringify(passed), "k")).toEqual(passed))
  it.each([["another key", JSON.stringify({ ...passed, key: "other" })], ["no file", ""], ["half a file", '{"key":"k"'], ["another format", '{"key":"k"}'], ["null", "null"]])("does not count with %s", (_, text) => {
    expect(unchangedSince(text, "k")).toBeNull()
  })
})

it("is not run again for what it does not judge", async () => {
  const { chart, perf, terraform } = await withSonar()
  expect(analysisExcludes({ chart, perf, terraform })).toEqual(expect.arrayContaining(["**/*.md", ...(chart === null ? [] : [chart.path])]))
})

describe("why a server did not start", () => {
  it.each([
    ["its last error and what caused it", "INFO up\nERROR es cannot boot\n\tat x\nCaused by: no node locks\n\tat y\nINFO stopped\n", "ERROR es cannot boot Caused by: no node locks"],
    ["its last line", "no such file\n", "no such file"],
    ["nothing", "", "it left no log"],
  ])("is told from %s", (_, log, told) => expect(startTrouble(log)).toBe(told))
})

// The scripts themselves, with other paths and another program: the lock is the kernel's.
it("lets one server at a time have the volume, and tells which runs, which came too late and which has ended", () => {
  const folder = mkdtempSync(join(tmpdir(), "delivery-sonar-"))
  const here = (script: string): string => script.replaceAll(VOLUME_FOLDER, folder).replace("/opt/sonarqube/docker/entrypoint.sh", "sleep 30")
  const look = here(lookAtServer("x")[2] ?? "")
  try {
    const text = `look() { sh -euc "$2" look "$3" && code=0 || code=$?; echo "$1 $code"; }
touch ${folder}/lock
${SONARQUBE_INSTANCE}=one sh -euc "$1" & first=$!
while ! [ -e ${folder}/server.log ]; do sleep 0.05; done
${SONARQUBE_INSTANCE}=two sh -euc "$1"
look one "$2" one
look two "$2" two
kill $first; wait $first || :
look one "$2" one`
    const said = execFileSync("sh", ["-euc", text, "test", here(SONARQUBE_SCRIPT), look], { encoding: "utf8", timeout: 20_000 })
    expect(said).toBe(`one ${SERVER_STATES.runs}\ntwo ${SERVER_STATES.tooLate}\none ${SERVER_STATES.ended}\n`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
