import type { Directory } from "@dagger.io/dagger"
import { lastLines } from "../core/gates/exec.js"
import { renderCodeQuality } from "../core/report/code-quality.js"
import { renderGitlabSecurity } from "../core/report/gitlab-security.js"
import { renderHtml } from "../core/report/html.js"
import { renderJunit, renderJunitFiles, type ServiceJunit } from "../core/report/junit.js"
import { renderMarkdown } from "../core/report/markdown.js"
import { renderSarifFiles, type ReportFile } from "../core/report/sarif.js"
import { reportLoad } from "../core/perf/load-folder.js"
import { readFiles } from "./perf/read-files.js"
import { parseRunJson } from "../core/run.js"

const LOG_TAIL_LINES = 40

/** A run's folder with the reports for people and for CI systems, made from what it holds. */
export async function withReports(folder: Directory): Promise<Directory> {
  const run = parseRunJson(await folder.file("run.json").contents())
  const interrupted = await reportInterruptedLoads(folder)
  const folderNow = interrupted.reduce((files, { path, text }) => files.withNewFile(path, text), folder)
  const [logTails, junits, pictures] = await Promise.all([readLogTails(folder), readJunits(folderNow), readPictures(folder)])
  const parts = [...renderSarifFiles(run), ...renderGitlabSecurity(run), ...(await renderJunitFiles(run, junits))]
  const whole = folderNow
    .withNewFile("report.html", renderHtml(run, { logTails, pictures }))
    .withNewFile("summary.md", renderMarkdown(run))
    .withNewFile("codequality.json", renderCodeQuality(run))
    .withNewFile("junit.xml", await renderJunit(run, junits))
  return parts.reduce((reports, { path, text }) => reports.withNewFile(path, text), whole)
}

/** The ends of logs/<stage>-<service>.log by the stage's id, `test:backend`. */
async function readLogTails(folder: Directory): Promise<Readonly<Record<string, string>>> {
  const run = parseRunJson(await folder.file("run.json").contents())
  const tails = run.stages
    .filter(({ verdict }) => verdict !== "passed" && verdict !== "skipped")
    .map(async ({ stage, service, environment }): Promise<[string, string] | null> => {
      const about = service ?? environment
      const path = `logs/${about === null ? stage : `${stage}-${about}`}.log`
      if (!(await folder.exists(path))) return null
      return [about === null ? stage : `${stage}:${about}`, lastLines(await folder.file(path).contents(), LOG_TAIL_LINES)]
    })
  return Object.fromEntries((await Promise.all(tails)).filter((tail) => tail !== null))
}

async function readPictures(folder: Directory): Promise<Readonly<Record<string, string>>> {
  const paths = await folder.glob("canary/*.svg")
  return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await folder.file(path).contents()])))
}

async function readJunits(folder: Directory): Promise<readonly ServiceJunit[]> {
  const [ofServices, ofLoads] = await Promise.all([folder.glob("test/*/junit.xml"), folder.glob("perf/*/junit.xml")])
  const named = (path: string): string => path.split("/")[1] ?? path
  const read = (paths: readonly string[], service: (name: string) => string | null) => paths.map(async (path) => ({ service: service(named(path)), about: named(path), xml: await folder.file(path).contents() }))
  return Promise.all([...read(ofServices, (name) => name), ...read(ofLoads, () => null)])
}

/** The reports of a load test that was broken off, from what it had written until then. */
async function reportInterruptedLoads(folder: Directory): Promise<readonly ReportFile[]> {
  const places = (await folder.glob("perf/*/plan.json")).map((path) => path.slice(0, -"/plan.json".length))
  const made = await Promise.all(
    places.map(async (place) => {
      if (await folder.exists(`${place}/report.html`)) return []
      const { files } = await reportLoad(await readFiles(folder.directory(place)), { timeoutSeconds: 0, server: null })
      return files.map(({ path, text }) => ({ path: `${place}/${path}`, text }))
    }),
  )
  return made.flat()
}
