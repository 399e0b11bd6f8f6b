import { loadYaml } from "../lazy.js"

/** An object of a cluster, as its API server tells it. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMetadata
  readonly [field: string]: unknown
}
interface ObjectMetadata {
  readonly name: string
  readonly namespace?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** What the API server and its controllers keep for themselves: no release writes it, and it moves by itself. */
const KEPT_BY_THE_SERVER = ["managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink"]
// Helm adds its own when it writes: they are in no manifest, so a dry run of one would take them for removed.
const KEPT_ANNOTATIONS = ["deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration", "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"]
const HELM_LABEL = "app.kubernetes.io/managed-by"
export const MASKED = "(masked)"
const SECRET_NAME = /(PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIALS?|(API|ACCESS|PRIVATE|SIGNING)_?KEY)$/i

/** `apps/Deployment shop-web`: the same for every version of the kind. */
export function objectKey({ apiVersion, kind, metadata }: KubeObject): string {
  const group = apiVersion.includes("/") ? `${apiVersion.split("/")[0]}/` : ""
  return `${group}${kind} ${metadata.name}`
}

/** Objects of a manifest, empty documents left out; throws where it is no YAML. */
export async function objectsOfYaml(text: string): Promise<readonly KubeObject[]> {
  const { parseAllDocuments } = await loadYaml()
  return parseAllDocuments(text).flatMap((document) => {
    const object = document.toJS() as KubeObject | null
    return object === null || object.kind === undefined ? [] : [object]
  })
}

/** Objects of kubectl's JSON: a list, a single object, or nothing at all. */
export function objectsOf(json: string): readonly KubeObject[] {
  if (json.trim() === "") return []
  const data = JSON.parse(json) as { readonly kind?: string; readonly items?: readonly KubeObject[] }
  return data.items ?? [data as unknown as KubeObject]
}

/** Without status and without what the server keeps. */
export function withoutServerFields(object: KubeObject): KubeObject {
  const { status: _, metadata, ...rest } = object
  const kept = Object.entries(metadata).filter(([name]) => !KEPT_BY_THE_SERVER.includes(name) && name !== "annotations" && name !== "labels")
  const labels = Object.entries(metadata.labels ?? {}).filter(([name]) => name !== HELM_LABEL)
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([name]) => !KEPT_ANNOTATIONS.includes(name))
  const clean = { ...Object.fromEntries(kept), ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) }), ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }) } as unknown as ObjectMetadata
  return { ...rest, metadata: clean } as KubeObject
}

/** A name that says its value is nobody's business. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name)

/** The same object with everything that may be a secret taken out. */
export function maskObject(object: KubeObject): KubeObject {
  const masked = maskValues(object) as KubeObject
  if (object.kind !== "Secret") return masked
  const hide = (values: unknown): object => Object.fromEntries(Object.keys(asMap(values)).map((name) => [name, MASKED]))
  return { ...masked, ...(object["data"] === undefined ? {} : { data: hide(object["data"]) }), ...(object["stringData"] === undefined ? {} : { stringData: hide(object["stringData"]) }) }
}

function maskValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskValues)
  if (typeof value !== "object" || value === null) return value
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [name, typeof inner === "string" && isSecretName(name) ? MASKED : maskValues(inner)])
  const map = Object.fromEntries(entries)
  // An environment variable: its name stands beside its value.
  return typeof map["name"] === "string" && typeof map["value"] === "string" && isSecretName(map["name"]) ? { ...map, value: MASKED } : map
}

/** JSON with sorted keys: one text for one meaning. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) : inner,
  )
}

export const asMap = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {}
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : [])
