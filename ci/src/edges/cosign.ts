import { dag, type Container, type Directory } from "@dagger.io/dagger"
import { COSIGN_FOLDER, KEY_VARIABLE, OFFLINE_FILES, PASSWORD_VARIABLE, PUBLIC_KEY_FILE } from "../core/signing/cosign.js"
import type { Step, StepOutcome } from "../core/steps/step.js"
import { commandLog, nextNonce, runKept, uncached } from "./exec.js"
import { containerOf } from "./image-container.js"
import { withRegistryConfig } from "./release-store.js"
import type { Run } from "./run.js"
import type { SignerKeys } from "./signed-release.js"
import { STAGING_ALIAS } from "./staging-registry.js"

const AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
// A call waits for registries more than for a core, and holds 64 MiB while it opens a key.
const LANES = 3
const COSIGN_STEP_SHARE = 0.5
// Said also where no log was asked.
const UNTRUE = /^ *- Existence of the claims in the transparency log was verified offline\n/gm

/** cosign with a shell around it, which its publisher's image does not have, and with that image's authorities. */
export function cosignContainer(run: Run): Container {
  const image = dag.container().from(run.checkout.image("cosign"))
  return containerOf(run.checkout.image("debian"))
    .withFile("/usr/local/bin/cosign", image.file("/ko-app/cosign"), { permissions: 0o755 })
    .withFile(AUTHORITIES, image.file(AUTHORITIES))
}

/** How steps of cosign ended. They have effects or judge what may have changed since, so they always run. */
export interface CosignRun {
  readonly outcomes: ReadonlyMap<string, StepOutcome>
  readonly log: string
}

export interface CosignJob {
  /** One list for each image. Its steps run one after another, for without a referrers API cosign adds a signature by reading, changing and writing one index: at once, one would lose the other's. */
  readonly lists: readonly (readonly Step[])[]
  readonly keys: SignerKeys
  /** What is said of images, as files. */
  readonly predicates?: Directory
  /** The run's own registry, else that of delivery.yaml. */
  readonly inStaging: boolean
  readonly timeoutSeconds: number
}

export async function runCosign(run: Run, { lists, keys, predicates, inStaging, timeoutSeconds }: CosignJob): Promise<CosignRun> {
  const { runId } = run.header
  let container = cosignContainer(run)
  for (const [name, text] of Object.entries(OFFLINE_FILES)) container = container.withNewFile(`${COSIGN_FOLDER}/${name}`, text)
  for (const [path, text] of Object.entries(keys.files)) container = container.withNewFile(path, text)
  if (keys.publicKey !== null) container = container.withNewFile(PUBLIC_KEY_FILE, keys.publicKey)
  if (predicates !== undefined) container = container.withMountedDirectory(predicatesFolder, predicates)
  // A key without a password is asked for one on a terminal unless the variable is there.
  if (keys.variables.has(KEY_VARIABLE) && !keys.variables.has(PASSWORD_VARIABLE)) container = container.withEnvVariable(PASSWORD_VARIABLE, "")
  for (const [name, secret] of keys.variables) container = container.withSecretVariable(name, secret)
  container = inStaging ? container.withServiceBinding(STAGING_ALIAS, await run.stagingRegistry()) : await withRegistryConfig(run, container)
  const limited = lists.map((steps) => steps.map((step): Step => ({ timeoutSeconds: Math.ceil(timeoutSeconds * COSIGN_STEP_SHARE), ...step })))
  const { outcomes } = await runKept(uncached(container, nextNonce(runId)), limited, { runId, timeoutSeconds }, { lanes: LANES })
  const log = commandLog(outcomes.map((outcome) => ({ ...outcome, stdout: "", stderr: outcome.stderr.replace(UNTRUE, "") })))
  return { outcomes: new Map(outcomes.map((outcome) => [outcome.name, outcome])), log }
}

/** Where cosign finds what it is to say of images. */
export const predicatesFolder = "/delivery/predicates"

export const decodeBase64 = (text: string): string => Buffer.from(text, "base64").toString("utf8")
