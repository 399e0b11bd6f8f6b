import { request } from "node:https"
import { UsageError } from "../core/errors.js"
import { loadYaml } from "../core/lazy.js"

/** How to speak to an API server without a kubectl. */
export interface KubeConnection {
  readonly url: string
  /** Name that the server's certificate is checked against, when it differs from the URL's host. */
  readonly serverName?: string
  readonly authority: string
  readonly token: string | null
  readonly certificate: string | null
  readonly key: string | null
}

export interface KubeAnswer {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

interface KubeconfigFile {
  readonly "current-context"?: string
  readonly contexts?: readonly { readonly name: string; readonly context: { readonly cluster: string; readonly user: string } }[]
  readonly clusters?: readonly { readonly name: string; readonly cluster: Readonly<Record<string, string>> }[]
  readonly users?: readonly { readonly name: string; readonly user: Readonly<Record<string, string> & { readonly exec?: object; readonly "auth-provider"?: object }> }[]
}

/** Reads the current context of a kubeconfig; only data in the file itself counts, for the files of its machine are not here. */
export async function kubeConnection(kubeconfig: string): Promise<KubeConnection> {
  const { parseDocument } = await loadYaml()
  const file = parseDocument(kubeconfig, {}).toJS() as KubeconfigFile | null
  const context = file?.contexts?.find(({ name }) => name === file["current-context"])?.context
  const cluster = file?.clusters?.find(({ name }) => name === context?.cluster)?.cluster
  const user = file?.users?.find(({ name }) => name === context?.user)?.user
  const url = cluster?.["server"]
  const authority = cluster?.["certificate-authority-data"]
  if (url === undefined || authority === undefined || user === undefined) {
    throw new UsageError(
      "kubeconfig: expected a current context with server, certificate-authority-data and a user, all inside the file. " +
        "Write one with `kubectl config view --raw --minify --flatten`.",
    )
  }
  if (user["exec"] !== undefined || user["auth-provider"] !== undefined) {
    throw new UsageError(
      "kubeconfig: expected a user with a token or a certificate, got one whose credentials a program of its own machine makes (`exec`), which is not here. " +
        "Put a short-lived token in: of `kubectl create token deployer`, or of what that program prints, such as `aws eks get-token`.",
    )
  }
  return {
    url,
    authority: decode(authority),
    token: user["token"] ?? null,
    certificate: user["client-certificate-data"] === undefined ? null : decode(user["client-certificate-data"]),
    key: user["client-key-data"] === undefined ? null : decode(user["client-key-data"]),
  }
}

const decode = (text: string): string => Buffer.from(text, "base64").toString("utf8")

const singleHeaders = (headers: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]))

/** One request to the API server, with a limit in time; throws when there is no answer. */
export function kubeRequest(connection: KubeConnection, method: string, path: string, options: { body?: string; contentType?: string; accept?: string; timeoutMs: number }): Promise<KubeAnswer> {
  const { url, serverName, authority, token, certificate, key } = connection
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(path, url),
      {
        method,
        ca: authority,
        ...(serverName === undefined ? {} : { servername: serverName }),
        ...(certificate === null || key === null ? {} : { cert: certificate, key }),
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(options.accept === undefined ? {} : { accept: options.accept }),
          ...(options.body === undefined ? {} : { "content-type": options.contentType ?? "application/json" }),
        },
        timeout: options.timeoutMs,
      },
      (answer) => {
        let body = ""
        answer.setEncoding("utf8").on("data", (chunk: string) => (body += chunk))
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body, headers: singleHeaders(answer.headers) }))
        answer.on("error", reject)
      },
    )
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${options.timeoutMs} ms`)))
    sent.on("error", reject)
    sent.end(options.body)
  })
}
