import type { PackageManager } from "./manager.js"

export const NPM: PackageManager = {
  kind: "npm",
  program: "npm",
  isVersion: () => true,
  lockFiles: ["npm-shrinkwrap.json", "package-lock.json"],
  wrote: () => true,
  packageName: "npm",
  versionFor: () => null,
  env: {},
  caches: [],
  manifests: [],
  lockProblems: [/can only install packages when your package\.json and .* are in sync/, /can only install with an existing package-lock\.json/],
  install: ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
  lockCommand: "npm install --package-lock-only",
  run: (script, args) => ["npm", "run", script, ...(args.length > 0 ? ["--", ...args] : [])],
  exec: (program) => ["npx", "--no-install", ...program],
  audit: ["npm", "audit", "--json"],
}
