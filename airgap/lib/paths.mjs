// Where the kit keeps things. Everything lives below one folder of the user's cache, so that `--remove` can take it away.
import { createHash } from "node:crypto"
import { readFileSync, readdirSync } from "node:fs"
import { homedir } from "node:os"
import { join, relative, resolve } from "node:path"

/** The airgap folder that this code was loaded from: a clone's, or the copy in the cache. */
export const kitDirectory = resolve(import.meta.dirname, "..")

export const cacheDirectory = process.env.DELIVERY_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "delivery")

export const paths = {
  run: join(cacheDirectory, "run"),
  log: join(cacheDirectory, "logs"),
  rootfs: join(cacheDirectory, "rootfs"),
  engineState: join(cacheDirectory, "engine"),
  registry: join(cacheDirectory, "registry"),
  kits: join(cacheDirectory, "kit"),
  bin: join(cacheDirectory, "bin"),
  cluster: join(cacheDirectory, "cluster"),
}

const notPartOfTheRecipe = new Set(["node_modules", "test", "README.md"])

function recipeFiles(directory) {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => !notPartOfTheRecipe.has(entry.name))
    .flatMap((entry) => (entry.isDirectory() ? recipeFiles(join(directory, entry.name)) : [join(directory, entry.name)]))
}

/**
 * One key for the whole kit. daggerw computes the same in sh: sha256 over the sorted `sha256sum` lines of the files.
 */
export function recipeKey(directory = kitDirectory) {
  const lines = recipeFiles(directory)
    .map((file) => [relative(directory, file), file])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, file]) => `${sha256(readFileSync(file))}  ./${name}\n`)
  return sha256(lines.join("")).slice(0, 16)
}

export const sha256 = (content) => createHash("sha256").update(content).digest("hex")
