import { DEFAULT_VERSIONS } from "./default-versions.js"
import type { PackageManager } from "./manager.js"

const GLOBAL = "/root/.yarn/berry"

/** Yarn 2 and newer. */
export const YARN_BERRY: PackageManager = {
  kind: "yarn-berry",
  program: "yarn",
  isVersion: (version) => !/^[01]\./.test(version),
  lockFiles: ["yarn.lock"],
  wrote: (lock) => /^__metadata:/m.test(lock),
  packageName: "@yarnpkg/cli-dist",
  versionFor: berryVersion,
  env: {
    YARN_ENABLE_TELEMETRY: "0",
    YARN_ENABLE_SCRIPTS: "0",
    YARN_ENABLE_PROGRESS_BARS: "0",
    // Packages then lie beside the sources, since Plug'n'Play runs them from where they lie; the global folder only spares downloads.
    YARN_ENABLE_GLOBAL_CACHE: "0",
    YARN_GLOBAL_FOLDER: GLOBAL,
  },
  caches: [{ name: "yarn-berry", mountPath: GLOBAL }],
  manifests: [".yarnrc.yml", ".yarn/releases/**", ".yarn/plugins/**", ".yarn/patches/**", ".yarn/cache/**", "patches/**"],
  lockProblems: [/The lockfile would have been (modified|created) by this install, which is explicitly forbidden/],
  install: ["yarn", "install", "--immutable"],
  lockCommand: "yarn install --mode=update-lockfile",
  run: (script, args) => ["yarn", "run", script, ...args],
  // Strict: what the root depends on is not there for its packages, unless asked for.
  exec: (program, of) => ["yarn", "run", ...(of === "workspace" ? ["--top-level"] : []), ...program],
  audit: ["yarn", "npm", "audit", "--all", "--recursive", "--no-deprecations", "--json"],
}

function berryVersion(lock: string): string {
  const versions: Readonly<Record<string, string>> = DEFAULT_VERSIONS.yarnBerry
  const format = /^__metadata:\s+version: (\d+)/m.exec(lock)?.[1] ?? ""
  if (format === "8" && /^ {2}checksum: [0-9a-f]{128}$/m.test(lock)) return DEFAULT_VERSIONS.yarn40
  return versions[format] ?? (Number(format) < 6 && format !== "" ? versions["6"] : undefined) ?? versions["10"] ?? ""
}
