import { createHash } from "node:crypto"
import { dag, type Directory } from "@dagger.io/dagger"
import { BUNDLE_FILE, bundleTag, parseBundle, renderBundle, type ChartBundle } from "../core/deploy/chart-bundle.js"
import { UsageError } from "../core/errors.js"
import type { Release } from "../core/release.js"
import { nextNonce, uncached } from "./exec.js"
import { registryOf, withRegistryAccount } from "./release-store.js"
import type { Run } from "./run.js"
import { filePaths } from "./files-alone.js"

export interface RenderedBundle {
  readonly text: string
  readonly digest: string
}

/** Chart and values of the checkout, for a release that others deploy; null for a product without a chart, and where the release dies with the call. */
export async function bundleChart(run: Run): Promise<RenderedBundle | null> {
  const { config, source } = run.checkout
  if (config.chart === null || !run.pushesToRegistry) return null
  const folder = source.directory(config.chart.path)
  const paths = await filePaths(folder)
  const values = [...new Set(Object.values(config.environments).flatMap((environment) => environment.values))]
  const text = renderBundle({ chart: await readTexts(folder, paths), values: await readTexts(source, values) })
  return { text, digest: digestOfText(text) }
}

export async function pushBundle(run: Run, { text }: RenderedBundle, commit: string): Promise<void> {
  await withRegistryAccount(run, dag.container().withNewFile(BUNDLE_FILE, text)).publish(bundleRef(run, commit))
}

/** Chart and values that a release was made with, by the digest in its release.json. */
export async function pullBundle(run: Run, { commit, chartDigest }: Release): Promise<ChartBundle> {
  const ref = bundleRef(run, commit)
  const text = await withRegistryAccount(run, uncached(dag.container(), nextNonce(run.header.runId))).from(ref).file(BUNDLE_FILE).contents().catch((error: unknown) => {
    throw new UsageError(`the chart of release ${commit} cannot be read from ${ref}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}. Push the release again.`)
  })
  return parseBundle(text, digestOfText(text), chartDigest ?? "", ref)
}

export const withTexts = (directory: Directory, files: Readonly<Record<string, string>>): Directory => Object.entries(files).reduce((all, [path, text]) => all.withNewFile(path, text), directory)

const bundleRef = (run: Run, commit: string): string => `${registryOf(run).address}/${run.checkout.config.project}:${bundleTag(commit)}`
const digestOfText = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`

async function readTexts(folder: Directory, paths: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const read = await Promise.all(paths.map(async (path): Promise<[string, string]> => [path, await folder.file(path).contents()]))
  return Object.fromEntries(read)
}
