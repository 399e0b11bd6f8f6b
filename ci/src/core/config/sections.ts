import { AUDIT_SECTION } from "./audit.js"
import { CHART_SECTION } from "./chart.js"
import { CI_SECTION } from "./ci.js"
import { ENVIRONMENTS_SECTION } from "./environments.js"
import { IMAGES_SECTION } from "./images.js"
import { LINT_SECTION } from "./lint.js"
import { NOTIFY_SECTION } from "./notify.js"
import { PERF_SECTION } from "./perf.js"
import { POLICIES_SECTION } from "./policies.js"
import { PROJECT_SECTION, REPOSITORY_SECTION, VERSION_SECTION } from "./project.js"
import { REGISTRY_SECTION } from "./registry.js"
import { SAST_SECTION } from "./sast.js"
import { SCAN_SECTION } from "./scan.js"
import type { SchemaNode } from "./schema-node.js"
import type { ConfigSection } from "./section.js"
import { SERVICES_SECTION } from "./services.js"
import { SIGNING_SECTION } from "./signing.js"
import { SONAR_SECTION } from "./sonar.js"
import { STAGES_SECTION } from "./stages.js"
import { TERRAFORM_SECTION } from "./terraform.js"

/** Every section of delivery.yaml, in the order of the page in docs/. */
export const SECTIONS: readonly ConfigSection[] = [
  VERSION_SECTION,
  PROJECT_SECTION,
  REPOSITORY_SECTION,
  CHART_SECTION,
  SERVICES_SECTION,
  REGISTRY_SECTION,
  SIGNING_SECTION,
  ENVIRONMENTS_SECTION,
  STAGES_SECTION,
  LINT_SECTION,
  AUDIT_SECTION,
  SAST_SECTION,
  SCAN_SECTION,
  PERF_SECTION,
  POLICIES_SECTION,
  TERRAFORM_SECTION,
  SONAR_SECTION,
  IMAGES_SECTION,
  NOTIFY_SECTION,
  CI_SECTION,
]

/** The schema of the whole file: parser, editor support and docs come from it. */
export function configSchema(): SchemaNode & { readonly $schema: string } {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    title: "a mapping",
    description: "What is delivered, where to and how. Generated from ci/src/core/config: run `npm run generate`.",
    required: SECTIONS.filter((section) => section.required).map((section) => section.key),
    properties: Object.fromEntries(SECTIONS.map((section) => [section.key, section.schema])),
    additionalProperties: false,
  }
}
