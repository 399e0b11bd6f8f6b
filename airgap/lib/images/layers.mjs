// A layer of plain files: put together in a folder, packed with fixed times and owners so that the same files give the same digest.
import { chmod, chown, copyFile, mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { filesBelow } from '../files.mjs'

/**
 * @param {{from?: string, link?: string, mode?: number, owner?: number, to: string}[]} items
 *   `from` copies a file or all files of a folder, `link` makes a link, neither makes a folder
 */
export async function addLayer(context, image, items, work, logFile) {
  if (items.length === 0) return
  const stage = join(work, 'stage')
  await rm(stage, { recursive: true, force: true })
  await mkdir(stage, { recursive: true })
  const paths = []
  for (const item of items) paths.push(...await place(stage, item))
  // Folders on the way are left out: an entry for one would change the mode that it has in the layers below.
  const tar = await pack(context, stage, paths.map((path) => `.${path}`), work, logFile)
  await context.run(['umoci', 'raw', 'add-layer', '--no-history', '--image', image, tar], { logFile })
  await rm(tar)
  await rm(stage, { recursive: true })
}

/** An archive of the named files of a folder, the same for the same files. */
export async function pack(context, folder, names, work, logFile) {
  const list = join(work, 'stage.list')
  const tar = join(work, 'stage.tar')
  await writeFile(list, names.map((name) => `${name}\0`).sort().join(''))
  await context.run([
    'tar', '--create', '--file', tar, '--numeric-owner', '--mtime=@0', '--format=posix', '--pax-option=delete=atime,delete=ctime',
    '--directory', folder, '--no-recursion', '--null', '--files-from', list,
  ], { logFile })
  return tar
}

async function place(stage, item) {
  const target = join(stage, item.to)
  await mkdir(dirname(target), { recursive: true })
  if (item.link !== undefined) {
    await symlink(item.link, target)
    return [item.to]
  }
  if (item.from === undefined) {
    await mkdir(target, { recursive: true })
    await chmod(target, item.mode)
    await chown(target, item.owner, item.owner)
    return [item.to]
  }
  const placed = []
  for (const path of filesBelow(item.from)) {
    const to = path ? join(item.to, path) : item.to
    await mkdir(dirname(join(stage, to)), { recursive: true })
    await placeFile(path ? join(item.from, path) : item.from, join(stage, to))
    placed.push(to)
  }
  return placed
}

async function placeFile(from, to) {
  const executable = ((await stat(from)).mode & 0o111) !== 0
  await copyFile(from, to)
  // A checkout's modes follow its umask.
  await chmod(to, executable ? 0o755 : 0o644)
  await chown(to, 0, 0)
}
