import { createHash } from "node:crypto"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`

/** An image of one file, by its path, in a registry that takes plain HTTP and no account: such as a release.json that no push of ours has written; its digest. `mode`: 0o755 for a program. */
export async function putFileImage(registry: string, repository: string, tag: string, file: string, text: string | Uint8Array, mode = 0o644): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "delivery-artifact-"))
  try {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text, { mode })
    execFileSync("tar", ["-cf", join(folder, "layer.tar"), "-C", folder, file])
    const layer = readFileSync(join(folder, "layer.tar"))
    const config = Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs: { type: "layers", diff_ids: [digestOf(layer)] } }))
    for (const blob of [layer, config]) await putBlob(registry, repository, blob)
    const manifest = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: digestOf(config), size: config.length },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", digest: digestOf(layer), size: layer.length }],
    }
    const { headers } = await ask(`http://${registry}/v2/${repository}/manifests/${tag}`, { method: "PUT", headers: { "content-type": manifest.mediaType }, body: JSON.stringify(manifest) })
    return headers.get("docker-content-digest") ?? ""
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function putBlob(registry: string, repository: string, blob: Buffer): Promise<void> {
  const { headers } = await ask(`http://${registry}/v2/${repository}/blobs/uploads/`, { method: "POST" })
  const at = new URL(headers.get("location") ?? "", `http://${registry}`)
  at.searchParams.set("digest", digestOf(blob))
  await ask(at.href, { method: "PUT", headers: { "content-type": "application/octet-stream" }, body: new Uint8Array(blob) })
}

async function ask(url: string, options: RequestInit): Promise<Response> {
  const answer = await fetch(url, options)
  if (!answer.ok) throw new Error(`${options.method} ${url}: ${answer.status} ${await answer.text()}`)
  return answer
}
