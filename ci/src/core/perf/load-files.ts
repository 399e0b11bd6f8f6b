import { readYaml } from "../config/config.js"
import { locate } from "../config/problems.js"
import { choiceSchema, integerSchema, listSchema, mapSchema, objectSchema, type SchemaNode } from "../config/schema-node.js"
import { schemaProblems } from "../config/violations.js"
import { ConfigError, UsageError } from "../errors.js"
import { loadAjv } from "../lazy.js"
import { parseDuration } from "./duration.js"
import type { BudgetEntry } from "./load-budget.js"
import { DEFAULT_PROFILES, DEFAULT_TARGET, type LoadProfile, type LoadTarget } from "./load-profiles.js"

const realSchema = (title: string, description: string, limits: Partial<SchemaNode>): SchemaNode => ({ type: "number", title, description, ...limits })

const BUDGETS_SCHEMA = mapSchema(
  "Limits by environment.",
  objectSchema("Limits of one environment.", [], {
    p95Milliseconds: integerSchema("95th percentile of the latency.", 1, 600_000),
    p99Milliseconds: integerSchema("99th percentile of the latency.", 1, 600_000),
    errorRate: realSchema("a number above 0, up to 1", "Share of failed requests.", { exclusiveMinimum: 0, maximum: 1 }),
    maximumSlowdownPercent: integerSchema("How much slower than the last good runs is too slow. Default: told, not judged.", 5, 1000),
  }),
)

const PROFILES_SCHEMA = objectSchema("The target of all load tests, and the shapes of their loads.", [], {
  target: objectSchema("What 100 percent is.", ["users"], {
    users: integerSchema("Users at once.", 1, 20_000),
    thinkSeconds: realSchema("a number from 0 to 60", "Pause of a user after each iteration.", { minimum: 0, maximum: 60 }),
  }),
  profiles: mapSchema(
    "Loads by name.",
    objectSchema("One load.", ["stages"], {
      stages: {
        ...listSchema("Where the load goes, one after the other; a first one of `0s` is where it starts.", objectSchema("One stretch.", ["percent", "duration"], {
          percent: integerSchema("Percent of the target.", 0, 10_000),
          duration: { type: "string", title: "a time with its unit, such as 30s or 5m", description: "How long it takes to get there.", pattern: "^(\\d+(\\.\\d+)?(h|m|s|ms))+$" },
        })),
        minItems: 1,
      },
      model: choiceSchema("Users who wait for answers (closed), or a rate that does not (open). Default: closed.", ["closed", "open"]),
      findsLimit: { type: "boolean", title: "true or false", description: "Ends where a limit is crossed, and is judged by how far it came." },
      judgesSlope: { type: "boolean", title: "true or false", description: "Judged by whether it grows slower with time, too." },
    }),
  ),
})

interface RawProfiles {
  readonly target?: { readonly users: number; readonly thinkSeconds?: number }
  readonly profiles?: Readonly<Record<string, { readonly stages: readonly { readonly percent: number; readonly duration: string }[]; readonly model?: "closed" | "open"; readonly findsLimit?: boolean; readonly judgesSlope?: boolean }>>
}

/** budgets.json, with file and line of everything that is wrong. */
export async function parseBudgets(text: string, file: string): Promise<Readonly<Record<string, BudgetEntry>>> {
  return (await checkedFile(text, file, BUDGETS_SCHEMA)) as Readonly<Record<string, BudgetEntry>>
}

/** profiles.json: its profiles beside the module's, and in their place where they have one name. */
export async function parseProfiles(text: string, file: string): Promise<{ readonly target: LoadTarget; readonly profiles: Readonly<Record<string, LoadProfile>> }> {
  const { target, profiles = {} } = (await checkedFile(text, file, PROFILES_SCHEMA)) as RawProfiles
  const own = Object.entries(profiles).map(([name, { stages, model = "closed", findsLimit = false, judgesSlope = false }]): [string, LoadProfile] => [
    name,
    { stages: stages.map(({ percent, duration }) => ({ percent, seconds: parseDuration(duration) ?? 0 })), model, findsLimit, judgesSlope },
  ])
  const timeless = own.filter(([, { stages }]) => stages.every(({ seconds }) => seconds === 0)).map(([name]) => name)
  if (timeless.length > 0) throw new UsageError(`${file}: profiles ${timeless.join(", ")}: expected a stage that takes time, got none. Give one a duration such as 1m.`)
  return { target: { ...DEFAULT_TARGET, ...target }, profiles: { ...DEFAULT_PROFILES, ...Object.fromEntries(own) } }
}

async function checkedFile(text: string, file: string, schema: SchemaNode): Promise<unknown> {
  // JSON is YAML, and this reader knows the line of every key.
  const { data, lines } = await readYaml(text, file)
  const { Ajv } = await loadAjv()
  const validate = new Ajv({ allErrors: true, verbose: true, strict: false }).compile({ $schema: "http://json-schema.org/draft-07/schema#", ...schema })
  if (validate(data)) return data
  throw new ConfigError(locate(schemaProblems(validate.errors ?? []), file, lines))
}
