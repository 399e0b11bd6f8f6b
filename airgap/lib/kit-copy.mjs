// The kit runs from a copy in the cache, so that a clone may move or go away while an engine serves others.
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs"
import { basename, join } from "node:path"
import { kitDirectory, paths, recipeKey } from "./paths.mjs"
import { run } from "./run.mjs"

/** @returns {Promise<string>} the folder of the copy, with its packages installed */
export async function ensureKitCopy() {
  const known = join(paths.kits, recipeKey())
  if (existsSync(known)) return known
  const unfinished = `${known}.${process.pid}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(paths.kits, { recursive: true })
  cpSync(kitDirectory, unfinished, { recursive: true, filter: (path) => !["node_modules", "test"].includes(basename(path)) })
  const copy = join(paths.kits, recipeKey(unfinished)) // of what was copied: somebody may be editing the sources
  await run(["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: unfinished })
  if (existsSync(copy)) rmSync(unfinished, { recursive: true }) // somebody else was quicker
  else renameSync(unfinished, copy)
  return copy
}
