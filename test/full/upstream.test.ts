// The module against the client that upstream's own code generator makes from a running engine's schema.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
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
    tree.write("query.graphql", "{ __schemaJSONFile { contents } }\n")
    const asked = await daggerw(["--silent", "query", "--doc", join(tree.path, "query.graphql")])
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

  it("would not, were a function called that the client does not have", async () => {
    tree.write("src/edges/planted.ts", 'import { dag } from "@dagger.io/dagger"\nexport const planted = dag.noSuchFunction()\n')
    const checked = await tsc()
    expect(checked.status, checked.output).not.toBe(0)
    expect(checked.output).toContain("noSuchFunction")
  })
})
