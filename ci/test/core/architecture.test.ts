import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { describe, expect, it } from "vitest"

const SRC = fileURLToPath(new URL("../../src/", import.meta.url))

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => ({ path, source: ts.createSourceFile(path, readFileSync(join(SRC, path), "utf8"), ts.ScriptTarget.ES2022, true) }))

/** Every module that a file imports: paths below src/ for its own, names for packages. */
const importsOf = ({ path, source }: (typeof files)[number]): string[] => {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const isStatic = ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
    const isDynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
    const specifier = isStatic ? node.moduleSpecifier : isDynamic ? node.arguments[0] : undefined
    if (specifier !== undefined) found.push(ts.isStringLiteral(specifier) ? specifier.text : "a variable")
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found.map((name) => (name.startsWith(".") ? relative(SRC, join(SRC, dirname(path), name)) : name))
}

const topLevelNames = ({ path, source }: (typeof files)[number]): { path: string; name: string }[] =>
  source.statements.flatMap((statement) => {
    const names = ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.map((declaration) => declaration.name)
      : ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement) || ts.isEnumDeclaration(statement)
        ? [statement.name]
        : []
    return names.flatMap((name) => (name === undefined ? [] : [{ path, name: name.getText() }]))
  })

const core = files.filter(({ path }) => path.startsWith("core/"))

describe("the direction of imports", () => {
  it.each(core.map((file) => [file.path, file] as const))("core/%s imports core and the libraries of the core alone", (path, file) => {
    const allowed = path === "core/lazy.ts" ? ["a variable"] : []
    const others = importsOf(file).filter((name) => !name.startsWith("core/") && name !== "fastest-levenshtein" && !allowed.includes(name))
    expect(others).toEqual([])
  })

  it("leads from edges to core and never back to the objects", () => {
    for (const file of files.filter(({ path }) => path.startsWith("edges/"))) {
      const own = importsOf(file).filter((name) => /\.js$/.test(name))
      expect(own.filter((name) => !name.startsWith("core/") && !name.startsWith("edges/"))).toEqual([])
    }
  })

  it("never leads to the main file", () => {
    expect(files.flatMap((file) => importsOf(file).filter((name) => name === "index.js"))).toEqual([])
  })

  it("always names the file that will be loaded", () => {
    const own = files.flatMap(importsOf).filter((name) => name.includes("/") && !name.startsWith("@"))
    expect(own.filter((name) => !name.endsWith(".js"))).toEqual([])
  })
})

describe("the core is pure", () => {
  it.each(core.map((file) => [file.path, file.source.text] as const))("%s asks no clock, chance, environment or network", (_, text) => {
    expect(text).not.toMatch(/\bDate\b|Math\.random|\bprocess\.|\bfetch\(|setTimeout|crypto\./)
  })
})

describe("the language rules", () => {
  it("let no two files declare one name, for Dagger finds types by bare name", () => {
    const names = files.flatMap(topLevelNames)
    const twice = names.filter(({ name }, index) => names.findIndex((other) => other.name === name) !== index)
    expect(twice).toEqual([])
  })

  it("keep Dagger's own names free", () => {
    const taken = (
      "Address Binding CacheVolume Changeset Check CheckGroup Client Cloud Container CurrentModule Directory EngineCache EnumTypeDef Env " +
      "EnvFile EnvVariable Error FieldTypeDef File Function FunctionArg FunctionCall GeneratedCode Generator GeneratorGroup GitRef GitRepository " +
      "Host InputTypeDef InterfaceTypeDef Label ListTypeDef LLM Module ModuleSource Node ObjectTypeDef Port Query ScalarTypeDef SDKConfig " +
      "SearchResult SearchSubmatch Secret Service Socket SourceMap Stat Terminal TypeDef Up Workspace"
    ).split(" ")
    expect(files.flatMap(topLevelNames).filter(({ name }) => taken.includes(name))).toEqual([])
  })

  it("allow no default export and no `any`", () => {
    for (const { path, source } of files.filter(({ path }) => !path.startsWith("sdk/"))) {
      expect(`${path}: ${/export default|(?::|<|\bas) any\b/.exec(source.text)?.[0] ?? "clean"}`).toBe(`${path}: clean`)
    }
  })

  it("keep a core file below 200 lines", () => {
    for (const { path, source } of core) expect([path, source.text.split("\n").length < 200]).toEqual([path, true])
  })
})
