import { makeRelease, releasedChecks, type Release, type ReleaseFacts } from "../core/release.js"
import { registryOf } from "./release-store.js"
import { packagedDigests, releaseName, type Run } from "./run.js"
import { STAGING_ADDRESS } from "./staging-registry.js"

/** release.json of what this run has made so far; `signed` is the reason of the row that signs it, which has not ended yet. */
export function releaseOfRun(run: Run, { signed, ...digests }: ReleaseFacts & { readonly signed?: string } = {}): Release {
  const { config } = run.checkout
  const scans = Object.fromEntries([...run.described].map(([name, { scan }]) => [name, scan]))
  const checks = [...releasedChecks(run.results.values()), ...(signed === undefined ? [] : [{ stage: "sign", service: null, verdict: "passed", reason: signed }])]
  const address = run.pushesToRegistry ? registryOf(run).address : STAGING_ADDRESS
  return makeRelease(releaseName(run), address, config, packagedDigests(run), { ...digests, scans: run.described.size === 0 ? null : scans, checks })
}
