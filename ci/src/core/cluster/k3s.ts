/** What the module brings itself, or does not need, and addresses that its manifests count on. */
export const K3S_ARGUMENTS: readonly string[] = [
  "--disable=traefik,coredns,servicelb,metrics-server,local-storage",
  "--service-cidr=10.96.0.0/16",
  "--cluster-dns=10.96.0.10",
]

/** registries.yaml of k3s, as JSON, which is YAML: pulls of `address` go to `endpoint`. */
export function registriesFile(address: string, endpoint: string): string {
  return `${JSON.stringify({ mirrors: { [address]: { endpoint: [endpoint] } } })}\n`
}
