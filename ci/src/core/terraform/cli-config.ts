/** The settings file of tofu: where providers come from, and where they are kept between calls. */
export function cliConfig(mirror: string | null, ownProviders: boolean): string {
  const kept = 'plugin_cache_dir = "/plugins"\n'
  if (ownProviders) return 'provider_installation {\n  filesystem_mirror {\n    path = "/providers"\n  }\n}\n'
  return mirror === null ? kept : `${kept}provider_installation {\n  network_mirror {\n    url = ${JSON.stringify(mirror.endsWith("/") ? mirror : `${mirror}/`)}\n  }\n}\n`
}
