// npm packages as files of an image: fetched by npm, checked against the recipe's own integrity, unpacked.
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** @returns {Promise<string>} the folder with the package's files */
export async function unpackNpm(context, pack, integrity, work, logFile) {
  const folder = join(work, `npm-${pack.replaceAll(/[^\w.-]/g, '_')}`)
  await mkdir(folder, { recursive: true })
  const [{ filename }] = JSON.parse(await context.run(
    ['npm', 'pack', pack, '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder], { cwd: folder, logFile },
  ))
  const archive = join(folder, filename)
  const got = `sha512-${createHash('sha512').update(await readFile(archive)).digest('base64')}`
  if (got !== integrity) throw new Error(`images.yaml: npm: ${pack}: expected integrity ${integrity}, the registry's package has ${got}; do not use it before you know why they differ`)
  await context.run(['tar', '--extract', '--gzip', '--file', archive, '--directory', folder, '--strip-components=1', '--no-same-owner', '--one-top-level=package'], { logFile })
  return join(folder, 'package')
}
