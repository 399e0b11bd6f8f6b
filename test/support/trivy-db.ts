// Vulnerability databases as a registry serves them: the sample of the air-gapped kit, made old, empty or broken.
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { mirrorPort } from "../../airgap/lib/mirror.mjs"
import { wires } from "../../airgap/lib/network.mjs"
import { removeAfterTests } from "./cleanup.js"

/** `trivy.db`, `metadata.json` and, for a sample, `sample.json`. */
export type DatabaseFiles = Readonly<Record<string, string | Uint8Array>>

const HOST = wires.engine.host
const SAMPLE = `http://${HOST}:${mirrorPort}/v2/ghcr.io/aquasecurity/trivy-db`
const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"

interface Manifest {
  readonly config: { readonly digest: string }
  readonly layers: readonly { readonly digest: string; readonly size: number }[]
}

/** The kit's sample, as its mirror gives it to anybody. */
export async function sampleDatabase(): Promise<DatabaseFiles> {
  const { layers } = (await (await fetch(`${SAMPLE}/manifests/2`, { headers: { accept: MANIFEST_TYPE } })).json()) as Manifest
  const layer = await (await fetch(`${SAMPLE}/blobs/${layers[0]?.digest ?? ""}`)).arrayBuffer()
  const folder = newFolder()
  execFileSync("tar", ["-xzf", "-", "-C", folder], { input: Buffer.from(layer) })
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]))
}

/** Without the mark of a sample, and with the dates of a database of `hours` ago: what is judged as the publisher's. */
export function asPublished(sample: DatabaseFiles, hours: number): DatabaseFiles {
  const time = (ago: number): string => new Date(Date.now() - ago * 3_600_000).toISOString()
  const metadata = JSON.stringify({ Version: 2, UpdatedAt: time(hours), NextUpdate: time(hours - 24), DownloadedAt: "0001-01-01T00:00:00Z" })
  return { "trivy.db": sample["trivy.db"] ?? "", "metadata.json": metadata }
}

/** A registry of this process that holds one database, where containers of the kit's engine reach it. */
export async function serveDatabase(files: DatabaseFiles): Promise<{ readonly address: string; readonly close: () => void }> {
  const folder = newFolder()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  const layer = execFileSync("tar", ["-czf", "-", "-C", folder, ...Object.keys(files)])
  const config = Buffer.from("{}")
  const digest = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`
  const descriptor = (mediaType: string, bytes: Uint8Array) => ({ mediaType, digest: digest(bytes), size: bytes.length })
  const manifest = Buffer.from(JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: descriptor("application/vnd.aquasec.trivy.config.v1+json", config),
    layers: [{ ...descriptor("application/vnd.aquasec.trivy.db.layer.v1.tar+gzip", layer), annotations: { "org.opencontainers.image.title": "db.tar.gz" } }],
  }))
  const answers = new Map([["/v2/", Buffer.from("{}")], ["/v2/db/manifests/2", manifest], [`/v2/db/manifests/${digest(manifest)}`, manifest], ...[config, layer].map((blob): [string, Buffer] => [`/v2/db/blobs/${digest(blob)}`, blob])])
  const server = createServer(({ url = "", method }, response) => {
    const body = answers.get(url)
    if (body === undefined) return void response.writeHead(404).end()
    const type = url.includes("/manifests/") ? MANIFEST_TYPE : "application/octet-stream"
    response.writeHead(200, { "content-type": type, "content-length": body.length, "docker-content-digest": digest(body) }).end(method === "HEAD" ? undefined : body)
  })
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, HOST, resolve))
  return { address: `http://${HOST}:${(server.address() as AddressInfo).port}/db:2`, close: () => void server.close() }
}

/** A bolt file as it is before anything is put into it: two pages of metadata, a list of free pages, an empty leaf. */
export function emptyBolt(): Uint8Array {
  const [pageSize, metaFlag, freelistFlag, leafFlag] = [4096, 0x04, 0x10, 0x02]
  const file = Buffer.alloc(4 * pageSize)
  for (const page of [0, 1]) {
    const at = page * pageSize
    const meta = at + 16
    file.writeBigUInt64LE(BigInt(page), at)
    file.writeUInt16LE(metaFlag, at + 8)
    for (const [index, value] of [0xed0cdaed, 2, pageSize, 0].entries()) file.writeUInt32LE(value, meta + 4 * index)
    // Root bucket and its sequence, list of free pages, next page, transaction.
    for (const [index, value] of [3, 0, 2, 4, page].entries()) file.writeBigUInt64LE(BigInt(value), meta + 16 + 8 * index)
    file.writeBigUInt64LE(fnv64a(file.subarray(meta, meta + 56)), meta + 56)
  }
  for (const [page, flag] of [[2, freelistFlag], [3, leafFlag]] as const) {
    file.writeBigUInt64LE(BigInt(page), page * pageSize)
    file.writeUInt16LE(flag, page * pageSize + 8)
  }
  return file
}

const fnv64a = (bytes: Uint8Array): bigint => bytes.reduce((hash, byte) => ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn, 0xcbf29ce484222325n)

function newFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "delivery-test-db-"))
  removeAfterTests(path)
  return path
}
