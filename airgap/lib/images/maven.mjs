// Maven artifacts as files of an image: fetched by Maven, checked against the recipe's own checksum, taken as they are or unpacked.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ensureHostTools } from '../debian.mjs'

const FETCH = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get'

/** Maven's command line; with a repository of its own it leaves nothing behind in the user's. */
export function fetchCommand(text, repository) {
  return ['mvn', '--batch-mode', '--no-transfer-progress', '--quiet', `-Dmaven.repo.local=${repository}`, FETCH, `-Dartifact=${text}`, '-Dtransitive=false']
}

/** Where Maven keeps an artifact below its repository. */
export function repositoryPath(text) {
  const [group, artifact, version, type = 'jar'] = text.split(':')
  return join(...group.split('.'), artifact, version, `${artifact}-${version}.${type}`)
}

/** @returns {Promise<{from: string, to: string}[]>} the entry's files, for a layer */
export async function mavenItems(context, text, { sha512, file, copy }, work, logFile) {
  const folder = join(work, `maven-${text.replaceAll(/[^\w.-]/g, '_')}`)
  const repository = join(folder, 'repository')
  await ensureHostTools(context.run, { mvn: 'maven', ...(copy ? { unzip: 'unzip' } : {}) })
  await mkdir(folder, { recursive: true })
  await context.run(fetchCommand(text, repository), { cwd: folder, logFile })
  const archive = join(repository, repositoryPath(text))
  const got = await checksum(archive)
  if (got !== sha512) throw new Error(`images.yaml: maven: ${text}: expected sha512 ${sha512}, the repository's artifact has ${got}; do not use it before you know why they differ`)
  if (!copy) return [{ from: archive, to: file }]
  const content = join(folder, 'content')
  await context.run(['unzip', '-q', archive, '-d', content], { logFile })
  return Object.entries(copy).map(([from, to]) => ({ from: join(content, from), to }))
}

async function checksum(file) {
  const hash = createHash('sha512')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
