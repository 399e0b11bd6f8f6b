// Secrets in what was committed once, by the real git and gitleaks.
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { call } from "../support/daggerw.js"
import { helloTree } from "../support/fixture.js"
import { newRun } from "../support/runs.js"
import type { Tree } from "../support/trees.js"

/** In two parts here, or it would be found in this file. It opens nothing. */
const KEY = ["ghp", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("_")
const git = (folder: string, ...words: readonly string[]) => execFileSync("git", ["-C", folder, "-c", "user.name=n", "-c", "user.email=n@example.com", ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim()
const commitAll = (tree: Tree): void => {
  git(tree.path, "add", "--all")
  git(tree.path, "commit", "--quiet", "--message", "change")
}
const begun = (tree: Tree): Tree => {
  git(tree.path, "init", "--quiet")
  commitAll(tree)
  return tree
}

async function scanned(tree: Tree, history: string) {
  const run = newRun("scan-history")
  const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "scan", `--history=${history}`], { limitSeconds: 600 })
  return { run, ended, row: run.stage("scan-files") }
}

describe("scan --history", () => {
  it("finds a key that was taken away again and one that the tree tells git not to show, by commit, and shows neither", async () => {
    const tree = begun(helloTree().write("old.mjs", `export const token = "${KEY}"\n`))
    const first = git(tree.path, "rev-parse", "HEAD").slice(0, 12)
    commitAll(tree.remove("old.mjs").write(".gitattributes", "* -diff\n").write("hidden.mjs", `export const token = "${KEY}"\n`))
    const second = git(tree.path, "rev-parse", "HEAD").slice(0, 12)
    commitAll(tree.remove("hidden.mjs"))
    // All packed, as after a clone: then git's folder of references is empty.
    git(tree.path, "gc", "--quiet")
    const { ended, run, row } = await scanned(tree, join(tree.path, ".git"))
    expect(ended.status, ended.output).toBe(1)
    expect(row).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/^2 secrets of level high or worse: /) as string })
    const told = row.findings.filter(({ severity }) => severity === "critical").map(({ rule, file, line, message }) => [rule, file, line, /in commit (\S+)/.exec(message)?.[1]])
    expect(told.toSorted()).toEqual([["github-pat", "hidden.mjs", 1, second], ["github-pat", "old.mjs", 1, first]])
    for (const file of ["run.json", "report.html", "summary.md", "sarif/scan-files.sarif", "scan/history.json", "logs/scan-files.log"]) expect(run.text(file), file).not.toContain(KEY)
    expect(run.text("logs/scan-files.log").match(/^network: no network; by RUN --network=none$/gm)).toHaveLength(2)
  })

  it("has no verdict on a history that is cut off", async () => {
    const tree = begun(helloTree())
    commitAll(tree.write("more.txt", "more\n"))
    const clone = helloTree()
    git(clone.path, "clone", "--quiet", "--bare", "--depth=1", `file://${tree.path}`, "shallow.git")
    const { ended, row } = await scanned(tree, join(clone.path, "shallow.git"))
    expect(ended.status, ended.output).toBe(2)
    expect(row).toMatchObject({ verdict: "error", reason: expect.stringMatching(/^the history is shallow/) as string })
  })

  it("has no verdict on a folder that is no repository", async () => {
    const tree = helloTree()
    const { ended, row } = await scanned(tree, join(tree.path, "apps"))
    expect(ended.status, ended.output).toBe(2)
    expect(row).toMatchObject({ verdict: "error", reason: expect.stringMatching(/^the history cannot be read: .*not a git repository/) as string })
  })
})
