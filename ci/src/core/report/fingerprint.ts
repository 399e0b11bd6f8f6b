const OFFSET = 0xcbf29ce484222325n
const PRIME = 0x100000001b3n
const SIXTY_FOUR_BITS = 0xffffffffffffffffn

/** FNV-1a, 64 bits, as 16 hexadecimal digits: the same everywhere, and no secret. */
export function fnv1a(text: string): string {
  const hash = new TextEncoder().encode(text).reduce((value, byte) => ((value ^ BigInt(byte)) * PRIME) & SIXTY_FOUR_BITS, OFFSET)
  return hash.toString(16).padStart(16, "0")
}

/**
 * Makes fingerprints of findings that stay when lines move: without the line, the same message in the same file is
 * told apart by counting.
 */
export function fingerprinter(): (parts: readonly string[]) => string {
  const seen = new Map<string, number>()
  return (parts) => {
    const key = parts.join("\u0000")
    const count = seen.get(key) ?? 0
    seen.set(key, count + 1)
    return fnv1a(`${key}\u0000${count}`)
  }
}
