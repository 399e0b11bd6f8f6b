import {
  asVariables,
  ENVIRONMENT_VARIABLES,
  integerSchema,
  listSchema,
  mapSchema,
  objectSchema,
  pathSchema,
  textSchema,
  withDefault,
  type SchemaNode,
} from "./schema-node.js"

/** The word for a service that has no tests, and says so. */
const NO_TESTS = "none"

/** A real service that runs in a container beside the tests. */
export interface TestService {
  /** A key of pins.yaml, or a reference. */
  readonly image: string
  readonly port: number
  /** How long it may take until the port is open. */
  readonly startSeconds: number
  readonly env: Readonly<Record<string, string>>
  /** Replaces what the image runs; null leaves it. */
  readonly command: readonly string[] | null
}

export interface TestsConfig {
  /** The service says that it has no tests. */
  readonly none: boolean
  readonly junit: string
  readonly lcov: string
  readonly cobertura: string
  readonly minimumCoveragePercent: number | null
  readonly minimumChangedCoveragePercent: number | null
  readonly flakyRetries: number
  readonly shards: number
  readonly services: Readonly<Record<string, TestService>>
}

type RawTestService = Omit<TestService, "command"> & Partial<Pick<TestService, "command">>
type OptionalLimits = "minimumCoveragePercent" | "minimumChangedCoveragePercent"

/** As the schema's defaults leave it. */
export type RawTests = typeof NO_TESTS | (Omit<TestsConfig, "none" | "services" | OptionalLimits> & Partial<Pick<TestsConfig, OptionalLimits>> & { readonly services: Readonly<Record<string, RawTestService>> })

const percentSchema = (description: string): SchemaNode => ({ type: "number", title: "a number from 0 to 100", description, minimum: 0, maximum: 100 })

const testServiceSchema = objectSchema("A container that runs beside the tests, fresh for each run of them.", ["image", "port"], {
  image: textSchema("Key of pins.yaml, such as `postgres`, or a reference such as `mysql:8.4`."),
  port: integerSchema("Port that it listens on; the tests start once it is open.", 1, 65535),
  startSeconds: withDefault(integerSchema("How long it may take until the port is open, from when its image is there.", 1, 3600), 60),
  env: { ...ENVIRONMENT_VARIABLES, description: "Its environment variables." },
  command: { ...listSchema("Program and arguments that replace the image's own.", textSchema("")), minItems: 1 },
})

const REPORT_DEFAULTS = { junit: "reports/junit.xml", lcov: "reports/coverage/lcov.info", cobertura: "reports/coverage/cobertura-coverage.xml" }

const keys = objectSchema("What `test` leaves and must reach, or `none` for a service that has no tests.", [], {
  junit: withDefault(pathSchema("JUnit XML that the tests write, relative to `path`."), REPORT_DEFAULTS.junit),
  lcov: withDefault(pathSchema("Coverage as lcov, relative to `path`."), REPORT_DEFAULTS.lcov),
  cobertura: withDefault(pathSchema("Coverage as Cobertura XML, relative to `path`."), REPORT_DEFAULTS.cobertura),
  minimumCoveragePercent: percentSchema("Line coverage below this fails `test`. Default: none."),
  minimumChangedCoveragePercent: percentSchema("Coverage of the lines that changed since `--since` below this fails `test`. Default: none."),
  flakyRetries: withDefault(integerSchema("How often red tests are run again; what is green then is reported as flaky.", 0, 5), 0),
  shards: withDefault(integerSchema("How many parts the tests run in, each in a container of its own, as many at once as there are cores; `{shard}` and `{shards}` in the command's arguments, or SHARD_INDEX and SHARD_COUNT, say which part.", 1, 32), 1),
  services: withDefault(mapSchema("Containers beside the tests, such as a database; their names are their host names.", testServiceSchema), {}),
})

/** A mapping, or the one word; each keyword of JSON Schema looks at its own kind of value only. */
export const testsSchema: SchemaNode = { ...keys, type: ["object", "string"], title: "a mapping, or `none`", pattern: `^${NO_TESTS}$` }

/** Fills what the schema's defaults cannot say. */
export function completeTests(raw: RawTests): TestsConfig {
  if (raw === NO_TESTS) return { ...WITHOUT_TESTS, none: true }
  const services = Object.entries(raw.services).map(([name, service]) => [name, { ...service, env: asVariables(service.env), command: service.command ?? null }] as const)
  return { ...WITHOUT_TESTS, ...raw, services: Object.fromEntries(services) }
}

const WITHOUT_TESTS: TestsConfig = { none: false, ...REPORT_DEFAULTS, minimumCoveragePercent: null, minimumChangedCoveragePercent: null, flakyRetries: 0, shards: 1, services: {} }
