import { randomBytes } from "node:crypto"
import { dag, type Container, type Secret } from "@dagger.io/dagger"
import { lastLines } from "../core/gates/exec.js"
import { GENERATE_KEY, GENERATED_KEY, GENERATED_PUBLIC_KEY, KEY_VARIABLE, OWN_SIGNING_CONFIG_FILE, OWN_TRUSTED_ROOT_FILE, PASSWORD_VARIABLE, TOKEN_VARIABLE } from "../core/signing/cosign.js"
import type { Signer } from "../core/signing/signer.js"
import { nextNonce, runCommand, uncached } from "./exec.js"
import type { Run } from "./run.js"
import type { SignerKeys } from "./signed-release.js"

const KEY_SECONDS = 60

/** What cosign needs for a signer of delivery.yaml; the private parts only if the call brought them. */
export async function keysOf(run: Run, signer: Signer): Promise<SignerKeys> {
  const { config, source } = run.checkout
  const read = (path: string | null): Promise<string | null> => (path === null ? Promise.resolve(null) : source.file(path).contents())
  const publicKey = await read(signer.kind === "keyless" || signer.kind === "ephemeral" ? null : signer.publicKey)
  const own = signer.kind === "keyless" ? [[OWN_TRUSTED_ROOT_FILE, await read(signer.trustedRoot)], [OWN_SIGNING_CONFIG_FILE, await read(signer.signingConfig)]] : []
  const named: readonly (readonly [string, string | null])[] = [
    [KEY_VARIABLE, signer.kind === "key" ? signer.key : null],
    [PASSWORD_VARIABLE, signer.kind === "key" ? signer.password : null],
    [TOKEN_VARIABLE, signer.kind === "keyless" ? signer.token : null],
    ...Object.entries(config.signing?.env ?? {}),
  ]
  const variables = named.flatMap(([variable, credential]): [string, Secret][] => {
    const secret = credential === null ? undefined : run.credentials.get(credential)
    return secret === undefined ? [] : [[variable, secret]]
  })
  return { publicKey, files: Object.fromEntries(own.filter(([, text]) => text !== null)), variables: new Map(variables) }
}

/** A key for this run. What cosign writes is encrypted with a password that is in no file and that nobody keeps. */
export async function ephemeralKeys(run: Run, cosign: Container): Promise<SignerKeys> {
  const { runId } = run.header
  // A name of its own: an attempt that was given up may still be at work, with another key.
  const name = nextNonce(runId)
  const password = dag.setSecret(`cosign-password-${name}`, randomBytes(24).toString("hex"))
  const container = uncached(cosign, name).withSecretVariable(PASSWORD_VARIABLE, password)
  const made = await runCommand(container.withWorkdir("/delivery"), GENERATE_KEY, { runId, timeoutSeconds: KEY_SECONDS })
  if (made.exitCode !== 0) throw new Error(`no key for the run: cosign generate-key-pair ended with ${made.exitCode}: ${lastLines(made.stderr, 2)}`)
  const [key, publicKey] = await Promise.all([GENERATED_KEY, GENERATED_PUBLIC_KEY].map((path) => made.container.file(path).contents()))
  const secret = dag.setSecret(`cosign-key-${name}`, key ?? "")
  return { publicKey: publicKey ?? null, files: {}, variables: new Map([[KEY_VARIABLE, secret], [PASSWORD_VARIABLE, password]]) }
}
