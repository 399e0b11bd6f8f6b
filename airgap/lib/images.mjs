// Builds the images of images.yaml, each once for each state of its recipe, and keeps them in a registry on this machine.
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildArtifact } from './images/artifact.mjs'
import { buildImage } from './images/build.mjs'
import { registryDigest, retag } from './images/registry.mjs'
import { withLock } from './lock.mjs'
import { builtAhead, buildOrder, fullName, loadRecipe } from './recipe.mjs'
import { programsOf } from './recipe-entry.mjs'

const running = new Map()

/**
 * Makes sure that the registry has an image, building it and what it is based on where that is missing.
 * @param {{cacheDir: string, registry: string, run: Function, log: Function, rootDir?: string}} context
 *   `registry` is host:port of a registry with plain HTTP; `run` has the form of lib/run.mjs; `rootDir` is the folder airgap/
 * @param {string} publicName e.g. `node:24-bookworm-slim`
 * @returns {Promise<{ref: string, digest: string, builtSeconds: number}>} builtSeconds is 0 when nothing had to be built
 */
export function ensureImage(context, publicName) {
  const recipe = loadRecipe(context.rootDir)
  buildOrder(recipe.images, [publicName])
  const id = `${context.cacheDir} ${context.registry} ${recipe.imageKey(publicName)}`
  if (!running.has(id)) running.set(id, ensure(context, recipe, publicName).finally(() => running.delete(id)))
  return running.get(id)
}

async function ensure(context, recipe, name) {
  const key = recipe.imageKey(name)
  const done = await finished(context, name, key)
  if (done) return done
  const { base, artifact } = recipe.images[name]
  // Outside the lock, so that images on the same base never wait for each other in a circle.
  const basis = base === 'scratch' ? null : await ensureImage(context, base)
  return withLock(join(context.cacheDir, 'locks', `image-${key.slice(0, 16)}`), context.log, async () => {
    const doneMeanwhile = await finished(context, name, key)
    if (doneMeanwhile) return doneMeanwhile
    const started = Date.now()
    context.log(`building image ${name}`)
    const ref = imageRef(context, name)
    const { digest, packages } = await (artifact ? buildArtifact : buildImage)(context, recipe, { name, key, ref, basis }).catch((error) => {
      throw new Error(`image ${name}: ${error.message}`, { cause: error })
    })
    const stamp = { name, ref, digest, seconds: Math.round((Date.now() - started) / 100) / 10, debianPackages: packages }
    await writeStamp(context, key, stamp)
    context.log(`built image ${name} in ${stamp.seconds} s`)
    return { ref, digest, builtSeconds: stamp.seconds }
  })
}

/** All images that are built ahead (or the named ones with their bases) in build order, and which of them have not been built. */
export function imagePlan(context, names) {
  const recipe = loadRecipe(context.rootDir)
  return buildOrder(recipe.images, names ?? builtAhead(recipe.images)).map((name) => {
    const key = recipe.imageKey(name)
    return {
      name, key, ref: imageRef(context, name), base: recipe.images[name].base,
      programs: programsOf(recipe.images[name]),
      missing: readStamp(context, key)?.ref !== imageRef(context, name),
    }
  })
}

function imageRef(context, name) {
  return `${context.registry}/${fullName(name)}`
}

/** A stamp alone is no proof: the registry's storage may have been emptied. */
async function finished(context, name, key) {
  const ref = imageRef(context, name)
  const stamp = readStamp(context, key)
  if (stamp?.ref !== ref) return null
  if (await registryDigest(ref) === stamp.digest) return { ref, digest: stamp.digest, builtSeconds: 0 }
  if (await registryDigest(`${ref.replace(/:[^:/]+$/, '')}@${stamp.digest}`) === null) return null
  // Another recipe's image has taken the tag since.
  await retag(ref, stamp.digest)
  return { ref, digest: stamp.digest, builtSeconds: 0 }
}

function stampFile(context, key) {
  return join(context.cacheDir, 'images', `${key}.json`)
}

function readStamp(context, key) {
  return existsSync(stampFile(context, key)) ? JSON.parse(readFileSync(stampFile(context, key), 'utf8')) : null
}

async function writeStamp(context, key, stamp) {
  const file = stampFile(context, key)
  await mkdir(join(context.cacheDir, 'images'), { recursive: true })
  await writeFile(`${file}.unfinished`, `${JSON.stringify(stamp, null, 2)}\n`)
  await rename(`${file}.unfinished`, file)
}
