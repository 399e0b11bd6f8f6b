import { commandsSchema } from "./commands.js"
import { smokeSchema, urlPathSchema } from "./smoke.js"
import {
  choiceSchema,
  ENVIRONMENT_VARIABLES,
  integerSchema,
  listSchema,
  objectSchema,
  pathSchema,
  textSchema,
  withDefault,
  type SchemaNode,
} from "./schema-node.js"

export const TOOLCHAIN_NAMES = ["node", "python", "plain"] as const

const imageSchema: SchemaNode = {
  type: "string",
  title: "an image name without registry, tag or digest, such as shop/backend",
  description: "Name of the image in the registry, without registry, tag or digest.",
  pattern: "^[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*$",
}

const testsSchema = objectSchema("Reports that `test` writes, relative to `path`.", [], {
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

const canarySchema = objectSchema("What differs in this service's canary.", [], {
  env: { ...ENVIRONMENT_VARIABLES, description: "Environment variables of the canary alone." },
})

export const serviceSchema = objectSchema("One service of the product.", ["path", "toolchain", "image", "port"], {
  path: pathSchema("Folder of the service's sources."),
  toolchain: choiceSchema("How the service is installed, linted, built and tested.", TOOLCHAIN_NAMES),
  commands: withDefault(commandsSchema, {}),
  dockerfile: pathSchema("Dockerfile, relative to the repository. Default: `Dockerfile` in `path`."),
  context: pathSchema("Folder the image is built from, relative to the repository. Default: `path`."),
  image: imageSchema,
  port: integerSchema("Port that the service listens on.", 1, 65535),
  health: withDefault(urlPathSchema("Answers 200 while the process lives."), "/health/live"),
  ready: withDefault(urlPathSchema("Answers 200 when the service can take requests."), "/health/ready"),
  metrics: withDefault(urlPathSchema("Prometheus metrics."), "/metrics"),
  routes: withDefault(listSchema("URL prefixes the gateway sends here; none: internal.", urlPathSchema("")), []),
  dependsOn: withDefault(listSchema("Services that this one calls.", textSchema("")), []),
  env: { ...ENVIRONMENT_VARIABLES, description: "Environment variables in every environment." },
  canary: withDefault(canarySchema, {}),
  tests: withDefault(testsSchema, {}),
  smoke: withDefault(listSchema("Requests that must be answered as written, after each deployment.", smokeSchema), []),
  artifacts: listSchema("What `build` leaves behind, relative to `path`. Default: the toolchain's.", pathSchema("")),
})
