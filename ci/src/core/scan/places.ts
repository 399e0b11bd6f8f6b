import { joinPath } from "../detect/tree.js"
import type { ReportPlaces } from "../gates/scan/trivy-report.js"
import { SCANNED_FOLDER, TREE_FOLDER } from "./trivy.js"

/** The folder beside the tree with what the chart renders to, one file for each environment. */
export const RENDERED_FOLDER = "rendered"
export const renderedFile = (environment: string): string => `${RENDERED_FOLDER}/${environment}.yaml`

const TREE = `${TREE_FOLDER.slice(SCANNED_FOLDER.length + 1)}/`

/** Places of a scan of the tree with what its chart renders to. `rendered` holds the texts by environment. */
export function treePlaces(chartPath: string | null, rendered: Readonly<Record<string, string>>): ReportPlaces {
  const environmentOf = (target: string): string | null => Object.keys(rendered).find((environment) => target === renderedFile(environment)) ?? null
  return {
    environmentOf,
    pathOf: (target, line) => {
      const environment = environmentOf(target)
      if (environment !== null) return templateOf(chartPath ?? "", rendered[environment] ?? "", line)
      return target.startsWith(TREE) ? target.slice(TREE.length) : target
    },
  }
}

/** The template that a line was rendered from, as Helm writes it above: `# Source: shop/templates/web.yaml`. */
function templateOf(chartPath: string, text: string, line: number | null): string {
  const above = text.split("\n").slice(0, line ?? undefined)
  const source = above.flatMap((each) => /^# Source: [^/]+\/(.+)$/.exec(each)?.[1] ?? [])
  return joinPath(chartPath, (line === null ? null : source.at(-1)) ?? "")
}
