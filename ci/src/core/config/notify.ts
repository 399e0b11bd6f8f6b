import { VERDICTS, type Verdict } from "../verdict.js"
import { choiceSchema, credentialSchema, listSchema, objectSchema, withDefault } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

export interface NotifyConfig {
  /** Name of the credential that holds the URL. */
  readonly webhook: string
  readonly on: readonly Verdict[]
}

export const NOTIFY_SECTION: ConfigSection = {
  key: "notify",
  required: false,
  schema: objectSchema("Who is told about a run. Default: nobody.", ["webhook"], {
    webhook: credentialSchema("Name of the credential that holds the webhook's URL."),
    on: withDefault(listSchema("Verdicts that are told.", choiceSchema("A verdict.", VERDICTS)), ["error", "failed"]),
  }),
}
