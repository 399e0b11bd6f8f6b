import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, readlinkSync, statSync, lstatSync } from 'node:fs'
import { join, relative } from 'node:path'

/** All files below a folder (or the one file) with the hash of each, in a fixed order. What a build left there is no source. */
export function fileTree(root) {
  if (!statSync(root, { throwIfNoEntry: false })) throw new Error(`${root}: not found, but the recipe names it`)
  return filesBelow(root).map((path) => {
    const file = join(root, path)
    const stat = lstatSync(file)
    const content = stat.isSymbolicLink() ? readlinkSync(file) : readFileSync(file)
    return { path, executable: (stat.mode & 0o111) !== 0, sha256: createHash('sha256').update(content).digest('hex') }
  })
}

/** Paths of all that is no folder, relative to root; '' when root is itself a file. */
export function filesBelow(root) {
  if (!statSync(root).isDirectory()) return ['']
  const walk = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((item) => {
    const path = join(folder, item.name)
    return item.isDirectory() ? walk(path) : [relative(root, path)]
  })
  return walk(root).sort()
}
