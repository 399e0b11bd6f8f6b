// A Sigstore of one's own: the certificate authority, the two transparency logs and the time stamps are the real programs, and an issuer of
// identities that speaks for a GitLab. All of it on this machine, until the tests of the file have ended.
import { execFileSync, spawn, type ChildProcess } from "node:child_process"
import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto"
import { mkdtempSync, openSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:https"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { stringify } from "yaml"
import { removeAfterTests } from "./cleanup.js"
import { wait } from "./command.js"
import { cosign } from "./cosign.js"
import { freePort, ownAddress } from "./ports.js"
import { sigstoreProgram, type SigstoreProgram } from "./sigstore/programs.js"

const START_SECONDS = 30
const SINCE = "2024-01-01T00:00:00Z"

export interface Sigstore {
  readonly issuer: string
  /** A token as a pipeline of this project on this branch gets it; `audience` is `sigstore` and it holds for minutes unless it is said otherwise. */
  readonly token: (claims: { readonly project: string; readonly branch: string; readonly audience?: string; readonly expired?: boolean }) => string
  /** As Sigstore writes them: whom to trust, and whom to ask. */
  readonly trustedRoot: string
  readonly signingConfig: string
  readonly stop: () => void
}

/** The identity of a pipeline, as the certificate has it. */
export const identityOf = (project: string, branch: string): string => `https://gitlab.example.org/${project}//.gitlab-ci.yml@refs/heads/${branch}`

export async function startSigstore(): Promise<Sigstore> {
  const folder = mkdtempSync(join(tmpdir(), "delivery-test-sigstore-"))
  removeAfterTests(folder)
  const file = (name: string): string => join(folder, name)
  const openssl = (...argv: readonly string[]): void => void execFileSync("openssl", argv, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] })
  const host = ownAddress()
  const children: ChildProcess[] = []
  const start = (program: SigstoreProgram, argv: readonly string[], env: Readonly<Record<string, string>> = {}): void => {
    const log = openSync(file(`${program}.log`), "a")
    children.push(spawn(sigstoreProgram(program), argv, { cwd: folder, env: { ...process.env, ...env }, stdio: ["ignore", log, log] }))
  }
  const answers = async (program: SigstoreProgram, url: string): Promise<Response> => {
    for (const until = Date.now() + START_SECONDS * 1000; ; await wait(0.1)) {
      const answer = await fetch(url).catch(() => null)
      if (answer?.ok === true) return answer
      if (Date.now() > until) throw new Error(`${program} does not answer at ${url}:\n${readFileSync(file(`${program}.log`), "utf8").slice(-2000)}`)
    }
  }

  const issuer = await startIssuer(folder, openssl)
  openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/O=delivery-test/CN=authority", "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0", "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", "ca.open.key", "-out", "ca.pem")
  openssl("pkcs8", "-topk8", "-in", "ca.open.key", "-out", "ca.key", "-passout", "pass:authority")
  for (const log of ["ct", "rekor"]) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
    writeFileSync(file(`${log}.key`), privateKey.export({ type: log === "ct" ? "sec1" : "pkcs8", format: "pem" }))
    writeFileSync(file(`${log}.pub`), publicKey.export({ type: "spki", format: "pem" }))
  }

  const [ct, rekor, rekorGrpc, rekorMetrics, stamps, fulcio, fulcioGrpc, fulcioMetrics] = await Promise.all(Array.from({ length: 8 }, () => freePort("0.0.0.0"))) as [number, number, number, number, number, number, number, number]
  start("tesseract", [`-http_endpoint=127.0.0.1:${ct}`, `-private_key=${file("ct.key")}`, "-origin=ct.delivery.test", `-storage_dir=${file("ct")}`, `-roots_pem_file=${file("ca.pem")}`, "-batch_max_age=50ms", "-checkpoint_interval=200ms"])
  start("rekor", ["serve", `--hostname=${host}`, "--http-address=0.0.0.0", `--http-port=${rekor}`, `--grpc-port=${rekorGrpc}`, `--http-metrics-port=${rekorMetrics}`, `--storage-dir=${file("rekor")}`, `--signer-filepath=${file("rekor.key")}`, "--checkpoint-interval=200ms", "--batch-max-age=50ms"])
  start("timestamp-authority", ["serve", "--host=0.0.0.0", `--port=${stamps}`, "--timestamp-signer=memory", "--disable-ntp-monitoring"])
  writeFileSync(file("fulcio.yaml"), stringify(fulcioSettings(issuer.address)))
  start("fulcio", ["serve", `--port=${fulcio}`, `--grpc-port=${fulcioGrpc}`, `--metrics-port=${fulcioMetrics}`, "--ca=fileca", `--fileca-cert=${file("ca.pem")}`, `--fileca-key=${file("ca.key")}`, "--fileca-key-passwd=authority", "--fileca-watch=false", `--ct-log-url=http://127.0.0.1:${ct}`, `--ct-log-public-key-path=${file("ct.pub")}`, `--config-path=${file("fulcio.yaml")}`, `--legacy-unix-domain-socket=${file("fulcio.sock")}`], { SSL_CERT_FILE: file("issuer.pem") })

  const stop = (): void => {
    for (const child of children) child.kill("SIGKILL")
    issuer.close()
  }
  try {
    await answers("tesseract", `http://127.0.0.1:${ct}/ct/v1/get-roots`)
    await answers("rekor", `http://127.0.0.1:${rekor}/healthz`)
    await answers("fulcio", `http://127.0.0.1:${fulcio}/healthz`)
    const chain = await answers("timestamp-authority", `http://127.0.0.1:${stamps}/api/v1/timestamp/certchain`)
    writeFileSync(file("tsa.pem"), await chain.text())
    const stampUrl = `http://${host}:${stamps}/api/v1/timestamp`
    const make = (what: string, ...argv: readonly string[]): string => {
      const ended = cosign(folder, [what, "create", ...argv, "--out", `${what}.json`])
      if (ended.status !== 0) throw new Error(`cosign ${what} create ended with ${ended.status}: ${ended.stderr}`)
      return readFileSync(file(`${what}.json`), "utf8")
    }
    const trustedRoot = make(
      "trusted-root",
      `--fulcio=url=http://${host}:${fulcio},certificate-chain=${file("ca.pem")},start-time=${SINCE}`,
      `--ctfe=url=http://127.0.0.1:${ct},public-key=${file("ct.pub")},start-time=${SINCE}`,
      `--rekor=url=http://${host}:${rekor},public-key=${file("rekor.pub")},start-time=${SINCE},origin=${host}`,
      `--tsa=url=${stampUrl},certificate-chain=${file("tsa.pem")},start-time=${SINCE}`,
    )
    const own = `start-time=${SINCE},operator=delivery.test`
    const signingConfig = make(
      "signing-config",
      `--fulcio=url=http://${host}:${fulcio},api-version=1,${own}`,
      `--rekor=url=http://${host}:${rekor},api-version=2,${own}`, "--rekor-config=ANY",
      `--tsa=url=${stampUrl},api-version=1,${own}`, "--tsa-config=ANY",
      `--oidc-provider=url=${issuer.address},api-version=1,${own}`,
    )
    return { issuer: issuer.address, token: issuer.token, trustedRoot, signingConfig, stop }
  } catch (error) {
    stop()
    throw error
  }
}

/** As Sigstore's own settings have it for GitLab. */
const fulcioSettings = (issuer: string): object => ({
  "oidc-issuers": { [issuer]: { "issuer-url": issuer, "client-id": "sigstore", type: "ci-provider", "ci-provider": "gitlab-pipeline" } },
  "ci-issuer-metadata": {
    "gitlab-pipeline": {
      "default-template-values": { url: "https://gitlab.example.org" },
      "extension-templates": { "build-signer-uri": "https://{{ .ci_config_ref_uri }}", "source-repository-uri": "{{ .url }}/{{ .project_path }}", "source-repository-digest": "sha" },
      "subject-alternative-name-template": "https://{{ .ci_config_ref_uri }}",
    },
  },
})

type Issuer = { readonly address: string; readonly token: Sigstore["token"]; readonly close: () => void }

/** Publishes its key as OpenID Connect Discovery wants it, and signs tokens with it. */
async function startIssuer(folder: string, openssl: (...argv: readonly string[]) => void): Promise<Issuer> {
  openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=issuer", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "issuer.key", "-out", "issuer.pem")
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const port = await freePort("127.0.0.1")
  const address = `https://127.0.0.1:${port}`
  const documents: Readonly<Record<string, object>> = {
    "/.well-known/openid-configuration": { issuer: address, jwks_uri: `${address}/keys`, authorization_endpoint: `${address}/auth`, token_endpoint: `${address}/token`, response_types_supported: ["id_token"], subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["RS256"] },
    "/keys": { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" }] },
  }
  const server = createServer({ key: readFileSync(join(folder, "issuer.key")), cert: readFileSync(join(folder, "issuer.pem")) }, (request, response) => {
    const document = documents[request.url ?? ""]
    response.writeHead(document === undefined ? 404 : 200, { "content-type": "application/json" }).end(JSON.stringify(document ?? {}))
  })
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve))
  const token: Sigstore["token"] = ({ project, branch, audience = "sigstore", expired = false }) => {
    const now = Math.floor(Date.now() / 1000)
    return jwt(privateKey, {
      iss: address, aud: audience, sub: `project_path:${project}:ref_type:branch:ref:${branch}`, iat: now - 3600, nbf: now - 3600, exp: expired ? now - 60 : now + 900,
      project_path: project, project_id: "1", pipeline_source: "push", pipeline_id: "2", job_id: "3", ref: branch, ref_type: "branch", sha: "0".repeat(40),
      namespace_path: project.split("/")[0], namespace_id: "4", ci_config_ref_uri: identityOf(project, branch).replace("https://", ""),
    })
  }
  return { address, token, close: () => void server.close() }
}

function jwt(key: KeyObject, claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url")
  const signed = `${part({ alg: "RS256", kid: "one", typ: "JWT" })}.${part(claims)}`
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(key).toString("base64url")}`
}
