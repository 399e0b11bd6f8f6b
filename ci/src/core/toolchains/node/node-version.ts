import { joinPath, textOf, type TreeFacts } from "../../detect/tree.js"
import type { ConfigProblem } from "../../errors.js"
import { loadSemver } from "../../lazy.js"
import type { LanguageImage } from "../../pins.js"
import type { WantedRuntime } from "../toolchain.js"
import { lineOfKey, printable, type PackageManifest } from "./manifest.js"

/** Which versions of Node a tree asks for, and where it says so. */
interface NodeDemand {
  readonly range: string
  readonly file: string
  readonly line: number
  readonly where: string
}

export interface NodeChoice {
  readonly imageKey: string
  readonly note: string
  /** What has to be asked of the image; null when its name says enough. */
  readonly runtime: WantedRuntime | null
  readonly problems: readonly ConfigProblem[]
}

const DEFAULT_KEY = "node"
const VERSION_FILES = [".nvmrc", ".node-version"]
/** What nvm calls them. */
const CODENAMES: Readonly<Record<string, string>> = { hydrogen: "18", iron: "20", jod: "22", krypton: "24" }

/** The newest Node of pins.yaml that `engines.node` admits, of the service's own package.json or its workspace's. */
export async function chooseNode(tree: TreeFacts, manifests: readonly PackageManifest[], folders: readonly string[], images: readonly LanguageImage[]): Promise<NodeChoice> {
  const newest = images.filter(({ language }) => language === "node").sort((a, b) => compareVersions(b.version, a.version))
  const fallback = { imageKey: newest[0]?.key ?? DEFAULT_KEY, note: `Node${newest[0] === undefined ? "" : ` ${newest[0].version}`} (nothing in the tree asks for another)`, runtime: null, problems: [] }
  const demand = engines(manifests) ?? versionFile(tree, folders)
  if (demand === null || newest.length === 0) return fallback
  const { validRange, intersects, subset, satisfies } = (await loadSemver()).default
  if (validRange(demand.range) === null) return { ...fallback, problems: [noRange(demand)] }
  const known = newest.filter(({ version }) => validRange(version) !== null)
  // `node:22` is some 22: where each of them will do, nothing has to be asked.
  const sure = known.find(({ version }) => subset(version, demand.range))
  const image = sure ?? known.find(({ version }) => intersects(demand.range, version))
  if (image === undefined) return { ...fallback, problems: [noImage(demand, newest)] }
  const wanted = `${demand.where === "" ? "" : `${demand.where} `}${demand.range} in ${demand.file}`
  const runtime: WantedRuntime = { argv: ["node", "--version"], wanted, accepts: (version) => satisfies(version, demand.range) }
  return { imageKey: image.key, note: `Node ${image.version} (${wanted})`, runtime: sure === undefined ? runtime : null, problems: [] }
}

function engines(manifests: readonly PackageManifest[]): NodeDemand | null {
  const manifest = manifests.find(({ nodeRange }) => nodeRange !== null)
  return manifest === undefined ? null : { range: manifest.nodeRange ?? "", file: manifest.file, line: lineOfKey(manifest, "engines"), where: "engines.node" }
}

function versionFile(tree: TreeFacts, folders: readonly string[]): NodeDemand | null {
  for (const [folder, name] of folders.flatMap((each) => VERSION_FILES.map((file) => [each, file] as const))) {
    const lines = (textOf(tree, folder, name) ?? "").split("\n").map((text) => text.replace(/#.*/, "").trim())
    const line = lines.findIndex((text) => text !== "")
    if (line >= 0) return { range: rangeOf(lines[line] ?? ""), file: joinPath(folder, name), line: line + 1, where: "" }
  }
  return null
}

/** `v22.3.0`, `lts/jod` and `lts/*` as ranges; of an exact version only the major counts, since pins.yaml has its own minor one. */
function rangeOf(written: string): string {
  const codename = /^lts\/(\w+)$/i.exec(written)?.[1]?.toLowerCase()
  if (codename !== undefined) return CODENAMES[codename] ?? written
  if (/^(lts\/\*|lts|node|stable|current|latest)$/i.test(written)) return "*"
  return /^v?(\d+)\.\d+\.\d+$/.exec(written)?.[1] ?? written
}

function noRange({ range, ...place }: NodeDemand): ConfigProblem {
  return { ...place, expected: "a range of versions of Node, such as `>=22`", got: `\`${printable(range)}\``, fix: "Correct it, or set `buildImage` in delivery.yaml." }
}

function noImage({ range, ...place }: NodeDemand, images: readonly LanguageImage[]): ConfigProblem {
  const pinned = images.map(({ key, version }) => `${version} (\`${key}\`)`).join(", ")
  return {
    ...place,
    expected: `a range that a Node of pins.yaml is in: ${pinned}`,
    got: `\`${printable(range)}\``,
    fix: "Add such an image to pins.yaml, widen the range, or set `buildImage` in delivery.yaml.",
  }
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split(".").map(Number), b.split(".").map(Number)]
  return left.map((part, index) => part - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0
}
