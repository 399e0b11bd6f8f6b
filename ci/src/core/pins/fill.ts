import { loadYaml } from "../lazy.js"

/** What is written into one entry of pins.yaml; null takes a key out. */
export interface PinChange {
  readonly path: readonly [section: "images" | "tools", key: string]
  readonly values: Readonly<Record<string, string | Readonly<Record<string, string>> | null>>
}

/** pins.yaml with these entries changed; comments and everything else stay. */
export async function changedPins(text: string, changes: readonly PinChange[]): Promise<string> {
  if (changes.length === 0) return text
  const yaml = await loadYaml()
  const document = yaml.parseDocument(text, { prettyErrors: false })
  for (const { path, values } of changes) {
    for (const [key, value] of Object.entries(values)) {
      if (value === null) document.deleteIn([...path, key])
      else document.setIn([...path, key], value)
    }
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

/** The checksums by platform in a list such as sha256sum prints, for archives named with platform words: `dagger_v0.21.7_linux_amd64.tar.gz`. */
export function checksumsByPlatform(list: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...list.matchAll(/^([0-9a-f]{64})[ *]+\S*?(linux|darwin|windows)_(amd64|arm64)\.(?:tar\.gz|zip)$/gm)].map(([, sum = "", system, processor]) => [`${system}_${processor}`, sum]),
  )
}
