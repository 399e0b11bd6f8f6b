import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { parseChanges, type FileChange } from "../../src/core/changes.js"

describe("the patch of git", () => {
  it.each<[string, string, readonly FileChange[]]>([
    ["is empty", "", []],
    ["has headers alone", "diff --git a/x.ts b/x.ts\n@@ -1 +1,2 @@ f()\n@@ -9,0 +11 @@\n", [{ path: "x.ts", lines: [{ first: 1, last: 2 }, { first: 11, last: 11 }] }]],
    ["has lines", "diff --git a/x.ts b/x.ts\nindex 1..2 100644\n--- a/x.ts\n+++ b/x.ts\n@@ -1 +1,2 @@\n-a\n+b\n+c\n", [{ path: "x.ts", lines: [{ first: 1, last: 2 }] }]],
    ["has unchanged lines around", "diff --git a/x b/x\n@@ -1,3 +1,4 @@\n a\n+b\n c\n-d\n+@@ -1 +1 @@\n", [{ path: "x", lines: [{ first: 2, last: 2 }, { first: 4, last: 4 }] }]],
    ["removes lines", "diff --git a/x b/x\n@@ -3,2 +2,0 @@\n-a\n-b\n", [{ path: "x", lines: [] }]],
    ["removes a file", "diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n", [{ path: "x", lines: [] }]],
    ["tells a mode", "diff --git a/run it b/run it\nold mode 100644\nnew mode 100755\n", [{ path: "run it", lines: [] }]],
    ["tells a binary file", "diff --git a/b c/d b/b c/d\nBinary files a/b c/d and b/b c/d differ\n", [{ path: "b c/d", lines: [] }]],
    ["quotes a name", 'diff --git "a/\\303\\274\\"\\t\\\\" "b/\\303\\274\\"\\t\\\\"\n@@ -0,0 +1 @@\n', [{ path: 'ü"\t\\', lines: [{ first: 1, last: 1 }] }]],
  ])("%s", (_, patch, changes) => {
    expect(parseChanges(patch)).toEqual(changes)
  })

  it("is refused when it is none", () => {
    expect(() => parseChanges("hello\n")).toThrow(/--changes: expected the output of `git diff`/)
  })
})

const folder = mkdtempSync(join(tmpdir(), "delivery-changes-"))
afterAll(() => rmSync(folder, { recursive: true }))
const git = (...argv: readonly string[]): string => execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...argv], { cwd: folder, encoding: "utf8" })

/** Lines by number, 1 first. */
const changedLines = ({ lines }: FileChange): readonly number[] => lines.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index))

describe("what real git says of real files", () => {
  const path = fc.constantFrom("a.ts", "b c/d e.ts", "ü/ñ.py", 'quote".txt', "tab\there", "back\\slash", "-dash")
  // Each line is different, so that which of them are new is no question of how the two texts are laid side by side.
  const text = fc.uniqueArray(fc.nat(30), { maxLength: 12 }).map((numbers) => numbers.sort((a, b) => a - b).map((number) => `line ${number}\n`).join(""))
  const tree = fc.dictionary(path, text, { minKeys: 1 })

  it("is every file that differs, with its new lines", () => {
    git("init", "-q")
    fc.assert(
      fc.property(tree, tree, fc.constantFrom("0", "3"), fc.boolean(), (before, after, context, quote) => {
        for (const files of [before, after]) {
          git("rm", "-rfq", "--ignore-unmatch", "--", ".")
          for (const [name, content] of Object.entries(files)) {
            mkdirSync(dirname(join(folder, name)), { recursive: true })
            writeFileSync(join(folder, name), content)
          }
          git("add", "-A")
          git("commit", "-qm", "x", "--allow-empty")
        }
        const changes = parseChanges(git("-c", `core.quotePath=${quote}`, "diff", "--no-renames", `--unified=${context}`, "HEAD~1", "HEAD"))
        const different = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name])
        expect(changes.map((change) => change.path).sort()).toEqual(different.sort())
        for (const change of changes) {
          const old = (before[change.path] ?? "").split("\n")
          const wanted = (after[change.path] ?? "").split("\n").flatMap((line, index) => (line === "" || old.includes(line) ? [] : [index + 1]))
          expect(changedLines(change)).toEqual(wanted)
        }
      }),
      { numRuns: 30 },
    )
  })
})
