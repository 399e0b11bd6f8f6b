// cosign outside of the module: the kit's program, run by hand on what the module made.
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { cacheDirectory } from "../../airgap/lib/paths.mjs"
import { OFFLINE_FILES } from "../../ci/src/core/signing/cosign.js"
import { removeAfterTests } from "./cleanup.js"
import { wait } from "./command.js"
import { freePort } from "./ports.js"

/** A folder of its own with key pairs and the files that keep cosign offline. */
export function cosignFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "delivery-test-cosign-"))
  removeAfterTests(folder)
  for (const [name, text] of Object.entries(OFFLINE_FILES)) writeFileSync(join(folder, name), text)
  return folder
}

function program(): string {
  const built = join(cacheDirectory, "go")
  const found = (existsSync(built) ? readdirSync(built) : []).filter((name) => /^cosign-[0-9a-f]+$/.test(name)).map((name) => join(built, name, "cosign"))
  const newest = found.at(-1)
  if (newest === undefined) throw new Error(`no cosign in ${built}: the kit builds it before its first pipeline`)
  return newest
}

export interface CosignEnd {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export function cosign(folder: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): CosignEnd {
  const { status, stdout, stderr } = spawnSync(program(), argv, { cwd: folder, encoding: "utf8", env: { ...process.env, HOME: folder, ...env }, timeout: 120_000 })
  return { status, stdout, stderr }
}

/** Writes NAME.key, closed by the password, and NAME.pub. */
export function generateKey(folder: string, name: string, password: string): void {
  const { status, stderr } = cosign(folder, ["generate-key-pair", "--output-key-prefix", name], { COSIGN_PASSWORD: password })
  if (status !== 0) throw new Error(`cosign generate-key-pair ended with ${status}: ${stderr}`)
}

function registryProgram(): string {
  const roots = join(cacheDirectory, "rootfs")
  const [binary] = readdirSync(roots).map((name) => join(roots, name, "usr/bin/docker-registry")).filter((path) => existsSync(path))
  if (binary === undefined) throw new Error(`no docker-registry below ${roots}: the kit has not been set up`)
  return binary
}

const registrySettings = (data: string, address: string): string =>
  JSON.stringify({ version: 0.1, log: { level: "error", accesslog: { disabled: true } }, storage: { filesystem: { rootdirectory: data } }, http: { addr: address } })

/** How a call of cosign ended where there is no network but the loopback. */
export interface LonelyEnd {
  readonly status: number
  readonly stderr: string
  readonly seconds: number
}

/** Calls of cosign in a network of their own, with a registry over these data on 127.0.0.1:5000 and nobody else. */
export function alone(folder: string, data: string, calls: readonly (readonly string[])[], env: Readonly<Record<string, string>>): readonly LonelyEnd[] {
  writeFileSync(join(folder, "lonely.json"), registrySettings(data, "127.0.0.1:5000"))
  const word = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
  const lines = calls.map((argv, index) => `began=$(date +%s%N); ${[program(), ...argv].map(word).join(" ")} >/dev/null 2>${index}.stderr; echo "$? $(( ($(date +%s%N) - began) / 1000000 ))" >${index}.end`)
  const script = `set -u
ip link set lo up
${word(registryProgram())} serve lonely.json 2>/dev/null &
registry=$!
for try in $(seq 100); do (: </dev/tcp/127.0.0.1/5000) 2>/dev/null && break; sleep 0.1; done
${lines.join("\n")}
kill $registry
`
  const ended = spawnSync("unshare", ["-r", "-n", "bash", "-c", script], { cwd: folder, encoding: "utf8", env: { ...process.env, HOME: folder, ...env }, timeout: 240_000 })
  if (ended.status !== 0 && !existsSync(join(folder, "0.end"))) throw new Error(`no network namespace: unshare ended with ${ended.status}: ${ended.stderr}`)
  return calls.map((_, index) => {
    const [status = "", milliseconds = ""] = readFileSync(join(folder, `${index}.end`), "utf8").trim().split(" ")
    return { status: Number(status), stderr: readFileSync(join(folder, `${index}.stderr`), "utf8"), seconds: Number(milliseconds) / 1000 }
  })
}

export interface RunningRegistry {
  readonly address: string
  /** Where it keeps what it has. */
  readonly data: string
  readonly stop: () => void
}

/** The kit's registry program, until the tests of the file have ended; without a host on this machine alone. */
export async function startRegistry(host = "127.0.0.1"): Promise<RunningRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "delivery-test-registry-"))
  removeAfterTests(folder)
  const address = `${host}:${await freePort(host)}`
  const data = join(folder, "data")
  writeFileSync(join(folder, "config.json"), registrySettings(data, address))
  const child: ChildProcess = spawn(registryProgram(), ["serve", join(folder, "config.json")], { stdio: "ignore" })
  for (let tries = 0; ; tries += 1) {
    const up = await fetch(`http://${address}/v2/`).then(({ ok }) => ok, () => false)
    if (up) return { address, data, stop: () => void child.kill() }
    if (tries > 100) throw new Error(`docker-registry does not answer at ${address}`)
    await wait(0.1)
  }
}

/** An image of one layer in a registry, by its digest. */
export async function pushImage(address: string, repository: string, content: string): Promise<string> {
  const { createHash } = await import("node:crypto")
  const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`
  const folder = mkdtempSync(join(tmpdir(), "delivery-test-image-"))
  removeAfterTests(folder)
  writeFileSync(join(folder, "content"), content)
  const layer = execFileSync("tar", ["--mtime=@0", "--owner=0", "--group=0", "-cf", "-", "-C", folder, "content"])
  const config = Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [digestOf(layer)] }, config: {} }))
  for (const blob of [layer, config]) {
    const started = await fetch(`http://${address}/v2/${repository}/blobs/uploads/`, { method: "POST" })
    const upload = new URL(started.headers.get("location") ?? "", started.url)
    upload.searchParams.set("digest", digestOf(blob))
    const stored = await fetch(upload, { method: "PUT", body: blob, headers: { "content-type": "application/octet-stream" } })
    if (stored.status !== 201) throw new Error(`${repository}: the blob was answered with ${stored.status}`)
  }
  const mediaType = "application/vnd.oci.image.manifest.v1+json"
  const manifest = Buffer.from(JSON.stringify({
    schemaVersion: 2, mediaType,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: digestOf(config), size: config.length },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", digest: digestOf(layer), size: layer.length }],
  }))
  const stored = await fetch(`http://${address}/v2/${repository}/manifests/${digestOf(manifest)}`, { method: "PUT", body: manifest, headers: { "content-type": mediaType } })
  if (stored.status !== 201) throw new Error(`${repository}: the manifest was answered with ${stored.status}: ${await stored.text()}`)
  return digestOf(manifest)
}
