import { credentialSchema, objectSchema } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

export interface RegistryConfig {
  /** Host and path that image names are put behind. */
  readonly address: string
  /** Names of credentials; null pushes anonymously. */
  readonly username: string | null
  readonly password: string | null
}

export type RawRegistry = Pick<RegistryConfig, "address"> & Partial<RegistryConfig>

export const REGISTRY_SECTION: ConfigSection = {
  key: "registry",
  required: false,
  schema: objectSchema("Where `push` puts images; `local` has a registry of its own.", ["address"], {
    address: {
      type: "string",
      title: "a registry without scheme, such as ghcr.io/shop",
      description: "Host and path that image names are put behind, without scheme.",
      pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?(/[a-z0-9._-]+)*$",
    },
    username: credentialSchema("Name of the credential that holds the user name."),
    password: credentialSchema("Name of the credential that holds the password or token."),
  }),
  check: ({ root }) => {
    const registry = root["registry"] as RawRegistry | undefined
    if (registry === undefined || (registry.username === undefined) === (registry.password === undefined)) return []
    const missing = registry.username === undefined ? "username" : "password"
    const fix = `Add \`${missing}\`, or remove the other.`
    return [{ path: ["registry"], expected: "`username` and `password` together", got: `no \`${missing}\``, fix }]
  },
}

export function completeRegistry(raw: RawRegistry): RegistryConfig {
  return { address: raw.address, username: raw.username ?? null, password: raw.password ?? null }
}
