// What a recipe must be. All problems are told at once, each with its place.
import { posix } from 'node:path'
import { programsOf } from './recipe-entry.mjs'

const MODULE_KEYS = ['ldflags', 'goExperiment', 'programs']
const IMAGE_KEYS = [
  'base', 'rebuildOf', 'onDemand', 'suite', 'debian', 'dpkgOptions', 'users', 'remove', 'go', 'npm', 'maven', 'files', 'links', 'directories',
  'env', 'entrypoint', 'cmd', 'workdir', 'user', 'stopSignal', 'ports', 'volumes', 'artifact',
]
const ARTIFACT_TEXTS = ['program', 'from', 'configType', 'layerType', 'title']
// Of all that an image can be told, only this makes sense for what is none.
const BESIDE_ARTIFACT = ['base', 'rebuildOf', 'onDemand', 'artifact']
// On Debian these are links into /usr: a layer that has a folder of that name would replace the link and with it all programs.
const MERGED_INTO_USR = /^\/(bin|sbin|lib|lib64)\//

export function checkBuilds(builds) {
  const problems = Object.entries(builds).flatMap(([folder, module]) => [
    ...unknownKeys(`go/builds.yaml: ${folder}`, module, MODULE_KEYS),
    ...(module.programs?.length ? [] : [`go/builds.yaml: ${folder}: expected a list "programs" of {package, output}`]),
  ])
  const seen = new Map()
  for (const [folder, module] of Object.entries(builds)) {
    for (const { output } of module.programs ?? []) {
      if (seen.has(output)) problems.push(`go/builds.yaml: ${folder}: output "${output}" is also built by ${seen.get(output)}; name one of them differently`)
      seen.set(output, folder)
    }
  }
  refuse(problems)
}

export function checkImages(images, builds) {
  const known = new Set(Object.values(builds).flatMap((module) => module.programs.map((program) => program.output)))
  refuse(Object.entries(images).flatMap(([name, entry]) => {
    const where = `images.yaml: ${name}`
    return [
      ...unknownKeys(where, entry, IMAGE_KEYS),
      ...(name.includes(':') ? [] : [`${where}: expected a tag, as in "${name}:1.0"`]),
      ...checkBase(where, name, entry, images),
      ...checkOnDemand(where, entry, images),
      ...checkArtifact(where, entry),
      ...programsOf(entry).filter((output) => !known.has(output)).map((output) => `${where}: ${entry.artifact ? 'artifact' : 'go'}: no module builds "${output}"; add it to go/builds.yaml`),
      ...Object.entries(entry.npm ?? {}).flatMap(([pack, { integrity } = {}]) => checkPackage(where, pack, integrity)),
      ...Object.entries(entry.maven ?? {}).flatMap(([text, artifact]) => checkMaven(where, text, artifact ?? {})),
      ...targets(entry).flatMap((path) => checkPath(where, path, onDebian(images, name))),
    ]
  }))
}

function checkBase(where, name, entry, images) {
  if (entry.base === 'scratch') return entry.debian && !entry.suite ? [`${where}: suite: expected Debian's release name, since the image starts from scratch`] : []
  if (!entry.base || !images[entry.base]) return [`${where}: base: expected "scratch" or the name of another image, got "${entry.base}"`]
  const path = [name]
  for (let at = entry.base; at && at !== 'scratch'; at = images[at]?.base) {
    if (path.includes(at)) return [`${where}: base: ${[...path, at].join(' -> ')} is a circle`]
    path.push(at)
  }
  return []
}

function checkOnDemand(where, entry, images) {
  if (![undefined, true].includes(entry.onDemand)) return [`${where}: onDemand: expected true or no such key, got "${entry.onDemand}"`]
  return !entry.onDemand && images[entry.base]?.onDemand ? [`${where}: onDemand: expected true, since its base ${entry.base} is built on demand`] : []
}

function checkArtifact(where, entry) {
  if (!entry.artifact) return []
  return [
    ...unknownKeys(`${where}: artifact`, entry.artifact, [...ARTIFACT_TEXTS, 'annotations']),
    ...ARTIFACT_TEXTS.filter((key) => typeof entry.artifact[key] !== 'string').map((key) => `${where}: artifact: ${key}: expected a text`),
    ...(entry.base === 'scratch' ? [] : [`${where}: base: expected scratch, since an artifact has nothing below`]),
    ...Object.keys(entry).filter((key) => !BESIDE_ARTIFACT.includes(key)).map((key) => `${where}: ${key}: an artifact has no such thing; beside "artifact" only ${BESIDE_ARTIFACT.join(', ')} have a meaning`),
    ...Object.entries(entry.artifact.annotations ?? {}).filter(([, value]) => typeof value !== 'string').map(([key]) => `${where}: artifact: annotations: ${key}: expected a text`),
  ]
}

function checkPackage(where, pack, integrity) {
  return [
    ...(/^(@[^/@]+\/)?[^@]+@\d+\.\d+\.\d+$/.test(pack) ? [] : [`${where}: npm: expected an exact version as in "npm@11.0.0", got "${pack}"`]),
    ...(/^sha512-.{86}==$/.test(integrity ?? '') ? [] : [`${where}: npm: ${pack}: expected its integrity (sha512-...); "npm view ${pack} dist.integrity" tells it`]),
  ]
}

function checkMaven(where, text, artifact) {
  const place = `${where}: maven: ${text}`
  const isZip = text.endsWith(':zip')
  return [
    ...(/^[\w.-]+:[\w.-]+:\d[\w.-]*(:(jar|zip))?$/.test(text) && !text.includes('SNAPSHOT') ? [] : [`${where}: maven: expected group:artifact:version, or these with :zip, as in "org.example:tool:1.0.0:zip", got "${text}"`]),
    ...unknownKeys(place, artifact, ['sha512', 'file', 'copy']),
    ...(/^[0-9a-f]{128}$/.test(artifact.sha512 ?? '') ? [] : [`${place}: expected its sha512 as 128 hexadecimal digits`]),
    ...(artifact.copy ? Object.keys(artifact.copy).length && isZip && !artifact.file : artifact.file) ? [] : [`${place}: expected \`file\`, the path of the artifact in the image, or for a zip \`copy\`, the paths of what it holds`],
  ]
}

function checkPath(where, path, debian) {
  if (!path.startsWith('/') || posix.normalize(path) !== path) return [`${where}: expected an absolute path in the image, got "${path}"`]
  return debian && MERGED_INTO_USR.test(path) ? [`${where}: ${path}: write /usr${path}; on Debian the short path is a link to it, which a file there would break`] : []
}

function onDebian(images, name) {
  const seen = new Set()
  for (let at = name; images[at] && !seen.has(at); at = images[at].base) {
    if (images[at].debian) return true
    seen.add(at)
  }
  return false
}

function targets(entry) {
  return [
    ...Object.values(entry.go ?? {}), ...Object.values(entry.files ?? {}), ...Object.keys(entry.links ?? {}), ...Object.keys(entry.directories ?? {}),
    ...Object.values(entry.npm ?? {}).flatMap((pack) => Object.values(pack?.copy ?? {})),
    ...Object.values(entry.maven ?? {}).flatMap((artifact) => [...(artifact?.file ? [artifact.file] : []), ...Object.values(artifact?.copy ?? {})]),
  ]
}

function unknownKeys(where, value, known) {
  return Object.keys(value ?? {}).filter((key) => !known.includes(key)).map((key) => `${where}: unknown key "${key}"; known are ${known.join(', ')}`)
}

function refuse(problems) {
  if (problems.length) throw new Error(problems.join('\n'))
}
