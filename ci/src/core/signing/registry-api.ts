import { DeliveryError, ERROR_CODES } from "../errors.js"

/** A repository in a registry, as its API names it. */
export interface RegistryPlace {
  /** Host and port that are asked. */
  readonly host: string
  readonly repository: string
  /** Tried in this order. */
  readonly schemes: readonly ("https" | "http")[]
}

/** A registry that did not do what it was asked. */
export class RegistryError extends DeliveryError {
  readonly code = ERROR_CODES.registry

  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message)
  }
}

// The same hosts that go-containerregistry, and so cosign, speak plain HTTP with.
const PRIVATE_HOST = /^(localhost|127\.\d+\.\d+\.\d+|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(1[6-9]|2\d|3[01])\.\d+\.\d+|.*\.localhost|.*\.local)$/

/** Host and repository of `ghcr.io/shop/web`. */
export function registryPlace(name: string): RegistryPlace {
  const [first = "", ...rest] = name.split("/")
  const host = first === "docker.io" ? "registry-1.docker.io" : first
  const isPrivate = PRIVATE_HOST.test(host.replace(/:\d+$/, ""))
  return { host, repository: rest.join("/"), schemes: isPrivate ? ["https", "http"] : ["https"] }
}

/** How a registry wants to be shown who asks. */
export type AuthChallenge = { readonly kind: "basic" } | { readonly kind: "bearer"; readonly tokenUrl: string }

/** Reads WWW-Authenticate; null when it is none that this client can answer. */
export function parseChallenge(header: string | null, repositories: readonly { readonly name: string; readonly actions: string }[]): AuthChallenge | null {
  if (header === null) return null
  if (/^basic\b/i.test(header)) return { kind: "basic" }
  if (!/^bearer\b/i.test(header)) return null
  const parameters = new Map([...header.matchAll(/([a-z]+)="([^"]*)"/gi)].map(([, key = "", value = ""]) => [key.toLowerCase(), value]))
  const realm = parameters.get("realm")
  if (realm === undefined) return null
  const url = new URL(realm)
  const service = parameters.get("service")
  if (service !== undefined) url.searchParams.set("service", service)
  for (const { name, actions } of repositories) url.searchParams.append("scope", `repository:${name}:${actions}`)
  return { kind: "bearer", tokenUrl: url.href }
}

/** Its answer in one line: the codes of the distribution specification where it gave any. */
export function registryWords(status: number, body: string): string {
  try {
    const { errors = [] } = JSON.parse(body) as { errors?: readonly { code?: string; message?: string }[] }
    const words = errors.map(({ code, message }) => [code, message].filter((part) => typeof part === "string" && part !== "").join(": "))
    if (words.length > 0) return `${status} ${words.join("; ")}`.slice(0, 300)
  } catch {
    // No JSON: a proxy before it answered, or a page.
  }
  return `${status} ${body.replace(/\s+/g, " ").trim().slice(0, 120)}`.trim()
}

/** A folder of the run's own registry for one attempt to sign: nothing of another run is in its index. */
export function signedRepository(runId: string, attempt: number): string {
  const name = `${runId}-${attempt}`.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "")
  return `runs/${name}`
}
