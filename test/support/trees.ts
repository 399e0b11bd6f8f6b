import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { parseDocument, type Document } from "yaml"
import { removeAfterTests } from "./cleanup.js"
import { ROOT } from "./daggerw.js"
import { NOT_SOURCES, PRODUCT_PARTS } from "./product-parts.mjs"

/** A tree that a call delivers, in a folder of its own. */
export interface Tree {
  readonly path: string
  readonly write: (file: string, text: string | Uint8Array) => Tree
  readonly remove: (file: string) => Tree
  readonly read: (file: string) => string
  /** Changes a YAML file and keeps its order and comments. */
  readonly edit: (file: string, change: (document: Document) => void) => Tree
}

/** A temporary folder with some of the repository's files; it goes away with the tests of the file. */
export function newTree(copied: Readonly<Record<string, string>>): Tree {
  const path = mkdtempSync(join(tmpdir(), "delivery-test-"))
  removeAfterTests(path)
  for (const [from, to] of Object.entries(copied)) {
    // With their times: to the engine a file of another time is another file, and nothing would come from the cache.
    cpSync(join(ROOT, from), join(path, to), { recursive: true, preserveTimestamps: true, filter: (source) => !NOT_SOURCES.test(source) })
  }
  const tree: Tree = {
    path,
    write: (file, text) => {
      mkdirSync(dirname(join(path, file)), { recursive: true })
      writeFileSync(join(path, file), text)
      return tree
    },
    remove: (file) => {
      rmSync(join(path, file), { recursive: true })
      return tree
    },
    read: (file) => readFileSync(join(path, file), "utf8"),
    edit: (file, change) => {
      const document = parseDocument(tree.read(file))
      change(document)
      return tree.write(file, document.toString())
    },
  }
  return tree
}

/** All of the product that a delivery reads. */
export function productTree(): Tree {
  return newTree(Object.fromEntries(PRODUCT_PARTS.map((name) => [name, name])))
}
