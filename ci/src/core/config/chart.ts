import type { ConfigSection } from "./section.js"
import { nameSchema, objectSchema, pathSchema } from "./schema-node.js"

export interface ChartConfig {
  /** Folder of the Helm chart. */
  readonly path: string
  /** Name of the Helm release; one per environment. */
  readonly release: string
}

export const CHART_SECTION: ConfigSection = {
  key: "chart",
  required: false,
  schema: objectSchema("The Helm chart that deploys the product. Without one there is nothing to deploy.", ["path", "release"], {
    path: pathSchema("Folder of the chart."),
    release: nameSchema("Name of the Helm release; one per environment."),
  }),
}
