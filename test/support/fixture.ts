import { parse, stringify } from "yaml"
import { newTree, type Tree } from "./trees.js"

/** A product of one small service, `hello`, without dependencies: quick to deliver, and easy to break. */
export function helloTree(): Tree {
  const tree = newTree({ "pins.yaml": "pins.yaml", "charts/platform": "charts/platform", "charts/docuthinker": "charts/hello" })
  const values = parse(tree.read("charts/hello/values.yaml")) as { services: Record<string, object> }
  const hello = { ...values.services["frontend"], port: 8080 }
  tree.write("charts/hello/values.yaml", stringify({ ...values, services: { hello } }))
  for (const [file, text] of Object.entries(FILES)) tree.write(file, text)
  return tree
}

/** A test beside the green one. */
export const testFile = (title: string, body: string): string => `import assert from "node:assert/strict"
import { test } from "node:test"

test(${JSON.stringify(title)}, async () => {
  ${body}
})
`

const REPORTERS = [
  "--test-reporter=junit --test-reporter-destination=reports/junit.xml",
  "--test-reporter=lcov --test-reporter-destination=reports/coverage/lcov.info",
  "--test-reporter=spec --test-reporter-destination=stdout",
].join(" ")

const PACKAGE = { name: "hello", version: "1.0.0", private: true, license: "Apache-2.0", type: "module" }

const FILES: Readonly<Record<string, string>> = {
  "delivery.yaml": `version: 1
project: hello
chart: {path: charts/hello, release: hello}
services:
  hello:
    path: apps/hello
    toolchain: node
    image: hello/hello
    port: 8080
    routes: [/]
    tests: {minimumCoveragePercent: 50}
    smoke:
      - {name: greets, path: /, contains: hello}
environments:
  local:
    values: [charts/hello/values-local.yaml]
scan:
  exceptions:
    - {id: KSV-0041, path: "charts/platform/**", reason: the gateway reads certificates, until: 9999-12-31}
    - {id: KSV-0056, path: "charts/platform/**", reason: the deployer writes Services and routes, until: 9999-12-31}
    - {id: KSV-0050, path: "charts/platform/**", reason: the deployer makes the switch its Role, until: 9999-12-31}
`,
  "apps/hello/package.json": `${JSON.stringify(
    {
      ...PACKAGE,
      scripts: {
        lint: "node --check greeting.mjs",
        build: "mkdir -p dist && cp greeting.mjs server.mjs dist/",
        test: `mkdir -p reports/coverage && node --test --experimental-test-coverage ${REPORTERS}`,
      },
    },
    null,
    2,
  )}\n`,
  "apps/hello/package-lock.json": `${JSON.stringify({ name: "hello", version: "1.0.0", lockfileVersion: 3, requires: true, packages: { "": { name: "hello", version: "1.0.0", license: "Apache-2.0" } } }, null, 2)}\n`,
  "apps/hello/greeting.mjs": "export const greeting = (name) => `hello ${name}`\n",
  "apps/hello/greeting.test.mjs": `import assert from "node:assert/strict"
import { test } from "node:test"
import { greeting } from "./greeting.mjs"

test("greets by name", () => {
  assert.equal(greeting("world"), "hello world")
})
`,
  "apps/hello/server.mjs": `import { createServer } from "node:http"
import { greeting } from "./greeting.mjs"

const pages = {
  "/": greeting("world"),
  "/health/live": '{"status":"ok"}',
  "/health/ready": '{"status":"ok"}',
  "/metrics": "up 1\\n",
}
const server = createServer(({ url }, response) => response.writeHead(url in pages ? 200 : 404).end(pages[url] ?? "not found"))
server.listen(process.env.PORT ?? 8080, () => console.log('{"message":"listening"}'))
process.on("SIGTERM", () => server.close(() => process.exit(0)))
`,
  "apps/hello/Dockerfile": `ARG NODE_IMAGE=node:24-bookworm-slim
FROM \${NODE_IMAGE}
WORKDIR /app
COPY package.json server.mjs greeting.mjs ./
USER 10001:10001
EXPOSE 8080
CMD ["node", "server.mjs"]
`,
}
