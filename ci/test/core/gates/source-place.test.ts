import { describe, expect, it } from "vitest"
import { repositoryFile } from "../../../src/core/gates/source-place.js"

describe("the repository's path of a file that a tool named", () => {
  it.each([
    ["src/a.ts", "/work", "apps/web", "apps/web/src/a.ts"],
    ["./src/a.ts", "/work", "apps/web/", "apps/web/src/a.ts"],
    ["/work/src/a.ts", "/work", "apps/web", "apps/web/src/a.ts"],
    ["/work/packages/x/a.ts", "/work/apps/web", "apps/web", "packages/x/a.ts"],
    ["../shared/a.ts", "/work/apps/web", "apps/web", "apps/shared/a.ts"],
    ["a.ts", "/work", "", "a.ts"],
    ["a.ts", "/work", ".", "a.ts"],
    ["/usr/lib/node_modules/x.js", "/work/apps/web", "apps/web", "/usr/lib/node_modules/x.js"],
    ["../../../x.js", "/work", "apps/web", "../../../x.js"],
    ["ä b/c.yaml", "/work", "", "ä b/c.yaml"],
  ])("%j in %j, which is %j, is %j", (file, folder, path, expected) => {
    expect(repositoryFile(file, { folder, path })).toBe(expected)
  })
})
