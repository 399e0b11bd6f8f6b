import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "yaml"
import { ROOT } from "./daggerw.js"

/** An image of this repository's pins.yaml, as a container is made from it. */
export function pinnedImage(name: string): string {
  const { images } = parse(readFileSync(join(ROOT, "pins.yaml"), "utf8")) as { images: Readonly<Record<string, { readonly name: string; readonly tag: string }>> }
  const image = images[name]
  if (image === undefined) throw new Error(`pins.yaml: expected an image ${name}, got ${Object.keys(images).join(", ")}`)
  return `${image.name}:${image.tag}`
}
