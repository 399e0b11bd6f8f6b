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

export function caseIdentity({ file, suite, name }: Pick<TestCase, "file" | "suite" | "name">): string {
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

/** A case that two shards ran, with their numbers; null when each has its own. */
export function sharedCase(shards: readonly (readonly JudgedCase[])[]): { readonly name: string; readonly shards: readonly [number, number] } | null {
  const owners = new Map<string, number>()
  for (const [index, cases] of shards.entries()) {
    for (const each of cases) {
      const owner = owners.get(caseIdentity(each))
      if (owner !== undefined && owner !== index) return { name: each.name, shards: [owner + 1, index + 1] }
      owners.set(caseIdentity(each), index)
    }
  }
  return null
}
