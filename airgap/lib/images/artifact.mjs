// An OCI artifact: not an image, but the files that a program of the kit writes, in one layer of a media type that their reader asks for.
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { filesBelow } from '../files.mjs'
import { buildGo } from '../go-build.mjs'
import { goModules } from './build.mjs'
import { imageLabels } from './config.mjs'
import { pack } from './layers.mjs'
import { pushArtifact, sha256 } from './registry.mjs'

/** The caller holds the lock, as for an image. */
export async function buildArtifact(context, recipe, { name, key, ref }) {
  const entry = recipe.images[name]
  const { program, from } = entry.artifact
  const work = join(context.cacheDir, 'work', key.slice(0, 16))
  const logFile = join(context.cacheDir, 'logs', `image-${name.replaceAll(/[^\w.-]/g, '_')}.log`)
  const folder = join(work, 'content')
  await rm(work, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await context.run([await buildGo(context, program), join(recipe.rootDir, 'images', from), folder], { logFile })
  const layer = gzipSync(await readFile(await pack(context, folder, filesBelow(folder), work, logFile)), { level: 9 })
  const labels = imageLabels(name, entry, key, { packages: {}, goModules: await goModules(recipe, entry) })
  const config = Buffer.from('{}')
  const digest = await pushArtifact(ref, artifactManifest(entry.artifact, labels, config, layer), [config, layer])
  await rm(work, { recursive: true, force: true })
  return { digest, packages: {} }
}

export function artifactManifest({ configType, layerType, title, annotations }, labels, config, layer) {
  const descriptor = (mediaType, content) => ({ mediaType, digest: sha256(content), size: content.length })
  return {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor(configType, config),
    layers: [{ ...descriptor(layerType, layer), annotations: { 'org.opencontainers.image.title': title } }],
    annotations: { ...annotations, ...labels },
  }
}
