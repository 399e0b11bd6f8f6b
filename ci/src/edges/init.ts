import type { Changeset, Directory } from "@dagger.io/dagger"
import { detectService, FACT_FILES } from "../core/detect/service.js"
import { textOf } from "../core/detect/tree.js"
import { UsageError } from "../core/errors.js"
import { bareService } from "../core/init/bare-service.js"
import { asName, findServices } from "../core/init/find.js"
import { describeFound, renderDeliveryYaml } from "../core/init/render.js"
import { languageImages } from "../core/pins.js"
import { readPins, type CheckoutSource } from "./checkout.js"
import { readFacts } from "./tree.js"

/** A delivery.yaml for a tree that has none. */
export async function writeDeliveryYaml(from: CheckoutSource, named: string): Promise<Changeset> {
  const { source } = from
  if (await source.exists("delivery.yaml")) throw new UsageError("delivery.yaml: is there already. Remove it to have a new one, or edit it.")
  const folders = await foldersWithFacts(source)
  const [tree, pins] = await Promise.all([readFacts(source, folders, []), readPins(source, from.modulePins)])
  const project = asName(named === "" ? manifestName(textOf(tree, "", "package.json"), textOf(tree, "", "pyproject.toml")) : named) ?? "project"
  const found = findServices(tree, folders, project)
  if (found.services.length === 0) {
    throw new UsageError(`nothing to deliver was found: expected a folder with one of ${FACT_FILES.join(", ")}. ${found.leftOut.map(({ path, reason }) => `Left out: ${path} (${reason}).`).join(" ")}`.trim())
  }
  const images = languageImages(pins)
  const services = await Promise.all(found.services.map(async ({ name, path }) => ({ name, path, detected: await detectService(name, bareService(path), tree, images) })))
  for (const line of describeFound(found, services)) console.log(line)
  console.log("delivery.yaml is written; read its comments, then: daggerw call pipeline --only lint,build,test")
  return source.withNewFile("delivery.yaml", renderDeliveryYaml(project, found, services)).changes(source)
}

async function foldersWithFacts(source: Directory): Promise<readonly string[]> {
  const names = [...FACT_FILES, "requirements.txt", "Chart.yaml"]
  const paths = await Promise.all(names.map((name) => source.glob(`**/${name}`)))
  return [...new Set(paths.flat().map((path) => path.split("/").slice(0, -1).join("/")))]
}

function manifestName(packageJson: string | null, pyproject: string | null): string {
  const name = /"name"\s*:\s*"(?:@[^"/]*\/)?([^"]+)"/.exec(packageJson ?? "") ?? /^name\s*=\s*"([^"]+)"/m.exec(pyproject ?? "")
  return name?.[1] ?? ""
}
