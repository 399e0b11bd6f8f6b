import { ReleaseError } from "../release.js"

/** Chart and values as they were when the release was made: a deployment needs no sources. */
export interface ChartBundle {
  /** Contents by path below the chart's folder. */
  readonly chart: Readonly<Record<string, string>>
  /** Contents of values files by path below the repository. */
  readonly values: Readonly<Record<string, string>>
}

export const BUNDLE_FILE = "/bundle.json"
export const bundleTag = (commit: string): string => `chart-${commit}`

/** One text for one content, whatever the order in which the files were read: its digest stands in release.json. */
export function renderBundle({ chart, values }: ChartBundle): string {
  const sorted = (files: Readonly<Record<string, string>>): object => Object.fromEntries(Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1)))
  const binary = Object.entries({ ...chart, ...values }).filter(([, text]) => text.includes("\uFFFD")).map(([path]) => path)
  if (binary.length > 0) throw new ReleaseError(`the chart has files that are no UTF-8 text: ${binary.join(", ")}. Expected text alone; keep a chart's dependencies as folders below charts/.`)
  return `${JSON.stringify({ schemaVersion: 1, chart: sorted(chart), values: sorted(values) })}\n`
}

/** Reads a bundle; one whose digest is another than that of release.json is refused. */
export function parseBundle(text: string, digest: string, expected: string, where: string): ChartBundle {
  if (digest !== expected) throw new ReleaseError(`${where}: expected the chart with digest ${expected}, which release.json names, got ${digest}. Nothing was written. Somebody has replaced the chart: push the release again.`)
  return JSON.parse(text) as ChartBundle
}
