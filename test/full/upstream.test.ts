// The module against upstream's own parts: the client that its code generator makes from a running engine's schema, and the types
// that its SDK's entry point finds in the sources.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { cacheDirectory } from "../../airgap/lib/paths.mjs"
import { runCommand } from "../support/command.js"
import { daggerw, ROOT } from "../support/daggerw.js"
import { newTree } from "../support/trees.js"

const codegen = (): string => {
  const built = readdirSync(join(cacheDirectory, "go")).find((name) => /^engine-[0-9a-f]+$/.test(name))
  if (built === undefined) throw new Error("the kit has no engine, and so no code generator: npm run setup")
  return join(cacheDirectory, "go", built, "codegen")
}

describe("the module on an unmodified Dagger", () => {
  const tree = newTree({ "airgap/typescript-sdk/sdk": "sdk", "ci/src": "src" })
  const tsc = () => runCommand([join(ROOT, "node_modules/.bin/tsc"), "-p", tree.path], { cwd: ROOT, limitSeconds: 300 })

  it("fits the client that upstream generates", async () => {
    // Without the module itself: its own functions are no part of the client that it is given.
    tree.write("query.graphql", "{ __schemaJSONFile { contents } }\n")
    const asked = await daggerw(["--silent", "query", "--no-mod", "--doc", join(tree.path, "query.graphql")])
    expect(asked.status, asked.output).toBe(0)
    const { __schemaJSONFile: schema } = JSON.parse(asked.stdout) as { __schemaJSONFile: { contents: string } }
    writeFileSync(join(tree.path, "schema.json"), schema.contents)
    mkdirSync(join(tree.path, "gen"))
    const generated = await runCommand([codegen(), "generate-module", "--lang", "typescript", "--output", "gen", "--introspection-json-path", "schema.json", "--module-name", "delivery", "--module-source-path", "gen", "--bundle"], { cwd: tree.path })
    expect(generated.status, generated.output).toBe(0)
    tree.write("sdk/client.gen.ts", readFileSync(join(tree.path, "gen/sdk/src/api/client.gen.ts"), "utf8"))
    tree.write("sdk/telemetry.ts", `export * from "${join(ROOT, "node_modules/@dagger.io/dagger/dist/src/telemetry/index.js")}"\n`)
    tree.write("sdk/core.d.ts", `export * from "${join(ROOT, "node_modules/@dagger.io/dagger/dist/src/index.js")}"\n`)
    const options = { ...(JSON.parse(readFileSync(join(ROOT, "ci/tsconfig.json"), "utf8")) as { compilerOptions: object }).compilerOptions, typeRoots: [join(ROOT, "node_modules/@types")] }
    const paths = { "@dagger.io/dagger": ["./sdk/index.ts"], "@dagger.io/dagger/telemetry": ["./sdk/telemetry.ts"], "*": [join(ROOT, "node_modules/*"), join(ROOT, "ci/node_modules/*")] }
    tree.write("tsconfig.json", JSON.stringify({ compilerOptions: { ...options, allowImportingTsExtensions: true, paths }, include: ["src"] }))
    const checked = await tsc()
    expect(checked.status, checked.output).toBe(0)
  })

  describe("has the functions that it has here", () => {
    const shape = `{
      objects { asObject { name description
        fields { name description typeDef { ...type } }
        constructor { args { ...arg } }
        functions { name description returnType { ...type } args { ...arg } } } }
      enums { asEnum { name description members { name value description } } }
    }
    fragment arg on FunctionArg { name description defaultValue defaultPath ignore typeDef { ...type } }
    fragment type on TypeDef { kind optional asObject { name } asEnum { name } asScalar { name } asList { elementTypeDef { kind asObject { name } asEnum { name } } } }`
    const [selection = "", ...fragments] = shape.split(/\n(?= {4}fragment)/)
    type Registered = { objects: { asObject: { name: string; functions: { name: string }[] } }[] }

    it("as upstream's SDK registers them", async () => {
      // Both in one session: an id means nothing in another.
      tree.write("ask.mjs", `import { readFileSync } from "node:fs"
const ask = async (query, variables) => {
  const headers = { "content-type": "application/json", authorization: "Basic " + Buffer.from(process.env.DAGGER_SESSION_TOKEN + ":").toString("base64") }
  const answer = await fetch("http://127.0.0.1:" + process.env.DAGGER_SESSION_PORT + "/query", { method: "POST", headers, body: JSON.stringify({ query: query + ${JSON.stringify(fragments.join("\n"))}, variables }) })
  const { data, errors } = await answer.json()
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}
const upstream = await ask("query($id: ModuleID!) { loadModuleFromID(id: $id) ${selection.replaceAll("\n", " ")} }", { id: JSON.parse(readFileSync("module-id.json", "utf8")) })
const here = await ask("query($path: String!) { moduleSource(refString: $path) { asModule ${selection.replaceAll("\n", " ")} } }", { path: process.argv[2] })
console.log(JSON.stringify({ upstream: upstream.loadModuleFromID, here: here.moduleSource.asModule }))
`)
      // Where upstream mounts it as well.
      cpSync(join(tree.path, "sdk"), join(tree.path, "node_modules/@dagger.io/dagger"), { recursive: true })
      const entry = join(ROOT, "node_modules/@dagger.io/dagger/dist/src/module/entrypoint/introspection_entrypoint.js")
      const both = `cd ${tree.path} && TYPEDEF_OUTPUT_FILE=module-id.json node ${entry} delivery src sdk/client.gen.ts && node ask.mjs ${ROOT}`
      const asked = await daggerw(["--silent", "run", "sh", "-ec", both])
      expect(asked.status, asked.output).toBe(0)
      const { upstream, here } = JSON.parse(asked.stdout) as { upstream: Registered; here: Registered }
      expect(upstream.objects.find(({ asObject }) => asObject.name === "Delivery")?.asObject.functions.map(({ name }) => name)).toEqual(expect.arrayContaining(["deliver", "deploy", "ciGenerate"]))
      expect(here).toEqual(upstream)
    })
  })

  it("would not, were a function called that the client does not have", async () => {
    tree.write("src/edges/planted.ts", 'import { dag } from "@dagger.io/dagger"\nexport const planted = dag.noSuchFunction()\n')
    const checked = await tsc()
    expect(checked.status, checked.output).not.toBe(0)
    expect(checked.output).toContain("noSuchFunction")
  })
})
