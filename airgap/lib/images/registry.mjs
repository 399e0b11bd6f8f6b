// The image store: a registry that speaks plain HTTP on this machine.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ')

/** The digest that the registry has for a reference (by tag or by digest), or null. */
export async function registryDigest(ref) {
  const answer = await request(manifestUrl(ref), { method: 'HEAD', headers: { accept: MANIFESTS } }, [200, 404])
  return answer.status === 404 ? null : answer.headers.get('docker-content-digest')
}

/** Gives an image that the registry has its tag back. */
export async function retag(ref, digest) {
  const image = await request(manifestUrl(`${ref.replace(/:[^:/]+$/, '')}@${digest}`), { headers: { accept: MANIFESTS } }, [200])
  await request(manifestUrl(ref), { method: 'PUT', headers: { 'content-type': image.headers.get('content-type') }, body: await image.text() }, [201])
}

async function request(url, options, expected) {
  const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(10_000) }).catch((error) => {
    throw new Error(`${url}: expected a registry, got ${error.cause?.message ?? error.message}; start the kit's registry first`)
  })
  if (!expected.includes(answer.status)) throw new Error(`${url}: ${options.method ?? 'GET'}: expected status ${expected.join(' or ')}, got ${answer.status}`)
  return answer
}

export async function push(context, image, ref, work, logFile) {
  const file = join(work, 'digest')
  await context.run([
    'skopeo', '--insecure-policy', 'copy', '--quiet', '--preserve-digests', '--dest-tls-verify=false', '--dest-precompute-digests',
    '--digestfile', file, `oci:${image}`, `docker://${ref}`,
  ], { logFile })
  return (await readFile(file, 'utf8')).trim()
}

export async function pull(context, ref, digest, image, logFile) {
  await context.run([
    'skopeo', '--insecure-policy', 'copy', '--quiet', '--preserve-digests', '--src-tls-verify=false',
    `docker://${ref.replace(/:[^:/]+$/, '')}@${digest}`, `oci:${image}`,
  ], { logFile })
}

/** Pushes what is no image, and what programs for images therefore may refuse. */
export async function pushArtifact(ref, manifest, blobs) {
  for (const blob of blobs) await pushBlob(ref, blob)
  const body = JSON.stringify(manifest)
  await request(manifestUrl(ref), { method: 'PUT', headers: { 'content-type': manifest.mediaType }, body }, [201])
  return sha256(body)
}

export function sha256(content) {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

async function pushBlob(ref, blob) {
  const blobs = manifestUrl(ref).replace(/manifests\/[^/]*$/, 'blobs')
  const digest = sha256(blob)
  const { status } = await request(`${blobs}/${digest}`, { method: 'HEAD' }, [200, 404])
  if (status === 200) return
  const started = await request(`${blobs}/uploads/`, { method: 'POST' }, [202])
  const upload = new URL(started.headers.get('location'), blobs)
  upload.searchParams.set('digest', digest)
  await request(upload, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: blob }, [201])
}

function manifestUrl(ref) {
  const match = ref.match(/^([^/]+)\/(.+?)(?::([^:/@]+)|@(sha256:[0-9a-f]{64}))$/)
  if (!match) throw new Error(`${ref}: expected host/repository:tag or host/repository@sha256:...`)
  const [, host, path, tag, digest] = match
  return `http://${host}/v2/${path}/manifests/${tag ?? digest}`
}
