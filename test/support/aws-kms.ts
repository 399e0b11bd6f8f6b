// AWS's key management service, as LocalStack answers for it, in a container: the calls, the keys and the signatures are real, the cloud is not.
import { join } from "node:path"
import { killGroup, startCommand, wait } from "./command.js"
import { ROOT } from "./daggerw.js"
import { pinnedImage } from "./pinned-image.js"
import { freePort, ownAddress } from "./ports.js"

const PORT = 4566
// The first start installs it; later ones have that from the engine's cache.
const START_SECONDS = 300
const REGION = "eu-central-1"

const SETTINGS = {
  GATEWAY_SERVER: "hypercorn",
  SERVICES: "kms",
  EAGER_SERVICE_LOADING: "0",
  DISABLE_EVENTS: "1",
  SKIP_SSL_CERT_DOWNLOAD: "1",
  DNS_ADDRESS: "0",
  GATEWAY_LISTEN: `0.0.0.0:${PORT}`,
  FILESYSTEM_ROOT: "/tmp/localstack",
}

export interface AwsKms {
  /** As cosign names a key of this service. */
  readonly uri: (alias: string) => string
  /** Makes a key that signs, and gives it a name; its public half, as PEM. An alias that is there leads to the new key from now on. */
  readonly createKey: (alias: string) => Promise<string>
  /** What cosign needs besides; nobody checks the account. */
  readonly variables: Readonly<Record<string, string>>
  readonly stop: () => Promise<void>
}

export async function startAwsKms(): Promise<AwsKms> {
  const port = await freePort("0.0.0.0")
  const requirements = join(ROOT, "test/support/aws-kms/requirements.txt")
  const chain = [
    `container | from ${pinnedImage("python-3-13")} | with-file /requirements.txt $(host | file ${requirements})`,
    "with-exec -- python,-m,venv,/kms | with-exec -- /kms/bin/pip,install,--quiet,--no-cache-dir,--require-hashes,--requirement,/requirements.txt",
    ...Object.entries(SETTINGS).map(([name, value]) => `with-env-variable ${name} ${value}`),
    `with-exposed-port ${PORT} | as-service --args /kms/bin/python,-m,localstack.runtime.main | up --ports ${port}:${PORT}`,
  ].join(" | ")
  const running = startCommand(["./daggerw", "-M", "-s", "-c", chain], { cwd: ROOT, limitSeconds: 3600 })
  const address = `${ownAddress()}:${port}`
  const health = async (): Promise<boolean> => fetch(`http://${address}/_localstack/health`, { signal: AbortSignal.timeout(2000) }).then(({ ok }) => ok, () => false)
  let ended: string | null = null
  running.ended.then(({ output }) => (ended = output), (error: unknown) => (ended = String(error)))
  for (const until = Date.now() + START_SECONDS * 1000; !(await health()); await wait(0.5)) {
    if (ended !== null || Date.now() > until) {
      killGroup(running.child)
      throw new Error(`LocalStack does not answer at ${address}: ${ended ?? `nothing within ${START_SECONDS} s`}`)
    }
  }
  const ask = async (action: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(`http://${address}/`, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `TrentService.${action}`,
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/kms/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`kms ${action} was answered with ${answer.status}: ${text}`)
    return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>)
  }
  const aliases = new Set<string>()
  return {
    uri: (alias) => `awskms://${address}/alias/${alias}`,
    createKey: async (alias) => {
      const { KeyMetadata } = (await ask("CreateKey", { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" })) as { KeyMetadata: { KeyId: string } }
      await ask(aliases.has(alias) ? "UpdateAlias" : "CreateAlias", { AliasName: `alias/${alias}`, TargetKeyId: KeyMetadata.KeyId })
      aliases.add(alias)
      const { PublicKey } = (await ask("GetPublicKey", { KeyId: KeyMetadata.KeyId })) as { PublicKey: string }
      return `-----BEGIN PUBLIC KEY-----\n${PublicKey.replace(/.{64}/g, "$&\n").trimEnd()}\n-----END PUBLIC KEY-----\n`
    },
    variables: { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "unchecked", AWS_REGION: REGION, AWS_TLS_INSECURE_SKIP_VERIFY: "1" },
    stop: async () => {
      killGroup(running.child)
      await running.ended.catch(() => undefined)
    },
  }
}
