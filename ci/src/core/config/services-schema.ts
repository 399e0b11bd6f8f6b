import { commandsSchema } from "./commands.js"
import { TOOLCHAINS } from "../toolchains/registry.js"
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
import { testsSchema } from "./tests.js"

const imageSchema: SchemaNode = {
  type: "string",
  title: "an image name without registry, tag or digest, such as shop/backend",
  description: "Name of the image in the registry, without registry, tag or digest. Default: project and service, joined by a slash.",
  pattern: "^[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*$",
}

const canarySchema = objectSchema("What differs in this service's canary.", [], {
  env: { ...ENVIRONMENT_VARIABLES, description: "Environment variables of the canary alone." },
})

export const serviceSchema = objectSchema("One service of the product.", ["path"], {
  path: pathSchema("Folder of the service's sources."),
  toolchain: choiceSchema(
    "How the service is installed, linted, built and tested. Default: found from the files in `path`.",
    TOOLCHAINS.map(({ name }) => name),
  ),
  buildImage: textSchema("Image that the commands run in: a key of pins.yaml, or a reference with a tag; they run as root. Default: the toolchain's."),
  commands: withDefault(commandsSchema, {}),
  dockerfile: pathSchema("Dockerfile, relative to the repository. Default: `Dockerfile` in `path`, if it is there."),
  context: pathSchema("Folder the image is built from, relative to the repository. Default: `path`."),
  image: imageSchema,
  platforms: withDefault(
    listSchema("Platforms that the image is built for, as one image with several. Default: the engine's own.", {
      type: "string",
      title: "a platform such as linux/amd64 or linux/arm64",
      pattern: "^linux/[a-z0-9]+(/v[0-9]+)?$",
    }),
    [],
  ),
  port: integerSchema("Port that the service listens on. Default: the one that its Dockerfile exposes.", 1, 65535),
  health: withDefault(
    urlPathSchema("Answers 200 while the process lives, also when what it depends on is away. `build` starts the service once, alone, and asks."),
    "/health/live",
  ),
  startSeconds: withDefault(
    integerSchema("How long `build` waits for `health` after `commands.start`, with `env` and PORT set. 0: it starts nothing.", 0, 3600),
    30,
  ),
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
