import { credentialSchema, objectSchema, textSchema } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

export interface SonarConfig {
  readonly projectKey: string
  /** Null starts a SonarQube of the call's own. */
  readonly hostUrl: string | null
  readonly token: string | null
}

export type RawSonar = Pick<SonarConfig, "projectKey"> & Partial<SonarConfig>

export const SONAR_SECTION: ConfigSection = {
  key: "sonar",
  required: false,
  schema: objectSchema("Static analysis by SonarQube. Default: none.", ["projectKey"], {
    projectKey: textSchema("Key of the project in SonarQube."),
    hostUrl: textSchema("URL of the server. Default: one that lives inside the call."),
    token: credentialSchema("Name of the credential that holds the token."),
  }),
}

export function completeSonar(raw: RawSonar): SonarConfig {
  return { projectKey: raw.projectKey, hostUrl: raw.hostUrl ?? null, token: raw.token ?? null }
}
