// What the documents for people name must be there.
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"

const ROOT = join(import.meta.dirname, "../..")
const DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "airgap/README.md"]
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8")

interface Mention {
  readonly name: string
  /** `README.md:12`, so that a failure tells where to look. */
  readonly at: string
}

/** What a pattern's first group finds, by line; in code blocks only where they are asked for. */
function mentions(document: string, text: string, pattern: RegExp, { inBlocks }: { inBlocks: boolean }): readonly Mention[] {
  let isBlock = false
  return text.split("\n").flatMap((line, index) => {
    if (line.startsWith("```")) isBlock = !isBlock
    if (isBlock && !inBlocks) return []
    return [...line.matchAll(pattern)].map((match) => ({ at: `${document}:${index + 1}`, name: match[1] ?? "" }))
  })
}

const npmScripts = (document: string, text: string) => mentions(document, text, /\bnpm run (?:--silent )?([\w:-]+)/g, { inBlocks: true })

const CALL = /\bdaggerw? call (?:--?[a-z][\w-]*(?:=\S+)? )*([a-z][\w-]*)/g
const moduleCalls = (document: string, text: string) => mentions(document, text, CALL, { inBlocks: true })

const links = (document: string, text: string) => mentions(document, text, /\]\(([^)\s#]+)[^)]*\)/g, { inBlocks: false }).filter(({ name }) => !/^[a-z]+:/.test(name))

const PATH = /^\.?[\w-][\w.-]*(\/[\w.-]+)*\/?$/
const BARE_FILE = /\.(ya?ml|json|md|sh|ts|mjs)$/
/** What a run leaves, and an image: they look like paths and are none of the repository. */
const ELSEWHERE = new Set(["run.json", "release.json", "summary.md", "codequality.json", "junit/", "sarif/", "logs/", "coverage/", "scan/", "sbom/", "provenance/", "plans/", "artifacts/", "rancher/k3s"])

const paths = (document: string, text: string) =>
  mentions(document, text, /`([^`\s]+)`/g, { inBlocks: false })
    .filter(({ name }) => PATH.test(name) && (name.includes("/") || BARE_FILE.test(name)))
    .filter(({ name }) => !ELSEWHERE.has(name) && !name.startsWith(".delivery/"))

/** A path stands as seen from the root, from the document's folder, from the module's sources (`core/plan.ts`), or is a decision record's name. */
const isThere = (document: string, path: string): boolean => ["", dirname(document), "ci/src", "docs/adr"].some((base) => existsSync(join(ROOT, base, path)))

const packageScripts = Object.keys((JSON.parse(read("package.json")) as { scripts: object }).scripts)
const words = (camel: string): string => camel.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
const functions = [...read("ci/src/index.ts").matchAll(/@func\([^)]*\)\s+(?:async )?(\w+)\(/g)].map(([, name]) => words(name ?? ""))

const wrong = (found: readonly Mention[], isRight: (name: string) => boolean): readonly string[] =>
  found.filter(({ name }) => !isRight(name)).map(({ at, name }) => `${at}: ${name}`)

describe.each(DOCUMENTS)("%s", (document) => {
  const text = read(document)

  it("names only npm scripts of package.json", () => {
    expect(wrong(npmScripts(document, text), (name) => packageScripts.includes(name))).toEqual([])
  })

  it("calls only functions of ci/src/index.ts", () => {
    expect(wrong(moduleCalls(document, text), (name) => functions.includes(name))).toEqual([])
  })

  it("names only paths that exist", () => {
    expect(wrong(paths(document, text), (name) => isThere(document, name))).toEqual([])
  })

  it("links only to what exists", () => {
    expect(wrong(links(document, text), (name) => existsSync(join(ROOT, dirname(document), name)))).toEqual([])
  })
})

describe("the reader of documents", () => {
  const text = [
    "`npm run no-such` and `npm run --silent pipeline`",
    "`./daggerw call --source=PATH no-such --services a`, `dagger call deliver`",
    "`ci/no-such.ts`, `core/plan.ts`, `no-such.yaml`, `docs/`, `a word`, `run.json`, `--flag`, `~/x/y`",
    "[a](no/such.md#part) [b](https://example.org/x) [c](../README.md)",
    "```",
    "npm run in-block; `no/path`",
    "```",
  ].join("\n")
  const names = (found: readonly Mention[]): readonly string[] => found.map(({ at, name }) => `${at} ${name}`)

  it("finds scripts, calls, paths and links, each with its line", () => {
    expect(names(npmScripts("x", text))).toEqual(["x:1 no-such", "x:1 pipeline", "x:6 in-block"])
    expect(names(moduleCalls("x", text))).toEqual(["x:2 no-such", "x:2 deliver"])
    expect(names(paths("x", text))).toEqual(["x:3 ci/no-such.ts", "x:3 core/plan.ts", "x:3 no-such.yaml", "x:3 docs/"])
    expect(names(links("x", text))).toEqual(["x:4 no/such.md", "x:4 ../README.md"])
  })

  it("has functions to compare with", () => {
    expect(functions).toEqual(expect.arrayContaining(["pipeline", "deliver", "deploy-plan", "report"]))
  })
})
