const SPECIAL: Readonly<Record<string, string>> = { "**/": "(.*/)?", "/**": "(/.*)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(", ",": "|", "}": ")" }

/** Whether a path fits a glob of `*`, `**`, `?` and `{a,b}`, as manifests and ignore lists use them. */
export function matchesGlob(path: string, glob: string): boolean {
  const braced = hasBraces(glob)
  const pattern = glob.replace(/\/\*\*$|\*\*\/|\*\*|[*?{},]|[.+^$()|[\]\\]/g, (part) => {
    const special = SPECIAL[part]
    return special === undefined || (!braced && /^[{},]$/.test(part)) ? `\\${part}` : special
  })
  return new RegExp(`^${pattern}$`).test(path)
}

/** Braces that do not pair up are characters like any other. */
function hasBraces(glob: string): boolean {
  let depth = 0
  for (const brace of glob.match(/[{}]/g) ?? []) {
    depth += brace === "{" ? 1 : -1
    if (depth < 0) return false
  }
  return depth === 0 && glob.includes("{")
}
