/** `hashicorp/aws 6.62.0`: what the stand-in knows. */
export function schemaName(text: string): string {
  const { provider, provider_version: version } = JSON.parse(text) as { readonly provider?: string; readonly provider_version?: string }
  return `${provider ?? "an unknown provider"} ${version ?? ""}`.trim()
}
