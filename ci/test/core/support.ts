import { readFileSync } from "node:fs"
import { parseConfig } from "../../src/core/config/config.js"
import type { Config } from "../../src/core/config/model.js"
import { foldersUp, joinPath } from "../../src/core/detect/tree.js"
import { ConfigError } from "../../src/core/errors.js"
import type { ExecOutcome } from "../../src/core/gates/exec.js"

/** A small product with two services and four environments. */
export const SHOP = `version: 1
project: shop
chart: {path: charts/shop, release: shop}
services:
  web:
    path: apps/web
    toolchain: node
    image: shop/web
    port: 8080
    routes: [/]
    dependsOn: [api]
  api:
    path: apps/api
    toolchain: python
    image: shop/api
    port: 3000
environments:
  dev: {kubeconfig: KUBECONFIG_DEV}
  staging: {kubeconfig: KUBECONFIG_STAGING, allowPerf: true}
  production: {kubeconfig: KUBECONFIG_PRODUCTION, approval: required, requires: [lint, test]}
perf: {path: perf}
`

/** Its manifests, from which the commands come. */
const SHOP_FILES: Readonly<Record<string, string>> = {
  "apps/web/package.json": JSON.stringify({ name: "web", version: "1.0.0", scripts: { lint: "eslint .", build: "vite build", test: "vitest run" } }),
  "apps/web/package-lock.json": JSON.stringify({ name: "web", version: "1.0.0", lockfileVersion: 3, packages: {} }),
  "apps/api/pyproject.toml": "[tool.ruff]\n",
  "apps/api/requirements.txt": "fastapi==0.120.0 --hash=sha256:00\n",
  "apps/api/requirements-dev.txt": "-r requirements.txt\npytest==9.2.0 --hash=sha256:00\npytest-cov==7.1.0 --hash=sha256:00\nruff==0.17.6 --hash=sha256:00\n",
}

export function shop(edit: (text: string) => string = (text) => text): Promise<Config> {
  return parseConfig(edit(SHOP), "delivery.yaml", {
    existing: (paths) => Promise.resolve(new Set(paths.map((path) => joinPath(path)))),
    facts: () => Promise.resolve({ paths: new Set(Object.keys(SHOP_FILES).flatMap((path) => [path, ...foldersUp(path)])), texts: SHOP_FILES }),
    images: [],
  })
}

/** Every line of the error's message after the first. */
export async function problemsOf(text: string): Promise<readonly string[]> {
  try {
    await parseConfig(text, "delivery.yaml")
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n").slice(1).map((line) => line.trim())
    throw error
  }
  return []
}

export function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8")
}

export function execOutcome(argv: string, exitCode: number, stdout = "", stderr = ""): ExecOutcome {
  return { argv: argv.split(" "), exitCode, stdout, stderr }
}

/** A command with its output and exit code, as a real run of it was written down. */
export function recordedExec(name: string): ExecOutcome {
  const [, argv = "", stdout = "", exitCode = ""] = /^\$ (.*)\n([\s\S]*)\[exit code (\d+)\]\n$/.exec(fixture(name)) ?? []
  if (exitCode === "") throw new Error(`${name}: expected "$ command", its output and "[exit code N]"`)
  return execOutcome(argv, Number(exitCode), stdout)
}
