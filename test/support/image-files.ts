import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

interface LayoutManifest {
  readonly manifests: readonly { readonly digest: string }[]
  readonly layers: readonly { readonly digest: string }[]
}

/** Files of two exported images whose content differs, by name; what differs by time alone is not among them. */
export function differingFiles(one: string, other: string): readonly string[] {
  const [first, second] = [layersOf(one), layersOf(other)]
  return first.flatMap((layer, index) => {
    const counterpart = second[index]
    if (counterpart === undefined || layer.digest === counterpart.digest) return []
    const names = new Set([...layer.files.keys(), ...counterpart.files.keys()])
    return [...names].filter((name) => layer.files.get(name) !== counterpart.files.get(name))
  })
}

function layersOf(tarball: string): readonly { readonly digest: string; readonly files: ReadonlyMap<string, string> }[] {
  const folder = mkdtempSync(join(tmpdir(), "delivery-image-"))
  try {
    execFileSync("tar", ["-xf", tarball, "-C", folder])
    const blob = (digest: string): string => join(folder, "blobs", digest.replace(":", "/"))
    const parsed = (path: string): LayoutManifest => JSON.parse(readFileSync(path, "utf8")) as LayoutManifest
    const { layers } = parsed(blob(parsed(join(folder, "index.json")).manifests[0]?.digest ?? ""))
    return layers.map(({ digest }) => ({ digest, files: filesOf(blob(digest)) }))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function filesOf(layer: string): ReadonlyMap<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "delivery-layer-"))
  try {
    execFileSync("tar", ["-xf", layer, "-C", folder, "--no-same-owner", "--exclude=dev/*"])
    const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => statSync(join(folder, path), { throwIfNoEntry: false })?.isFile() === true)
    return new Map(paths.map((path) => [path, createHash("sha256").update(readFileSync(join(folder, path))).digest("hex")]))
  } finally {
    execFileSync("chmod", ["-R", "u+rwX", folder])
    rmSync(folder, { recursive: true })
  }
}
