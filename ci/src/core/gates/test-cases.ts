import type { TestCase } from "./junit-cases.js"

/** A case after every try of it. */
export interface JudgedCase extends Omit<TestCase, "outcome"> {
  /** `flaky` failed in one try and passed in another. */
  readonly outcome: TestCase["outcome"] | "flaky"
}

/** Cases by what tells them apart; several of one name in one report by their order. */
function byIdentity(cases: readonly TestCase[]): ReadonlyMap<string, TestCase> {
  const seen = new Map<string, number>()
  return new Map(
    cases.map((each) => {
      const name = caseIdentity(each)
      const count = (seen.get(name) ?? 0) + 1
      seen.set(name, count)
      return [`${name}\n${count}`, each]
    }),
  )
}

function caseIdentity({ file, suite, name }: Pick<TestCase, "file" | "suite" | "name">): string {
  return [file ?? "", suite, name].join("\n")
}

/** One verdict for each case: red in one try and green in another is flaky, never green in any is failed. */
export function mergeTries(tries: readonly (readonly TestCase[])[]): readonly JudgedCase[] {
  const identified = tries.map(byIdentity)
  const identities = new Set(identified.flatMap((cases) => [...cases.keys()]))
  return [...identities].flatMap((identity) => {
    const seen = identified.flatMap((cases) => cases.get(identity) ?? [])
    const failed = seen.find(({ outcome }) => outcome === "failed")
    const passed = seen.some(({ outcome }) => outcome === "passed")
    const last = failed ?? seen.at(-1)
    return last === undefined ? [] : [failed !== undefined && passed ? { ...failed, outcome: "flaky" as const } : last]
  })
}

/** A case that two shards ran. */
export interface SharedCase {
  readonly name: string
  /** Their numbers. */
  readonly shards: readonly [number, number]
}

/**
 * The sign of a command that ignores its shard; null when each has cases of its own. Titles alone may be used twice for good:
 * where a report names no file, only a shard whose every case another one ran too has been ignored.
 */
export function sharedCase(shards: readonly (readonly JudgedCase[])[]): SharedCase | null {
  const pairs = shards.flatMap((one, first) => shards.slice(first + 1).map((other, offset) => ({ one, other, numbers: [first + 1, first + offset + 2] as const })))
  const found = pairs.flatMap(({ one, other, numbers }): SharedCase[] => {
    const identities = new Set(one.map(caseIdentity))
    const shared = other.filter((each) => identities.has(caseIdentity(each)))
    const certain = shared.find(({ file }) => file !== null && /[./\\]/.test(file)) ?? (shared.length >= Math.min(identities.size, other.length) ? shared[0] : undefined)
    return certain === undefined ? [] : [{ name: certain.name, shards: numbers }]
  })
  return found[0] ?? null
}
