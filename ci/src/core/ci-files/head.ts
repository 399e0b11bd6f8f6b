/** What every file begins with. */
export const HEAD_LINES = [
  "Written by `daggerw call ci-generate` from delivery.yaml, compared by `ci-check`. Secrets, schedule and gate: docs/ci.md of the module.",
] as const

/** A text as YAML: plain where that is read as the same text, else between single quotes. */
export function quotedYaml(text: string): string {
  return /^[A-Za-z0-9./][^\n]*$/.test(text) && !/: | #|[[\]{},]|:$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`
}
