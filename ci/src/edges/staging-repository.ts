import { predicateTypeOf } from "../core/signing/referrers.js"
import type { SignedReferrer } from "../core/signing/signed-referrers.js"
import { RegistryRepository } from "./registry-client.js"
import type { Run } from "./run.js"
import { STAGING_ADDRESS, STAGING_PORT } from "./staging-registry.js"

/** A repository of the run's own registry, by the address that the service has for this program. */
export async function stagingRepository(run: Run, repository: string): Promise<RegistryRepository> {
  const service = await run.stagingRegistry()
  return new RegistryRepository(`${STAGING_ADDRESS}/${repository}`, null, `${await service.hostname()}:${STAGING_PORT}`)
}

/** What belongs to an image there, and what each of them says. */
export async function readSignedReferrers(run: Run, repository: string, digest: string): Promise<readonly SignedReferrer[]> {
  const staged = await stagingRepository(run, repository)
  const referrers = await staged.referrers(digest)
  return Promise.all(
    referrers.map(async (referrer) => {
      const manifest = await staged.manifest(referrer.digest)
      return { ...referrer, predicateType: manifest === null ? null : predicateTypeOf(manifest.parts) }
    }),
  )
}
