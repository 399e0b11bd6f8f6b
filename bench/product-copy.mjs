// The product in a folder of its own, so that a bench can change it.
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseDocument } from "yaml"
import { NOT_SOURCES, PRODUCT_PARTS } from "../test/support/product-parts.mjs"
import { root } from "./measure.mjs"

/** A copy, which its caller removes. */
export function productCopy() {
  const tree = mkdtempSync(join(tmpdir(), "delivery-bench-"))
  for (const part of PRODUCT_PARTS) cpSync(join(root, part), join(tree, part), { recursive: true, filter: (path) => !NOT_SOURCES.test(path) })
  return tree
}

/** A copy in which these services are built and tested, and not started. */
export function productCopyUnstarted(services) {
  const tree = productCopy()
  const config = parseDocument(readFileSync(join(tree, "delivery.yaml"), "utf8"))
  for (const name of services) config.setIn(["services", name, "startSeconds"], 0)
  writeFileSync(join(tree, "delivery.yaml"), config.toString())
  return tree
}
