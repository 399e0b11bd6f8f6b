import { describe, expect, it } from "vitest"
import { hasNoDependencies, lockFilesOf, lockFilesToName } from "../../../src/core/scan/lock-files.js"
import { filesStep } from "../../../src/core/scan/trivy.js"

const YARN_BERRY = '# by yarn\n\n__metadata:\n  version: 8\n  cacheKey: 10c0\n\n"a@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "a@workspace:."\n  languageName: unknown\n  linkType: soft\n'

describe("the lock files of a tree", () => {
  it("are known by name, or by what a service installs from", () => {
    const paths = ["package-lock.json", "api/requirements.txt", "api/requirements/base.txt", "api/readme.txt", "web/npm-shrinkwrap.json", "x/go.mod"]
    const known = ["api/requirements/base.txt", "web/npm-shrinkwrap.json"]
    const found = lockFilesOf(paths, known)
    expect(found).toEqual(["api/requirements.txt", "api/requirements/base.txt", "package-lock.json", "web/npm-shrinkwrap.json", "x/go.mod"])
    expect(lockFilesToName(found, known)).toEqual({ "api/requirements/base.txt": "pip", "web/npm-shrinkwrap.json": "npm" })
  })

  it("with unusual names are named to the scanner", () => {
    const { argv } = filesStep({ otherLockFiles: { "api/requirements/base.txt": "pip" }, vex: [], skipFolders: ["charts/shop"], timeoutSeconds: 900 })
    expect(argv.join(" ")).toContain("--file-patterns pip:(^|/)api/requirements/base\\.txt$ --skip-dirs /delivery/work/scanned/tree/charts/shop")
  })
})

describe("a lock file that the scanner does not report", () => {
  // What Trivy 0.72.0 leaves out without a word, seen with each of these.
  it.each([
    ["package-lock.json", '{"name":"a","lockfileVersion":3,"packages":{"":{"name":"a"}}}'],
    ["requirements.txt", "# none\n-r other.txt\n"],
    ["yarn.lock", "# yarn lockfile v1\n\n\n"],
    ["yarn.lock", YARN_BERRY],
    ["pnpm-lock.yaml", "lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n\nimporters:\n\n  .: {}\n"],
    ["poetry.lock", 'package = []\n\n[metadata]\nlock-version = "2.1"\n'],
    ["Cargo.lock", "version = 4\n"],
  ])("is empty: %s", (name, text) => {
    expect(hasNoDependencies(`web/${name}`, text)).toBe(true)
  })

  it.each([
    ["package-lock.json", '{ "lockfileVersion": 3, "packages": {'],
    ["package-lock.json", ""],
    ["package-lock.json", "{}"],
    ["package-lock.json", '{"lockfileVersion":1,"dependencies":{"minimist":{"version":"1.2.5"}}}'],
    ["package-lock.json", '{"lockfileVersion":3,"packages":{"":{},"node_modules/minimist":{"version":"1.2.5"}}}'],
    ["yarn.lock", "{{{{"],
    ["yarn.lock", ""],
    ["yarn.lock", '"minimist@npm:1.2.5":\n  version: 1.2.5\n'],
    ["yarn.lock", "# yarn lockfile v1\n\nminimist@1.2.5:\n  version \"1.2.5\"\n"],
    ["pnpm-lock.yaml", "a: ["],
    ["pnpm-lock.yaml", "lockfileVersion: '9.0'\n\npackages:\n\n  minimist@1.2.5:\n"],
    ["poetry.lock", "[[pack"],
    ["uv.lock", "[[pack"],
    ["requirements.txt", "\u0000\u0001"],
    ["requirements.txt", "jinja2==2.10\n"],
    ["Gemfile.lock", ""],
  ])("is broken: %s %j", (name, text) => {
    expect(hasNoDependencies(`web/${name}`, text)).toBe(false)
  })
})
