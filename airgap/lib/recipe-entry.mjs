// What goes into an entry of images.yaml, be it an image or an artifact.

/** The programs that an image holds, or that make an artifact. */
export function programsOf(entry) {
  return entry.artifact ? [entry.artifact.program] : Object.keys(entry.go ?? {})
}

/** What of airgap/images goes in. */
export function sourcesOf(entry) {
  return entry.artifact ? [entry.artifact.from] : Object.keys(entry.files ?? {})
}
