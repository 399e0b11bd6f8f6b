import { DEFAULT_VERSIONS } from "./default-versions.js"
import type { PackageManager } from "./manager.js"

const CACHE = "/root/.cache/yarn"

/** Yarn 1. */
export const YARN_CLASSIC: PackageManager = {
  kind: "yarn-classic",
  program: "yarn",
  isVersion: (version) => /^[01]\./.test(version),
  lockFiles: ["yarn.lock"],
  wrote: (lock) => /^# yarn lockfile v1\s*$/m.test(lock),
  packageName: "yarn",
  versionFor: () => DEFAULT_VERSIONS.yarnClassic,
  env: { YARN_CACHE_FOLDER: CACHE },
  caches: [{ name: "yarn-1", mountPath: CACHE }],
  manifests: [".yarnrc", ".yarn/releases/**"],
  lockProblems: [/Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`/],
  // Two of them at once would break each other's cache.
  install: ["yarn", "install", "--frozen-lockfile", "--ignore-scripts", "--non-interactive", "--no-progress", `--mutex=file:${CACHE}/.mutex`],
  lockCommand: "yarn install",
  // Without its own first and last words the script's last word is the last.
  run: (script, args) => ["yarn", "run", "--silent", script, ...args],
  exec: (program) => ["yarn", "run", "--silent", ...program],
  audit: ["yarn", "audit", "--json"],
}
