import type { Config } from "./model.js"

/** Names of the credentials that a run on these environments needs, each once. */
export function credentialNames(config: Config, environments: readonly string[]): readonly string[] {
  const chosen = environments.flatMap((name) => config.environments[name] ?? [])
  const remote = chosen.filter((environment) => environment.kubeconfig !== null)
  const names = [
    ...remote.map((environment) => environment.kubeconfig),
    // `local` pushes to the registry of the call, so it asks for no account.
    ...(remote.length > 0 ? [config.registry?.username, config.registry?.password] : []),
  ]
  return [...new Set(names.filter((name): name is string => typeof name === "string"))]
}
