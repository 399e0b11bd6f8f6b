import { namespaceObject, OWNER_LABELS } from "../../core/deploy/namespace.js"
import { UsageError } from "../../core/errors.js"
import { kubeRequest, type KubeConnection } from "../kube-request.js"

const ANSWER_MS = 10_000

/** An answer of the API server that is no success. */
export class KubeRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

/** One request with JSON both ways; throws KubeRefusal with what the API server said. */
export async function kubeJson<Value>(connection: KubeConnection, method: string, path: string, body?: object, types: { readonly contentType?: string; readonly accept?: string } = {}): Promise<Value> {
  const answer = await kubeRequest(connection, method, path, { timeoutMs: ANSWER_MS, ...types, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  if (answer.status < 200 || answer.status > 299) throw new KubeRefusal(answer.status, `${method} ${path.split("?")[0]}: ${answer.status} ${statusMessage(answer.body)}`)
  return (answer.body === "" ? null : JSON.parse(answer.body)) as Value
}

const CONFLICT_TRIES = 5

/** Does it again from the start when somebody else wrote meanwhile; so the work begins with reading. */
export async function againOnConflict<Value>(work: () => Promise<Value>): Promise<Value> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof KubeRefusal) || error.status !== 409 || tries === CONFLICT_TRIES) throw error
    }
  }
}

/** The same for an object that may not be there. */
export async function kubeJsonIfThere<Value>(connection: KubeConnection, path: string): Promise<Value | null> {
  return kubeJson<Value>(connection, "GET", path).catch((error: unknown) => {
    if (error instanceof KubeRefusal && error.status === 404) return null
    throw error
  })
}

function statusMessage(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? body.slice(0, 200)
  } catch {
    return body.slice(0, 200)
  }
}

interface NamespaceObject {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>>; readonly deletionTimestamp?: string }
}

/** The cluster answers, takes the credentials, and the namespace is nobody else's; says whether it is there. */
export async function checkNamespace(connection: KubeConnection, place: { environment: string; namespace: string; project: string; credential: string }): Promise<boolean> {
  const { environment, namespace, project, credential } = place
  const at = `environment ${environment}`
  const found: NamespaceObject | null = await kubeJsonIfThere<NamespaceObject>(connection, `/api/v1/namespaces/${namespace}`).catch((error: unknown): NamespaceObject => {
    if (!(error instanceof KubeRefusal)) throw new UsageError(`${at}: the API server ${connection.url} cannot be reached (${error instanceof Error ? error.message : String(error)}). Nothing was written. Check the server in ${credential} and the way to it.`)
    if (error.status === 401) throw new UsageError(`${at}: the API server ${connection.url} refuses the credentials in ${credential} (401): they are wrong or have expired. Nothing was written. Renew them.`)
    // A Role in the namespace need not allow to read the namespace itself.
    if (error.status === 403) return { metadata: {} }
    throw error
  })
  if (found === null) return false
  const labels = found.metadata.labels ?? {}
  const owner = labels[OWNER_LABELS.project]
  const ownedEnvironment = labels[OWNER_LABELS.environment]
  if (found.metadata.deletionTimestamp !== undefined) throw new UsageError(`${at}: namespace ${namespace} is being deleted. Nothing was written. Wait until it is gone.`)
  if ((owner !== undefined && owner !== project) || (ownedEnvironment !== undefined && ownedEnvironment !== environment)) {
    throw new UsageError(`${at}: namespace ${namespace} belongs to ${owner ?? "another project"}, environment ${ownedEnvironment ?? "unknown"} (labels ${Object.values(OWNER_LABELS).join(", ")}), not to ${project}, environment ${environment}. Nothing was written. Give the environment a namespace of its own in delivery.yaml.`)
  }
  return true
}

/** Makes the namespace; that somebody was quicker is no fault. */
export async function createNamespace(connection: KubeConnection, { namespace, ...owner }: { environment: string; namespace: string; project: string }): Promise<void> {
  await kubeJson(connection, "POST", "/api/v1/namespaces", namespaceObject(namespace, owner)).catch((error: unknown) => {
    if (!(error instanceof KubeRefusal) || error.status !== 409) throw error
  })
}
