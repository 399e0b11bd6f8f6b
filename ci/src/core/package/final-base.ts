/** The image that the last stage of a Dockerfile stands on; null for one that starts from nothing, or when a variable hides it. */
export function finalBase(dockerfile: string, values: Readonly<Record<string, string>>): string | null {
  const defaults = Object.fromEntries([...dockerfile.matchAll(/^\s*ARG\s+([A-Za-z_]\w*)=["']?([^\s"']+)/gim)].map(([, name = "", value = ""]) => [name, value]))
  const filled = (word: string): string => word.replace(/\$\{?([A-Za-z_]\w*)\}?/g, (_all, name: string) => values[name] ?? defaults[name] ?? "")
  const stages = new Map<string, string>()
  let last = ""
  for (const [, from = "", alias] of dockerfile.matchAll(/^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/gim)) {
    const name = filled(from)
    last = stages.get(name.toLowerCase()) ?? name
    if (alias !== undefined) stages.set(alias.toLowerCase(), last)
  }
  return last === "" || last === "scratch" ? null : last
}
