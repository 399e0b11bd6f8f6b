const SPECIAL: Readonly<Record<string, string>> = { "**/": "(.*/)?", "/**": "(/.*)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(", ",": "|", "}": ")" }

/** Whether a path fits a glob of `*`, `**`, `?` and `{a,b}`, as manifests and ignore lists use them. */
export function matchesGlob(path: string, glob: string): boolean {
  const braced = /\{[^{}]*\}/.test(glob)
  const pattern = glob.replace(/\/\*\*$|\*\*\/|\*\*|[*?{},]|[.+^$()|[\]\\]/g, (part) => {
    const special = SPECIAL[part]
    return special === undefined || (!braced && /^[{},]$/.test(part)) ? `\\${part}` : special
  })
  return new RegExp(`^${pattern}$`).test(path)
}
