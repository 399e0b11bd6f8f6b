import type { RequestOptions } from "node:https"
import { KubeConfig } from "@kubernetes/client-node"
import type { KubeConnection } from "../../src/edges/kube-request.js"

const FRESH_MS = 300_000

/** A connection as the kubeconfig of this machine describes it, plugins for credentials included; what they give is asked for anew now and then. */
export async function clusterConnection(): Promise<KubeConnection> {
  const config = new KubeConfig()
  config.loadFromDefault()
  const current: { -readonly [Key in keyof KubeConnection]: KubeConnection[Key] } = { ...(await credentials(config)) }
  const timer = setInterval(() => {
    credentials(config).then(
      (fresh) => Object.assign(current, fresh),
      (error: unknown) => console.log(`the credentials of the cluster cannot be renewed: ${String(error)}`),
    )
  }, FRESH_MS)
  timer.unref()
  return current
}

async function credentials(config: KubeConfig): Promise<KubeConnection> {
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error("expected a kubeconfig with a current context, got none: set KUBECONFIG")
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const authorization = (options.headers as Readonly<Record<string, string>> | undefined)?.["Authorization"]
  const text = (value: unknown): string | null => (value === undefined || value === null ? null : String(value))
  return {
    url: cluster.server,
    ...(cluster.tlsServerName === undefined ? {} : { serverName: cluster.tlsServerName }),
    authority: text(options.ca) ?? "",
    token: authorization?.replace(/^Bearer /, "") ?? null,
    certificate: text(options.cert),
    key: text(options.key),
  }
}
