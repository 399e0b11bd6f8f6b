// What the building code of the kit works with.
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { cacheDirectory, kitDirectory, paths } from "./paths.mjs"
import { workshop } from "./mirror.mjs"
import { run } from "./run.mjs"

export function createContext({ log }) {
  mkdirSync(paths.log, { recursive: true })
  const logFile = join(paths.log, "kit.log")
  return {
    cacheDir: cacheDirectory,
    rootDir: kitDirectory,
    registry: workshop,
    log,
    run: (argv, options = {}) => run(argv, { logFile, ...options, env: { ...process.env, ...options.env } }),
  }
}
