// Does once per change of the sources what the SDK's own entry point does on every call:
// reads the types of the module (module.json) and bundles sources, client and SDK into one file (main.mjs).
// usage: prepare.mjs MODULE_NAME MODULE_DIRECTORY OUTPUT_DIRECTORY
import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build } from "esbuild"
import { scan } from "./node_modules/@dagger.io/dagger/dist/src/module/introspector/index.js"
import { shapeOf } from "./shape.mjs"

const [moduleName, moduleDirectory, outputDirectory] = process.argv.slice(2)
const sdk = join(import.meta.dirname, "node_modules/@dagger.io/dagger/dist/src")
const client = join(moduleDirectory, "node_modules/@dagger.io/dagger/client.gen.ts")
const sourceDirectory = join(moduleDirectory, "src")
const sources = readdirSync(sourceDirectory, { recursive: true })
  .filter((file) => /\.m?ts$/.test(file))
  .sort()
  .map((file) => join(sourceDirectory, file))

mkdirSync(outputDirectory, { recursive: true })
process.chdir(moduleDirectory)
const shape = shapeOf(await scan([...sources, client], moduleName, false))
writeFileSync(join(outputDirectory, "module.json"), JSON.stringify(shape))

const entry = [
  `import { serve } from ${JSON.stringify(join(import.meta.dirname, "serve.mjs"))}`,
  `import shape from ${JSON.stringify(join(outputDirectory, "module.json"))} with { type: "json" }`,
  ...sources.map((file, i) => `import * as m${i} from ${JSON.stringify(file)}`),
  `await serve(shape, [${sources.map((_, i) => `m${i}`).join(", ")}])`,
].join("\n")

await build({
  stdin: { contents: entry, resolveDir: moduleDirectory, loader: "ts" },
  outfile: join(outputDirectory, "main.mjs"),
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node24",
  sourcemap: "linked",
  sourcesContent: false,
  keepNames: true,
  tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: true, target: "ES2022" } },
  // CommonJS packages inside an ESM bundle still call require for Node's own modules.
  banner: { js: "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);" },
  loader: { ".node": "empty" },
  logLevel: "warning",
  plugins: [
    {
      name: "kit",
      setup(plugin) {
        // Only the scan needs the compiler and what stands on it, and the scan has been done above.
        plugin.onResolve({ filter: /introspector\/(dagger_module\/)?index\.js$/ }, () => ({ path: join(import.meta.dirname, "scanned.mjs") }))
        plugin.onResolve({ filter: /^\/opt\/dagger-sdk\// }, ({ path }) => ({ path: path.replace("/opt/dagger-sdk", import.meta.dirname) }))
        plugin.onResolve({ filter: /^@dagger\.io\/dagger\/telemetry$/ }, () => ({ path: join(sdk, "telemetry/index.js") }))
      },
    },
  ],
})
