import { listSchema, objectSchema, textSchema, withDefault, type SchemaNode } from "./schema-node.js"
import type { SectionProblem } from "./section.js"

/** Something found that does not fail for a while. */
export interface DatedException {
  readonly id: string
  readonly package?: string
  /** A glob, relative to the repository. */
  readonly path?: string
  readonly reason: string
  /** The last day that it counts, such as 2026-12-31. */
  readonly until: string
}

const DATE_EXPECTED = "a day such as 2026-12-31"

const untilSchema: SchemaNode = {
  type: "string",
  title: DATE_EXPECTED,
  description: "The last day that the exception counts; after it what it names fails again.",
  pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
}

/** The list of exceptions of a section: all have a reason and an end. */
export function exceptionsSchema(description: string, id: SchemaNode, places: { readonly path: boolean }): SchemaNode {
  const entry = objectSchema("Something that does not fail for a while.", ["id", "reason", "until"], {
    id,
    package: textSchema("Only in this package. Default: in any."),
    ...(places.path ? { path: textSchema("Only in files that match this glob, such as `test/**`. Default: in any.") } : {}),
    reason: textSchema("Why it does no harm here, or what it waits for; reports show it."),
    until: untilSchema,
  })
  return withDefault(listSchema(description, entry), [])
}

/** What no schema can say: whether the calendar has such a day. */
export function checkExceptionDays(section: string, exceptions: readonly Pick<DatedException, "until">[] = []): readonly SectionProblem[] {
  return exceptions.flatMap(({ until }, index) => {
    if (isRealDay(until)) return []
    return [{ path: [section, "exceptions", index, "until"], expected: DATE_EXPECTED, got: `"${until}"`, fix: "The calendar has no such day: correct it." }]
  })
}

function isRealDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number)
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
  return day >= 1 && day <= days
}
