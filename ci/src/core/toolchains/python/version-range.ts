/** A version's numbers. The last patch of an image is not known by its tag: `3.11` is read as the newest of 3.11. */
export type VersionNumbers = readonly number[]

export function imageNumbers(version: string): VersionNumbers {
  const [major = 0, minor = 0, patch = Number.POSITIVE_INFINITY] = version.split(".").map(Number)
  return [major, minor, patch]
}

/**
 * Whether a version lies in a range as pyproject.toml has it: PEP 440 (`>=3.10,<3.13`, `~=3.11`, `==3.11.*`), Poetry's `^3.10`, `~3.10`, `||`.
 * Null when the range cannot be read. No library: theirs take the `3.11` of an image for 3.11.0, which `>=3.11.4` refuses.
 */
export function isInRange(range: string, version: VersionNumbers): boolean | null {
  const answers = range.split(/\|\|?/).map((part) => isInAll(part, version))
  return answers.includes(null) ? null : answers.includes(true)
}

const CLAUSE = /^(~=|={1,3}|!=|<=|>=|<|>|\^|~)?\s*v?(\d+(?:\.\d+)*)(\.\*)?(?:[.-]?(?:a|b|c|rc|alpha|beta|pre|preview|post|dev)\.?\d*)*$/i

function isInAll(part: string, version: VersionNumbers): boolean | null {
  const clauses = part.replace(/([<>=~^!])\s+/g, "$1").split(/[\s,]+/).filter((clause) => clause !== "")
  const answers = clauses.map((clause) => (clause === "*" ? true : isInClause(CLAUSE.exec(clause), version)))
  if (answers.length === 0 || answers.includes(null)) return null
  return answers.every((answer) => answer === true)
}

function isInClause(parts: RegExpExecArray | null, version: VersionNumbers): boolean | null {
  const [, operator = "==", digits, wildcard] = parts ?? []
  if (digits === undefined) return null
  const bound = digits.split(".").map(Number)
  const order = compareVersions(version, bound)
  const isBelow = (limit: VersionNumbers): boolean => order >= 0 && compareVersions(version, limit) < 0
  switch (operator) {
    case "<":
      return order < 0
    case "<=":
      return order <= 0
    case ">":
      return order > 0
    case ">=":
      return order >= 0
    case "^":
      return isBelow(raised(bound, Math.max(0, bound.findIndex((number) => number > 0))))
    case "~":
      return isBelow(raised(bound, Math.min(1, bound.length - 1)))
    case "~=":
      return bound.length < 2 ? null : isBelow(raised(bound, bound.length - 2))
    case "!=":
      return !isEqual(bound, version, wildcard !== undefined)
    default:
      return isEqual(bound, version, wildcard !== undefined)
  }
}

function isEqual(bound: VersionNumbers, version: VersionNumbers, asPrefix: boolean): boolean {
  return asPrefix ? bound.every((number, index) => number === (version[index] ?? 0)) : compareVersions(version, bound) === 0
}

/** The first version that no longer has the same numbers up to there. */
function raised(numbers: VersionNumbers, index: number): VersionNumbers {
  return numbers.slice(0, index + 1).map((number, at) => (at === index ? number + 1 : number))
}

export function compareVersions(left: VersionNumbers, right: VersionNumbers): number {
  const longest = Math.max(left.length, right.length)
  for (let index = 0; index < longest; index += 1) {
    const [ours, theirs] = [left[index] ?? 0, right[index] ?? 0]
    if (ours !== theirs) return ours < theirs ? -1 : 1
  }
  return 0
}
