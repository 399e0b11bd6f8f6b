import { DEFAULT_VERSIONS } from "./default-versions.js"
import type { PackageManager } from "./manager.js"

const STORE = "/root/.local/share/pnpm-store"

export const PNPM: PackageManager = {
  kind: "pnpm",
  program: "pnpm",
  isVersion: () => true,
  lockFiles: ["pnpm-lock.yaml"],
  wrote: () => true,
  packageName: "pnpm",
  versionFor: pnpmVersion,
  // Before each script pnpm may look whether to install again; that was done once, from the lock file.
  // Nor is it to look for the version that `packageManager` names: that one was installed.
  env: { pnpm_config_verify_deps_before_run: "false", pnpm_config_pm_on_fail: "ignore" },
  caches: [{ name: "pnpm", mountPath: STORE }],
  manifests: ["pnpm-workspace.yaml", ".pnpmfile.cjs", ".pnpmfile.mjs", "patches/**"],
  lockProblems: [/because\s+the lockfile is not up to date/, /ERR_PNPM_(OUTDATED_LOCKFILE|NO_LOCKFILE|LOCKFILE_\w+|BROKEN_LOCKFILE|FROZEN_LOCKFILE_\w+)/],
  // Copies: a link into the store would lead into a volume that another container may change.
  install: ["pnpm", "install", "--frozen-lockfile", "--ignore-scripts", `--store-dir=${STORE}`, "--package-import-method=copy", "--reporter=append-only"],
  lockCommand: "pnpm install --lockfile-only",
  // Without `--`: pnpm would hand that on to the script.
  run: (script, args) => ["pnpm", "run", script, ...args],
  exec: (program) => ["pnpm", "exec", ...program],
  audit: ["npx", "--yes", `pnpm@${DEFAULT_VERSIONS.pnpmAudit}`, "--pm-on-fail=ignore", "audit", "--json"],
}

function pnpmVersion(lock: string): string {
  const format = Number(/^lockfileVersion:\s*['"]?(\d+)/m.exec(lock)?.[1] ?? Number.NaN)
  if (format <= 5) return DEFAULT_VERSIONS.pnpm7
  return format <= 6 ? DEFAULT_VERSIONS.pnpm8 : DEFAULT_VERSIONS.pnpm
}
