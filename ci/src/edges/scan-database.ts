import { CacheSharingMode, dag, type Directory } from "@dagger.io/dagger"
import type { DatabaseFacts } from "../core/gates/scan/database.js"
import { fnv1a } from "../core/report/fingerprint.js"
import { COPIED_FOLDER, COPY_SCRIPT, FETCH_SCRIPT, fetchedDatabase, KEPT_FOLDER } from "../core/scan/fetch-database.js"
import { INPUT_FOLDER } from "../core/scan/sandbox.js"
import { downloadArguments } from "../core/scan/trivy.js"
import { commandLog, nextNonce, runCommand, uncached } from "./exec.js"
import { containerOf } from "./image-container.js"
import type { Run } from "./run.js"
import { textOf } from "./sandbox.js"

/** The vulnerability database of a run. */
export interface ScanDatabase {
  /** A sandbox's files with nothing but the database in its place; empty when there is none. */
  readonly folder: Directory
  readonly facts: DatabaseFacts
  readonly log: string
}

const TRIVY_DB = "trivy-db"
const DATABASE_PATH = `${INPUT_FOLDER}/cache/db`
const fetched = new WeakMap<Run, Promise<ScanDatabase>>()

/** Fetches the database once a run, in a container that sees no sources; what failed is tried again by the next who asks. */
export function scanDatabase(run: Run, timeoutSeconds: number): Promise<ScanDatabase> {
  const under = fetched.get(run) ?? fetchDatabase(run, timeoutSeconds)
  fetched.set(run, under)
  const forget = (): void => void fetched.delete(run)
  under.then(({ facts }) => (facts.metadata === null ? forget() : undefined), forget)
  return under
}

async function fetchDatabase(run: Run, timeoutSeconds: number): Promise<ScanDatabase> {
  const { checkout, header } = run
  const address = checkout.artifact(TRIVY_DB)
  const volume = dag.cacheVolume(`delivery-trivy-db-${fnv1a(address.ref)}`)
  const container = containerOf(checkout.image("trivy"))
    .withoutEntrypoint()
    .withUser("0")
    // Kept between runs: Trivy itself fetches it again when it is due, and a registry that does not answer for a moment does no harm.
    .withMountedCache(KEPT_FOLDER, volume, { sharing: CacheSharingMode.Locked })
  const argv = ["sh", "-uc", FETCH_SCRIPT, "fetch", ...downloadArguments(address, KEPT_FOLDER)]
  const exec = await runCommand(uncached(container, nextNonce(header.runId)), argv, { runId: header.runId, timeoutSeconds })
  const { identity, notRenewed } = fetchedDatabase(exec)
  const log = commandLog([{ ...exec, argv: downloadArguments(address, KEPT_FOLDER) }])
  if (identity === null) return { folder: dag.directory(), facts: { metadata: null, sample: null, notRenewed: notRenewed ?? "it left no database" }, log }
  // By its content, so that the same database gives the same folder, and a scan of the same files comes from the engine's cache.
  const folder = container.withEnvVariable("DATABASE", identity).withExec(["sh", "-euc", COPY_SCRIPT]).directory(COPIED_FOLDER)
  const [metadata, sample] = await Promise.all([textOf(folder, `${DATABASE_PATH}/metadata.json`), textOf(folder, `${DATABASE_PATH}/sample.json`)])
  return { folder, facts: { metadata, sample, notRenewed }, log }
}
