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
  "**/Dockerfile*", "**/Containerfile*", "**/*.Dockerfile", "**/*.dockerfile", "**/*.yml", "**/*.yaml", "**/*.tpl", "**/Jenkinsfile*", "**/*.ts",
]

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
