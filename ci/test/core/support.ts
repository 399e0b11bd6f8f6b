import { readFileSync } from "node:fs"
import { parseConfig } from "../../src/core/config/config.js"
import type { Config } from "../../src/core/config/model.js"
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

export function shop(edit: (text: string) => string = (text) => text): Promise<Config> {
  return parseConfig(edit(SHOP), "delivery.yaml")
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
