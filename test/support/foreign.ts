import { stringify } from "yaml"
import { newTree, type Tree } from "./trees.js"

/** A repository that nobody prepared for this module: a delivery.yaml, files, and nothing else. */
export function foreignTree(services: Readonly<Record<string, object>>, files: Readonly<Record<string, string>> = {}): Tree {
  const tree = newTree({}).write("delivery.yaml", stringify({ version: 1, project: "foreign", services }))
  for (const [file, text] of Object.entries(files)) tree.write(file, text)
  return tree
}

const PACKAGE = { name: "app", version: "1.0.0", private: true, scripts: { lint: "node --check index.js", test: "node --test" } }
const LOCK = { name: "app", version: "1.0.0", lockfileVersion: 3, requires: true }

/** A Node service with npm, without dependencies unless they are given; `locked` are those that its lock file knows. */
export function npmFiles(folder: string, dependencies: Readonly<Record<string, string>> = {}, locked: Readonly<Record<string, object>> = {}): Readonly<Record<string, string>> {
  const wanted = Object.keys(dependencies).length === 0 ? {} : { dependencies }
  return {
    [`${folder}/package.json`]: JSON.stringify({ ...PACKAGE, ...wanted }),
    [`${folder}/package-lock.json`]: JSON.stringify({ ...LOCK, packages: { "": { name: "app", version: "1.0.0", ...(Object.keys(locked).length === 0 ? {} : wanted) }, ...locked } }),
    [`${folder}/index.js`]: "console.log('hello')\n",
  }
}
