import { joinPath } from "../detect/tree.js"
import { dockerfileReferences } from "./dockerfile-references.js"
import { yamlReferences } from "./yaml-references.js"

/** Something from elsewhere that a file of the repository names. */
export interface OutsideReference {
  readonly kind: "image" | "action" | "chart"
  /** As written. */
  readonly text: string
  readonly file: string
  readonly line: number
}

/** Files that may name something from elsewhere, for the engine to look for. */
export const REFERRING_FILES: readonly string[] = [
  "**/Dockerfile*", "**/Containerfile*", "**/*.Dockerfile", "**/*.dockerfile", "**/*.yml", "**/*.yaml", "**/*.tpl", "**/Jenkinsfile*",
]

/** What stands in the code of a module that takes an image, as a regular expression of grep. */
export const PULLING_WORDS = "[.]from[(]|containerOf[(]"

/** A glob of the code of a Dagger module, from its dagger.json; other TypeScript pulls no images. */
export function moduleFiles(path: string, daggerJson: string): string {
  const { source } = JSON.parse(daggerJson) as { readonly source?: unknown }
  return joinPath(...path.split("/").slice(0, -1), typeof source === "string" ? source : ".", "src/**/*.ts")
}

/** Everything that a file gets from a registry; what a variable or a template fills in is left to whoever fills it in. */
export function referencesIn(file: string, text: string): readonly OutsideReference[] {
  const name = file.split("/").at(-1) ?? ""
  if (/^(?:Docker|Container)file(?:\.[\w.-]+)?$|\.[Dd]ockerfile$/.test(name) && !/\.(?:dockerignore|md|txt|ts|test)$/.test(name)) return dockerfileReferences(file, text)
  if (/\.(?:ya?ml|tpl)$/.test(name)) return yamlReferences(file, text)
  if (/^Jenkinsfile/.test(name)) return eachMatch(file, text, /\bimage(?:\s+|\s*\(\s*|:\s*)['"]([^'"$]+)['"]/g)
  // What a Dagger module takes: `dag.container().from("…")`.
  if (/\.ts$/.test(name)) return eachMatch(file, text, /^(?!\s*(?:\/\/|\*)).*?(?:\)\s*\.from|\bcontainerOf)\(\s*["'`]([^"'`$]+)["'`]/gm)
  return []
}

function eachMatch(file: string, text: string, pattern: RegExp): readonly OutsideReference[] {
  return [...text.matchAll(pattern)].map(({ 1: found = "", index }) => ({ kind: "image", text: found, file, line: text.slice(0, index).split("\n").length }))
}
