import { dag, type CacheVolume, type Container } from "@dagger.io/dagger"
import { KEPT_GOOD_RUNS, type GoodRun } from "../../core/perf/load-comparison.js"
import { nextNonce, uncached } from "../exec.js"
import { containerOf } from "../image-container.js"

/** Where load tests write while they run, and keep the figures of the good ones. */
export const LOAD_STORE = "/store"

const KEEP = `folder="${LOAD_STORE}/good/$ENVIRONMENT/$KEY"
mkdir -p "$folder"
cp /run.json "$folder/$NAME.json.unfinished"
mv "$folder/$NAME.json.unfinished" "$folder/$NAME.json"
ls -1 "$folder" | sort | head -n -${KEPT_GOOD_RUNS} | while read -r old; do rm "$folder/$old"; done
`

export const loadVolume = (project: string): CacheVolume => dag.cacheVolume(`delivery-perf-${project}`)

export const withLoadStore = (container: Container, project: string): Container => container.withMountedCache(LOAD_STORE, loadVolume(project))

/** Keeps what later runs are compared with. */
export async function keepGoodRun(run: GoodRun, place: { readonly project: string; readonly environment: string; readonly image: string }): Promise<void> {
  await uncached(withLoadStore(containerOf(place.image), place.project), nextNonce(run.runId))
    .withNewFile("/run.json", JSON.stringify(run))
    .withEnvVariable("ENVIRONMENT", place.environment)
    .withEnvVariable("KEY", run.key)
    .withEnvVariable("NAME", `${run.startedAtMs}-${run.runId}`)
    .withExec(["sh", "-euc", KEEP])
    .sync()
}
