// The long tests by file: which there are, and which of them have passed on the tree as it is.
import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** Files of an area, which is how their names begin; relative to the repository. */
export const fullFiles = (root, area) =>
  readdirSync(join(root, "test/full"))
    .filter((name) => name.endsWith(".test.ts") && name.startsWith(area))
    .sort()
    .map((name) => `test/full/${name}`)

/** The tree that is tested; null where it has changes that no commit holds, for then nothing says what a result was for. */
export function treeOf(root) {
  const git = (...argv) => execFileSync("git", argv, { cwd: root, encoding: "utf8" }).trim()
  try {
    return git("status", "--porcelain") === "" ? git("rev-parse", "HEAD^{tree}") : null
  } catch {
    return null
  }
}

/** What a file's last run left, if all of it passed on this very tree; else null. */
export function passedBefore(output, tree) {
  if (tree === null || !existsSync(`${output}.run`)) return null
  const run = JSON.parse(readFileSync(`${output}.run`, "utf8"))
  return run.tree === tree && run.status === 0 && run.failed === 0 && run.passed > 0 ? run : null
}

/** Whether a file deploys the product to the cluster that outlives calls: one that follows another such file finds it up. */
export const usesLastingCluster = (root, file) => /support\/(product-on-cluster|router-environment)\.js/.test(readFileSync(join(root, file), "utf8"))
