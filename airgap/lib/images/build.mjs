// One image from its entry: base, Debian packages, then one layer each of programs, npm packages, Maven artifacts and files.
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { buildGo } from '../go-build.mjs'
import { programsOf } from '../recipe-entry.mjs'
import { folderOf } from '../recipe.mjs'
import { configArguments, goModule, imageLabels } from './config.mjs'
import { bootstrap, installOver } from './debian.mjs'
import { addLayer } from './layers.mjs'
import { mavenItems } from './maven.mjs'
import { unpackNpm } from './npm.mjs'
import { pull, push } from './registry.mjs'

/** The caller holds the image's lock, so what lies in its work folder was left by a killed build. */
export async function buildImage(context, recipe, { name, key, ref, basis }) {
  const entry = recipe.images[name]
  const work = join(context.cacheDir, 'work', key.slice(0, 16))
  const logFile = join(context.cacheDir, 'logs', `image-${name.replaceAll(/[^\w.-]/g, '_')}.log`)
  const image = `${join(work, 'oci')}:image`
  await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true })
  const programs = await goItems(context, entry)
  await startImage(context, basis, image, work, logFile)
  const packages = await debianLayer(context, entry, image, work, logFile)
  await addLayer(context, image, programs, work, logFile)
  await addLayer(context, image, await npmItems(context, entry, work, logFile), work, logFile)
  for (const [text, artifact] of Object.entries(entry.maven ?? {})) {
    await addLayer(context, image, await mavenItems(context, text, artifact, work, logFile), work, logFile)
  }
  await addLayer(context, image, plainItems(recipe, entry), work, logFile)
  const labels = imageLabels(name, entry, key, { packages, goModules: await goModules(recipe, entry) })
  await context.run(['umoci', 'config', '--image', image, ...configArguments(entry, labels)], { logFile })
  const digest = await push(context, image, ref, work, logFile)
  await rm(work, { recursive: true, force: true })
  return { digest, packages }
}

async function startImage(context, basis, image, work, logFile) {
  if (basis) return pull(context, basis.ref, basis.digest, image, logFile)
  await context.run(['umoci', 'init', '--layout', join(work, 'oci')], { logFile })
  await context.run(['umoci', 'new', '--image', image], { logFile })
}

async function debianLayer(context, entry, image, work, logFile) {
  if (entry.suite) {
    const { tar, packages } = await bootstrap(context, entry, work, logFile)
    await context.run(['umoci', 'raw', 'add-layer', '--no-history', '--image', image, tar], { logFile })
    await rm(tar)
    return packages
  }
  if (!entry.debian && !entry.users && !entry.remove) return {}
  const bundle = join(work, 'bundle')
  await context.run(['umoci', 'unpack', '--image', image, bundle], { logFile })
  const packages = await installOver(context, entry, join(bundle, 'rootfs'), work, logFile)
  await context.run(['umoci', 'repack', '--no-history', '--image', image, bundle], { logFile })
  await rm(bundle, { recursive: true })
  return packages
}

async function goItems(context, entry) {
  const items = []
  for (const [output, to] of Object.entries(entry.go ?? {})) items.push({ from: await buildGo(context, output), to })
  return items
}

/** `module version` of each Go program of an entry. */
export async function goModules(recipe, entry) {
  const found = new Set()
  for (const output of programsOf(entry)) {
    const folder = folderOf(recipe.builds, output)
    const goMod = await readFile(join(recipe.rootDir, 'go', folder, 'go.mod'), 'utf8')
    found.add(goModule(goMod, recipe.builds[folder].programs.find((program) => program.output === output).package))
  }
  return [...found]
}

async function npmItems(context, entry, work, logFile) {
  const items = []
  for (const [pack, { integrity, copy }] of Object.entries(entry.npm ?? {})) {
    const folder = await unpackNpm(context, pack, integrity, work, logFile)
    for (const [from, to] of Object.entries(copy)) items.push({ from: join(folder, from), to })
  }
  return items
}

function plainItems(recipe, entry) {
  return [
    ...Object.entries(entry.files ?? {}).map(([source, to]) => ({ from: join(recipe.rootDir, 'images', source), to })),
    ...Object.entries(entry.links ?? {}).map(([to, link]) => ({ link, to })),
    ...Object.entries(entry.directories ?? {}).map(([to, { mode, owner = 0 }]) => ({ mode: Number.parseInt(mode, 8), owner, to })),
  ]
}
