// The recipe: images.yaml and go/builds.yaml with the files that they name, and the key of everything made from them.
// A key is the hash of all that goes in, so a thing with an unchanged key is never made twice.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { fileTree } from './files.mjs'
import { checkBuilds, checkImages } from './recipe-check.mjs'
import { programsOf, sourcesOf } from './recipe-entry.mjs'

// Raise it when the code here makes something else from the same recipe.
const FORMAT = 1

export const KIT_FOLDER = fileURLToPath(new URL('..', import.meta.url))

export function loadRecipe(rootDir = KIT_FOLDER) {
  const read = (name) => {
    const file = join(rootDir, name)
    if (!existsSync(file)) throw new Error(`${file}: not found; rootDir must be the folder airgap/ of the checkout`)
    return parse(readFileSync(file, 'utf8'))
  }
  const builds = read('go/builds.yaml').modules
  const images = read('images.yaml').images
  checkBuilds(builds)
  checkImages(images, builds)
  return makeRecipe({
    builds, images, rootDir,
    goTree: (folder) => fileTree(join(rootDir, 'go', folder)),
    fileTree: (source) => fileTree(join(rootDir, 'images', source)),
  })
}

/** Everything about a recipe that needs no effect but reading its own files, which the two tree functions do. */
export function makeRecipe({ builds, images, rootDir, goTree, fileTree }) {
  const keys = new Map()
  const once = (id, make) => {
    if (!keys.has(id)) keys.set(id, make())
    return keys.get(id)
  }
  const goKey = (folder) => once(`go/${folder}`, () => hash(['go', builds[folder], goTree(folder)]))
  const imageKey = (name) => once(name, () => {
    const entry = images[name]
    return hash([
      'image', name, entry,
      entry.base === 'scratch' ? 'scratch' : imageKey(entry.base),
      programsOf(entry).map((output) => goKey(folderOf(builds, output))),
      sourcesOf(entry).map((source) => fileTree(source)),
    ])
  })
  return { builds, images, rootDir, goKey, imageKey }
}

export function folderOf(builds, output) {
  const folder = Object.keys(builds).find((name) => builds[name].programs.some((program) => program.output === output))
  if (!folder) throw new Error(`go/builds.yaml: no module builds "${output}"; it has ${outputs(builds).join(', ')}`)
  return folder
}

export function outputs(builds) {
  return Object.values(builds).flatMap((module) => module.programs.map((program) => program.output))
}

/** What is built before anybody asks for it. */
export function builtAhead(images) {
  return Object.keys(images).filter((name) => !images[name].onDemand)
}

/** The names and all that they are built on, each after its base. */
export function buildOrder(images, names = Object.keys(images)) {
  const order = new Set()
  const add = (name) => {
    if (!images[name]) throw new Error(`images.yaml: no image "${name}"; it has ${Object.keys(images).join(', ')}`)
    if (images[name].base !== 'scratch') add(images[name].base)
    order.add(name)
  }
  names.forEach(add)
  return [...order]
}

/** `node:24` -> `docker.io/library/node:24`, as container engines read short names. */
export function fullName(name) {
  const [first, ...rest] = name.split('/')
  if (rest.length === 0) return `docker.io/library/${name}`
  return /[.:]/.test(first) || first === 'localhost' ? name : `docker.io/${name}`
}

function hash(value) {
  return createHash('sha256').update(JSON.stringify([FORMAT, sorted(value)])).digest('hex')
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
}
