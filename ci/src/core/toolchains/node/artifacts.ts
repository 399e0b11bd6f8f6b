import { joinPath, textOf } from "../../detect/tree.js"
import type { NodeFacts } from "./facts.js"

const DEFAULT_FOLDER = "dist"
const VITE_CONFIGS = ["vite.config.ts", "vite.config.mts", "vite.config.js", "vite.config.mjs"]
export const TSCONFIGS = ["tsconfig.json", "tsconfig.build.json"]

/** Folders that the script `build` leaves behind, relative to the service; none without such a script. */
export function artifactFolders(facts: NodeFacts): readonly string[] {
  const script = facts.manifest.scripts.get("build")
  if (script === undefined || /\btsc\b[^&|;]*--noEmit\b/.test(script)) return []
  return [ownFolder(facts, script) ?? DEFAULT_FOLDER]
}

/** What a framework or its settings say of the place. */
function ownFolder(facts: NodeFacts, script: string): string | null {
  if (/\bnext build\b/.test(script)) return ".next"
  if (/\breact-scripts build\b/.test(script)) return "build"
  if (/\bvite build\b/.test(script)) return setting(facts, VITE_CONFIGS, /\boutDir:\s*["'`]([^"'`$]+)["'`]/)
  if (/\btsc\b/.test(script)) {
    const named = /\s(?:-p|--project|-b|--build)\s+(?:\.\/)?(\S+)/.exec(script)?.[1]
    return setting(facts, TSCONFIGS.includes(named ?? "") ? [named ?? ""] : TSCONFIGS, /"outDir"\s*:\s*"([^"]+)"/) ?? publishedFolder(facts)
  }
  return publishedFolder(facts)
}

/** The folder that package.json publishes, if it is the only one and no source. */
function publishedFolder({ manifest }: NodeFacts): string | null {
  const folders = manifest.files.map((each) => joinPath(each.replace(/\/?\*.*$/, ""))).filter((each) => /^[\w-]+$/.test(each) && !/^(src|bin|types|templates?|assets|public|scripts)$/.test(each))
  return folders.length === 1 ? (folders[0] ?? null) : null
}

function setting({ tree, path }: NodeFacts, files: readonly string[], pattern: RegExp): string | null {
  for (const file of files) {
    const value = pattern.exec(textOf(tree, path, file) ?? "")?.[1]
    if (value !== undefined && inService(value)) return joinPath(value)
  }
  return null
}

/** A path that leads out of the service is not one of its own artifacts. */
function inService(path: string): boolean {
  return !path.startsWith("/") && !path.split("/").includes("..") && joinPath(path) !== ""
}
