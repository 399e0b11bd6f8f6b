/** What this module uses of `yaml`. */
export interface YamlNode {
  readonly range?: readonly [number, number, number] | null
}
export interface YamlPair {
  readonly key: YamlNode & { readonly value?: unknown }
  readonly value: YamlNode | null
}
export interface YamlDocument {
  readonly contents: YamlNode | null
  readonly errors: readonly { readonly message: string; readonly pos: readonly [number, number] }[]
  toJS(): unknown
  setIn(path: readonly string[], value: unknown): void
  deleteIn(path: readonly string[]): boolean
  toString(options: object): string
}
export interface YamlLibrary {
  readonly LineCounter: new () => { linePos(offset: number): { readonly line: number } }
  readonly parseDocument: (text: string, options: object) => YamlDocument
  readonly parseAllDocuments: (text: string) => readonly YamlDocument[]
  readonly isMap: (node: unknown) => node is { readonly items: readonly YamlPair[] }
  readonly isSeq: (node: unknown) => node is { readonly items: readonly (YamlNode | null)[] }
}

/** What this module uses of `ajv`. */
export interface SchemaViolation {
  readonly keyword: string
  readonly instancePath: string
  readonly schemaPath: string
  readonly params: Readonly<Record<string, unknown>>
  readonly parentSchema?: { readonly title?: string; readonly description?: string }
  readonly data?: unknown
}
export interface SchemaValidator {
  (data: unknown): boolean
  readonly errors?: readonly SchemaViolation[] | null
}
export interface AjvLibrary {
  readonly Ajv: new (options: object) => { compile(schema: object): SchemaValidator }
}

/** What this module uses of `fast-xml-parser`. */
export interface XmlLibrary {
  readonly XMLParser: new (options: object) => { parse(xml: string): unknown }
  readonly XMLBuilder: new (options: object) => { build(value: unknown): string }
  readonly XMLValidator: { validate(xml: string): true | { readonly err: { readonly msg: string; readonly line: number } } }
}

/** What this module uses of `semver`, which is CommonJS. */
export interface SemverLibrary {
  readonly default: {
    readonly validRange: (range: string) => string | null
    readonly intersects: (range: string, other: string) => boolean
    readonly subset: (range: string, of: string) => boolean
    readonly satisfies: (version: string, range: string) => boolean
  }
}

/** What this module uses of `smol-toml`. */
export interface TomlLibrary {
  readonly parse: (text: string) => unknown
  readonly TomlError: new (...parameters: never[]) => Error & { readonly line: number }
}

export function loadYaml(): Promise<YamlLibrary> {
  return load<YamlLibrary>("yaml")
}

export function loadAjv(): Promise<AjvLibrary> {
  return load<AjvLibrary>("ajv")
}

export function loadXml(): Promise<XmlLibrary> {
  return load<XmlLibrary>("fast-xml-parser")
}

export function loadSemver(): Promise<SemverLibrary> {
  return load<SemverLibrary>("semver")
}

export function loadToml(): Promise<TomlLibrary> {
  return load<TomlLibrary>("smol-toml")
}

// An import through a variable: the engine parses every file under src/ on each call, and a literal
// import would add the library's types to that work even in calls that never use it.
async function load<Library>(name: string): Promise<Library> {
  return (await import(name)) as Library
}
