import { objectSchema, pathSchema, withDefault } from "./schema-node.js"

/** Where a service's tests leave their reports, and what is asked of them. */
export interface TestsConfig {
  readonly junit: string
  readonly lcov: string
  readonly cobertura: string
  readonly minimumCoveragePercent: number | null
}

export type RawTests = Pick<TestsConfig, "junit" | "lcov" | "cobertura"> & Partial<TestsConfig>

export const testsSchema = objectSchema("Reports that `test` writes, relative to `path`.", [], {
  junit: withDefault(pathSchema("JUnit XML."), "reports/junit.xml"),
  lcov: withDefault(pathSchema("Coverage as lcov."), "reports/coverage/lcov.info"),
  cobertura: withDefault(pathSchema("Coverage as Cobertura XML."), "reports/coverage/cobertura-coverage.xml"),
  minimumCoveragePercent: {
    type: "number",
    title: "a number from 0 to 100",
    description: "Line coverage below this fails `test`. Default: none.",
    minimum: 0,
    maximum: 100,
  },
})

export function completeTests(raw: RawTests): TestsConfig {
  return { ...raw, minimumCoveragePercent: raw.minimumCoveragePercent ?? null }
}
