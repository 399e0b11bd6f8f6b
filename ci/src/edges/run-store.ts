import { dag, type Container, type Directory } from "@dagger.io/dagger"
import { UsageError } from "../core/errors.js"
import { imageRef } from "../core/pins.js"
import { projectName } from "../core/refusal.js"
import { renderRunJson, type RunRecord } from "../core/run.js"
import { readPins, type CheckoutSource } from "./checkout.js"
import { nextNonce, uncached } from "./exec.js"
import { containerOf } from "./image-container.js"
import { LOAD_STORE, withLoadStore } from "./perf/load-store.js"

const KEPT_RUNS = 20
// What was built is larger than any report, so fewer runs keep it.
const KEPT_ARTIFACTS = 3
const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

const WRITE = `mkdir -p "/runs/$RUN_ID"
cp -R /evidence/. "/runs/$RUN_ID/"
cp /run.json "/runs/$RUN_ID/.run.json.unfinished"
mv "/runs/$RUN_ID/.run.json.unfinished" "/runs/$RUN_ID/run.json"
touch "/runs/$RUN_ID"
ls -1t /runs | tail -n +${KEPT_RUNS + 1} | while read -r old; do rm -rf "/runs/$old"; done
ls -1t /runs | while read -r run; do if [ -d "/runs/$run/artifacts" ]; then echo "$run"; fi; done | tail -n +${KEPT_ARTIFACTS + 1} | while read -r old; do rm -rf "/runs/$old/artifacts"; done
`

// A load test that was broken off left its files where it wrote them: nobody came to fetch them.
const READ = `mkdir /out
cp -R "/runs/$RUN_ID/." /out/
for live in ${LOAD_STORE}/live/"$RUN_ID"/perf/*/; do
  place="/out/perf/$(basename "$live")"
  if [ -d "$live" ] && [ ! -f "$place/report.html" ]; then mkdir -p "$place"; cp -R "$live." "$place/"; fi
done
`

/** A run id becomes a folder's name and a tag of an image. */
export function checkRunId(runId: string): string {
  if (RUN_ID.test(runId)) return runId
  throw new UsageError(`--run-id: expected up to 100 letters, digits, dots, underscores and hyphens, got ${JSON.stringify(runId)}`)
}

/** Where runs are kept, and the image whose shell writes and reads there. */
export interface RunArchive {
  readonly project: string
  readonly image: string
}

/** Found also for a checkout whose delivery.yaml or pins.yaml is broken, for that run is to be reported too. */
export async function findArchive({ source, modulePins, mirrorPrefix }: CheckoutSource): Promise<RunArchive> {
  const text = (await source.exists("delivery.yaml")) ? await source.file("delivery.yaml").contents() : null
  const fallback = `${mirrorPrefix === "" ? "" : `${mirrorPrefix}/`}debian:bookworm-slim`
  const image = await readPins(source, modulePins)
    .then((read) => imageRef(read, "debian", { mirrorPrefix }))
    .catch(() => fallback)
  return { project: projectName(text), image }
}

function withRuns(archive: RunArchive): Container {
  return containerOf(archive.image).withMountedCache("/runs", dag.cacheVolume(`delivery-runs-${archive.project}`))
}

/** Keeps a run's folder up to date while it goes on, so that a killed run leaves what it had. */
export class RunStore {
  private evidence: Directory | null = null
  private latest: RunRecord | null = null
  private writing: Promise<void> = Promise.resolve()
  private waiting = false

  constructor(private readonly archive: RunArchive) {}

  /** Writes soon; what comes in while a write is under way goes into the next one. */
  update(record: RunRecord, evidence: Directory | null): Promise<void> {
    this.latest = record
    if (evidence !== null) this.evidence = (this.evidence ?? dag.directory()).withDirectory("/", evidence)
    if (!this.waiting) {
      this.waiting = true
      this.writing = this.writing.then(() => this.write())
    }
    return this.writing
  }

  private async write(): Promise<void> {
    this.waiting = false
    const { latest, evidence } = this
    if (latest === null) return
    this.evidence = null
    await uncached(withRuns(this.archive), nextNonce(latest.runId))
      .withMountedDirectory("/evidence", evidence ?? dag.directory())
      .withNewFile("/run.json", renderRunJson(latest))
      .withEnvVariable("RUN_ID", latest.runId)
      .withExec(["sh", "-euc", WRITE])
      .sync()
  }
}

/** The folder of one run, or of the last one; says which there are when it is not among them. */
export async function readRun(archive: RunArchive, runId: string | null): Promise<Directory> {
  const runs = uncached(withRuns(archive), nextNonce(runId ?? "last"))
  const listing = await runs.withExec(["sh", "-euc", 'cd /runs; for run in $(ls -1t); do if [ -f "$run/run.json" ]; then echo "$run"; fi; done']).stdout()
  const known = listing.split("\n").filter((line) => line !== "")
  const wanted = runId === null ? known[0] : known.find((name) => name === checkRunId(runId))
  if (wanted === undefined) {
    throw new UsageError(
      `no reports of ${runId === null ? "any run" : `run ${runId}`}. ${known.length === 0 ? "No run of this project is stored; run the pipeline first." : `Stored runs, newest first: ${known.join(", ")}.`}`,
    )
  }
  return withLoadStore(runs, archive.project).withEnvVariable("RUN_ID", wanted).withExec(["sh", "-euc", READ]).directory("/out")
}
