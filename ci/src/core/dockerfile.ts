import { joinPath } from "./detect/tree.js"

/** Base images come as `ARG <KEY>_IMAGE`; these are the arguments that fill them from pins.yaml. */
export function baseImageArguments(dockerfile: string, image: (key: string) => string): readonly { readonly name: string; readonly value: string }[] {
  const names = [...dockerfile.matchAll(/^\s*ARG\s+([A-Z][A-Z0-9_]*)_IMAGE\b/gm)].map((match) => match[1] ?? "")
  return [...new Set(names)].map((name) => ({ name: `${name}_IMAGE`, value: image(name.toLowerCase().replaceAll("_", "-")) }))
}

/** Where a build with `context` finds a Dockerfile of the repository; null when it lies outside the context. */
export function pathInContext(dockerfile: string, context: string): string | null {
  const folder = joinPath(context)
  if (folder === "") return dockerfile
  return dockerfile.startsWith(`${folder}/`) ? dockerfile.slice(folder.length + 1) : null
}

/** The first port that a Dockerfile exposes; null when there is none, or when a variable holds it. */
export function exposedPort(dockerfile: string): number | null {
  const port = /^\s*EXPOSE\s+(\d{1,5})(?:\/tcp)?\b/im.exec(dockerfile)?.[1]
  return port === undefined ? null : Number(port)
}
