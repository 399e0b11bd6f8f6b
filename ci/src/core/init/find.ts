import { joinPath, textOf, type TreeFacts } from "../detect/tree.js"
import { TOOLCHAINS } from "../toolchains/registry.js"

/** What of a repository may be delivered. */
export interface FoundTree {
  /** Folders of services, each with its name. */
  readonly services: readonly { readonly name: string; readonly path: string }[]
  /** Folders that look like services and are none, with the reason. */
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[]
  /** Folders with a Helm chart of their own. */
  readonly charts: readonly string[]
}

/** Parts of a path that hold examples and tests of something else. */
const NOT_DELIVERED = ["test", "tests", "__tests__", "fixtures", "examples", "example", "docs", "e2e", "vendor", "third_party", "templates"]

/** Finds the services and charts among the folders of a repository. */
export function findServices(tree: TreeFacts, folders: readonly string[], project: string): FoundTree {
  const known = folders.map((path) => joinPath(path)).filter((path) => TOOLCHAINS.some((toolchain) => toolchain.detect(tree, path)))
  const candidates = [...new Set(known)].sort()
  const judged = candidates.map((path) => ({ path, reason: reasonAgainst(tree, path, candidates) }))
  const paths = judged.filter(({ reason }) => reason === null).map(({ path }) => path)
  return {
    services: withOwnNames(paths.map((path) => ({ path: path === "" ? "." : path, name: serviceName(path, paths, project) }))),
    leftOut: judged.flatMap(({ path, reason }) => (reason === null ? [] : [{ path: path === "" ? "." : path, reason }])),
    charts: [...tree.paths]
      .filter((path) => /(^|\/)Chart\.ya?ml$/.test(path) && !/(^|\/)charts\/[^/]+\/charts\//.test(path) && !isAside(path))
      .map((path) => path.split("/").slice(0, -1).join("/") || ".")
      .sort(),
  }
}

function reasonAgainst(tree: TreeFacts, path: string, candidates: readonly string[]): string | null {
  if (isAside(`${path}/`)) return "its path says that it is an example, a test or not ours"
  const inside = candidates.filter((other) => other !== path && (path === "" || other.startsWith(`${path}/`)))
  if (inside.length > 0 && isWorkspace(tree, path)) return `a workspace, whose members stand for themselves: ${inside.length}`
  const above = candidates.find((other) => other !== path && path.startsWith(`${other}/`) && !isWorkspace(tree, other) && !isAside(`${other}/`))
  return above === undefined || above === "" ? null : `a part of ${above}`
}

const isAside = (path: string): boolean => path.split("/").slice(0, -1).some((part) => NOT_DELIVERED.includes(part.toLowerCase()))

/** A manifest that only holds others together. */
function isWorkspace(tree: TreeFacts, path: string): boolean {
  if (tree.paths.has(joinPath(path, "pnpm-workspace.yaml"))) return true
  const inPackage = /"workspaces"\s*:/.test(textOf(tree, path, "package.json") ?? "")
  return inPackage || /^\[tool\.uv\.workspace\]/m.test(textOf(tree, path, "pyproject.toml") ?? "")
}

/** The folder's own name; with the one above it where two are called the same. */
function serviceName(path: string, all: readonly string[], project: string): string {
  const parts = path.split("/")
  const own = asName(parts.at(-1) ?? "") ?? null
  if (path === "" || own === null) return path === "" ? project : `service-${all.indexOf(path) + 1}`
  const twice = all.filter((other) => asName(other.split("/").at(-1) ?? "") === own).length > 1
  return (twice ? asName(parts.slice(-2).join("-")) : own) ?? own
}

function withOwnNames(services: FoundTree["services"]): FoundTree["services"] {
  return services.map((service, index) => {
    const before = services.slice(0, index).filter(({ name }) => name === service.name).length
    return before === 0 ? service : { ...service, name: `${service.name.slice(0, 37)}-${before + 1}` }
  })
}

/** Text as a name of delivery.yaml; null when nothing of it is left. */
export function asName(text: string): string | null {
  const plain = text.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^[^a-z]+|-+$/g, "").slice(0, 40).replace(/-+$/, "")
  return plain === "" ? null : plain
}
