// What the engine is started with: its programs, and the TypeScript SDK as an OCI layout.
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { buildGo } from "./go-build.mjs"
import { cacheDirectory, kitDirectory, sha256 } from "./paths.mjs"
import { fileTree } from "./files.mjs"

/** The folder with dagger-engine, dagger, dagger-init, codegen and dnsname. */
export async function ensureEnginePrograms(context) {
  return dirname(await buildGo(context, "dagger-engine"))
}

/** @returns {Promise<{directory: string, digest: string}>} an OCI layout and the digest of its manifest */
export async function ensureSdkContent(context) {
  const codegen = await buildGo(context, "codegen")
  const source = join(kitDirectory, "typescript-sdk")
  const key = sha256(JSON.stringify([fileTree(source), basename(dirname(codegen))])).slice(0, 16)
  const directory = join(cacheDirectory, "sdk", key)
  if (!existsSync(directory)) await buildSdkContent(context, { source, codegen, directory })
  const [manifest] = JSON.parse(readFileSync(join(directory, "index.json"), "utf8")).manifests
  return { directory, digest: manifest.digest }
}

async function buildSdkContent(context, { source, codegen, directory }) {
  const work = `${directory}.unfinished`
  const root = join(work, "root")
  const layout = join(work, "layout")
  rmSync(work, { recursive: true, force: true })
  mkdirSync(root, { recursive: true })
  cpSync(source, root, { recursive: true, filter: (path) => !path.includes("node_modules") })
  copyFileSync(codegen, join(root, "codegen"))
  await context.run(["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: root })
  await context.run(["tar", "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "-C", root, "-cf", join(work, "root.tar"), "."])
  await context.run(["umoci", "init", "--layout", layout])
  await context.run(["umoci", "new", "--image", `${layout}:sdk`])
  await context.run(["umoci", "raw", "add-layer", "--image", `${layout}:sdk`, join(work, "root.tar")])
  renameSync(layout, directory)
  rmSync(work, { recursive: true, force: true })
}
