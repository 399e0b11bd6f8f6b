import { namedPaths } from "./config/checkout.js"
import type { Config } from "./config/model.js"
import type { ServiceConfig } from "./config/services.js"
import { joinPath, relativeTo } from "./detect/tree.js"
import { matchesGlob } from "./glob.js"

/** Beside delivery.yaml the file that decides about every service. */
const PINS_FILE = "pins.yaml"

/** Services whose files changed, or whose dependencies' files did, in the order of delivery.yaml; docs change none. */
export function changedServices(config: Config, changedPaths: readonly string[]): readonly string[] {
  const all = Object.values(config.services)
  const changesAll = changedPaths.some((path) => path === config.file || path === PINS_FILE)
  const changed = new Set(all.filter((service) => changesAll || changedPaths.some((path) => concerns(service, path, all))).map(({ name }) => name))
  for (let before = -1; before !== changed.size; ) {
    before = changed.size
    for (const { name, dependsOn } of all) if (dependsOn.some((other) => changed.has(other))) changed.add(name)
  }
  return all.map(({ name }) => name).filter((name) => changed.has(name))
}

/** Whether something changed that every release is made with: the chart, values of an environment, load tests. */
export function releaseChanged(config: Config, changedPaths: readonly string[]): boolean {
  const named = namedPaths(config).filter(({ path }) => path[0] !== "services")
  return named.some(({ file }) => changedPaths.some((path) => path === joinPath(file) || isBelow(path, file)))
}

/** Whether a file is one of the service, of its image, or of what it is installed with. */
function concerns(service: ServiceConfig, path: string, all: readonly ServiceConfig[]): boolean {
  if (isBelow(path, service.path) || isBelow(path, service.context) || path === joinPath(service.dockerfile ?? "")) return true
  const { root, manifests } = service.recipe
  if (!isBelow(path, root)) return false
  const name = relativeTo(root, path)
  if (manifests.some((glob) => matchesGlob(name, glob))) return true
  // A package of the workspace that is no service of its own may be a library of any: `packages/*/package.json` names it.
  return members(manifests).some((folder) => matchesGlob(name, `${folder}/**`)) && !all.some((other) => isBelow(path, other.path))
}

/** Folders of a workspace's packages, as its manifests name them. */
function members(manifests: readonly string[]): readonly string[] {
  return manifests.filter((glob) => glob.includes("/") && !glob.startsWith("**/")).map((glob) => glob.replace(/\/[^/]*$/, ""))
}

/** Whether a path lies in a folder of the checkout; `.` and the empty text are the checkout itself. */
export function isBelow(path: string, folder: string): boolean {
  const whole = joinPath(folder)
  return whole === "" || path.startsWith(`${whole}/`)
}
