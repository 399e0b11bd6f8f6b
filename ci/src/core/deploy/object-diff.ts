import { asMap, canonicalJson, isSecretName, MASKED, objectKey, withoutServerFields, type KubeObject } from "./kube-object.js"

/** One field that would get another value; undefined stands for none. */
export interface FieldChange {
  readonly path: string
  readonly before: unknown
  readonly after: unknown
}

export type ObjectAction = "create" | "change" | "delete" | "keep"

/** What becomes of one object. */
export interface ObjectChange {
  readonly key: string
  readonly action: ObjectAction
  readonly changes: readonly FieldChange[]
}

/** What the server would make of the objects: `after` is its answer to a dry run, `live` what there is, `gone` what the release no longer has. */
export function diffObjects(live: readonly KubeObject[], after: readonly KubeObject[], gone: readonly string[]): readonly ObjectChange[] {
  const before = new Map(live.map((object) => [objectKey(object), object]))
  const written = after.map((object): ObjectChange => {
    const key = objectKey(object)
    const old = before.get(key)
    if (old === undefined) return { key, action: "create", changes: [] }
    const changes = diffValues(withoutServerFields(old), withoutServerFields(object), "").map((change) => maskChange(object.kind, change))
    return { key, action: changes.length === 0 ? "keep" : "change", changes }
  })
  return [...written, ...gone.map((key): ObjectChange => ({ key, action: "delete", changes: [] }))].sort((one, other) => (one.key < other.key ? -1 : 1))
}

function diffValues(before: unknown, after: unknown, path: string): readonly FieldChange[] {
  if (canonicalJson(before) === canonicalJson(after)) return []
  const lists = Array.isArray(before) && Array.isArray(after)
  if (lists && isNamed(before) && isNamed(after)) return diffMaps(byName(before), byName(after), (name) => `${path}[${name}]`)
  if (lists && before.length === after.length) return before.flatMap((item, index) => diffValues(item, after[index], `${path}[${index}]`))
  if (isObject(before) && isObject(after)) return diffMaps(asMap(before), asMap(after), (name) => (path === "" ? name : `${path}.${name}`))
  return [{ path, before, after }]
}

function diffMaps(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>, at: (name: string) => string): readonly FieldChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names.flatMap((name) => diffValues(before[name], after[name], at(name)))
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value)
const entryName = (item: unknown): unknown => asMap(item)["name"]
const isNamed = (items: readonly unknown[]): boolean => items.length > 0 && items.every((item) => typeof entryName(item) === "string") && new Set(items.map(entryName)).size === items.length
const byName = (items: readonly unknown[]): Readonly<Record<string, unknown>> => Object.fromEntries(items.map((item) => [String(entryName(item)), item]))

function maskChange(kind: string, { path, before, after }: FieldChange): FieldChange {
  const secret = (kind === "Secret" && /^(data|stringData)\b/.test(path)) || path.split(/[.[\]]+/).some(isSecretName)
  if (!secret) return { path, before, after }
  const hidden = (value: unknown): string | undefined => (value === undefined ? undefined : MASKED)
  return { path, before: hidden(before), after: hidden(after) }
}

const SIGN: Readonly<Record<ObjectAction, string>> = { create: "+", change: "~", delete: "-", keep: "=" }

/** The difference as a person reads it. */
export function renderDiff(objects: readonly ObjectChange[]): string {
  return objects.flatMap(({ key, action, changes }) => [`${SIGN[action]} ${key}`, ...changes.map(renderChange)]).join("\n")
}

function renderChange({ path, before, after }: FieldChange): string {
  if (before === undefined) return `    + ${path}: ${shown(after)}`
  if (after === undefined) return `    - ${path}: ${shown(before)}`
  return `    ~ ${path}: ${shown(before)} -> ${shown(after)}`
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing")
  return text.length > 200 ? `${text.slice(0, 199)}…` : text
}

/** `2 created, 1 changed, 9 unchanged`. */
export function countActions(objects: readonly ObjectChange[]): string {
  const words: readonly (readonly [ObjectAction, string])[] = [["create", "created"], ["change", "changed"], ["delete", "deleted"], ["keep", "unchanged"]]
  const parts = words.map(([action, word]) => [objects.filter((object) => object.action === action).length, word] as const)
  return parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`).join(", ") || "no objects"
}
