import type { ConfigSection, SectionInput, SectionProblem } from "./section.js"
import { mapSchema, nameSchema, objectSchema, pathSchema } from "./schema-node.js"

/** In `chart.images`, in place of a key of pins.yaml: the dead man's switch, whose image the module makes itself. */
export const SWITCH_IMAGE = "canary-switch"

export interface ChartConfig {
  /** Folder of the Helm chart. */
  readonly path: string
  /** Name of the Helm release; one per environment. */
  readonly release: string
  /** Images that the chart needs besides the services', by the key in its value `images`: keys of pins.yaml, or SWITCH_IMAGE. */
  readonly images?: Readonly<Record<string, string>>
}

const imagesSchema = mapSchema(
  "Images that the chart needs besides those of the services, such as a database for an environment that has none: the key in the chart's value `images` and the key in pins.yaml, or `canary-switch`: the dead man's switch of `canary` and `blueGreen`, which the module makes itself.",
  nameSchema("Key of the image in pins.yaml."),
)

export const CHART_SECTION: ConfigSection = {
  key: "chart",
  required: false,
  schema: objectSchema("The Helm chart that deploys the product. Without one there is nothing to deploy.", ["path", "release"], {
    path: pathSchema("Folder of the chart."),
    release: nameSchema("Name of the Helm release; one per environment."),
    images: imagesSchema,
  }),
  check: checkImages,
}

/** release.json and the registry know images by one name each. */
function checkImages({ root, serviceNames }: SectionInput): readonly SectionProblem[] {
  const { images = {} } = (root["chart"] ?? {}) as Partial<ChartConfig>
  return Object.keys(images)
    .filter((name) => serviceNames.includes(name))
    .map((name) => ({ path: ["chart", "images", name], expected: "a name that no service has", got: `\`${name}\`, a service`, fix: "Call one of them otherwise." }))
}
