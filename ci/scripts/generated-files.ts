import { renderConfigPage } from "./config-page.js"
import { renderInfrastructure } from "./infrastructure-diagram.js"
import { configSchema } from "../src/core/config/sections.js"
import { runSchema } from "../src/core/run-schema.js"

/** Every file of docs/ that is made from the code, by its path in the repository. */
export function generatedFiles(): Readonly<Record<string, string>> {
  return {
    "docs/delivery.schema.json": `${JSON.stringify(configSchema(), null, 2)}\n`,
    "docs/delivery-yaml.md": renderConfigPage(),
    "docs/terraform-diagram.md": renderInfrastructure(),
    "docs/run.schema.json": `${JSON.stringify(runSchema(), null, 2)}\n`,
  }
}
