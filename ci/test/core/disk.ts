import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { CheckoutReader } from "../../src/core/config/config.js"
import { FACT_FILES } from "../../src/core/detect/service.js"
import { foldersUp, joinPath, type TreeFacts } from "../../src/core/detect/tree.js"
import type { LanguageImage } from "../../src/core/pins.js"

/** A repository on disk, as the module reads it through the engine. */
export function diskReader(root: string, images: readonly LanguageImage[] = []): CheckoutReader {
  return {
    existing: (paths) => Promise.resolve(new Set(paths.map((path) => joinPath(path)).filter((path) => existsSync(join(root, path))))),
    facts: (folders, files) => Promise.resolve(diskFacts(root, folders, files)),
    images,
  }
}

export function diskFacts(root: string, folders: readonly string[], files: readonly string[] = []): TreeFacts {
  const all = [...new Set([...folders, ...files.map((file) => file.split("/").slice(0, -1).join("/"))].flatMap(foldersUp))]
  const paths = all.flatMap((folder) => readdirSync(join(root, folder)).map((name) => joinPath(folder, name)))
  const wanted = [...paths.filter((path) => FACT_FILES.includes(path.split("/").at(-1) ?? "")), ...files]
  return { paths: new Set(paths), texts: Object.fromEntries(wanted.map((path) => [path, readFileSync(join(root, path), "utf8")])) }
}
