import { parse, stringify } from "yaml"
import { helloTree } from "./fixture.js"
import type { Tree } from "./trees.js"

/** The faults of the sample services, in one file without dependencies; VERSION tells its page from another's. */
const SERVER = `import { createServer } from "node:http"
const { PORT = "8080", VERSION = "1", FAULT_NEVER_READY, FAULT_NEVER_ALIVE, FAULT_CRASH_AFTER_SECONDS, FAULT_ERROR_RATE = "0", FAULT_WRONG_PAGE, FAULT_SAME_PAGE, FAULT_BUSY } = process.env
if (FAULT_CRASH_AFTER_SECONDS === "0") {
  console.log("no licence key")
  process.exit(3)
}
if (FAULT_CRASH_AFTER_SECONDS !== undefined) setTimeout(() => process.exit(4), Number(FAULT_CRASH_AFTER_SECONDS) * 1000)
const pages = { "/": FAULT_WRONG_PAGE ? "bye" : "hello " + VERSION, "/busy": "hello, busy", "/health/live": '{"status":"ok"}', "/health/ready": '{"status":"ok"}', "/metrics": "up 1\\n" }
let count = 0
const server = createServer(({ url }, response) => {
  count += 1
  if (FAULT_SAME_PAGE) return response.end("hello")
  if (url === "/health/live" && FAULT_NEVER_ALIVE) return response.writeHead(503).end('{"status":"stuck"}')
  if (url === "/health/ready" && FAULT_NEVER_READY) return response.writeHead(503).end('{"status":"waiting"}')
  if (url === "/busy" && FAULT_BUSY) return response.writeHead(500).end("too busy")
  if (url === "/" && count % 10 < Number(FAULT_ERROR_RATE) * 10) return response.writeHead(500).end("broken")
  response.writeHead(url in pages ? 200 : 404, { "x-version": VERSION }).end(pages[url] ?? "not found")
})
server.listen(Number(PORT), () => console.log("listening"))
process.on("SIGTERM", () => server.close(() => process.exit(0)))
`

/** What a deployment differs by; everything else is the same release. */
export interface FaultyDeployment {
  readonly env?: Readonly<Record<string, string>>
  /** Laid over the chart's values. */
  readonly values?: object
  readonly environment?: object
  readonly top?: object
}

/** `hello` on the lasting cluster: one image that can have every fault, and a delivery.yaml that says which. */
export function faultTree(namespace: string): Tree {
  return writeDeployment(helloTree().write("apps/hello/server.mjs", SERVER), namespace, {})
}

export function writeDeployment(tree: Tree, namespace: string, { env = {}, values = {}, environment = {}, top = {} }: FaultyDeployment): Tree {
  const delivery = parse(tree.read("delivery.yaml")) as { services: Record<string, object>; [key: string]: unknown }
  const hello = { ...delivery.services["hello"], env }
  const staging = { kubeconfig: "KUBECONFIG_STAGING", namespace, baseUrl: "http://10.90.0.2:30080", values: ["charts/hello/values-local.yaml", "charts/hello/values-fault.yaml"], ...environment }
  tree.write("charts/hello/values-fault.yaml", stringify(values))
  return tree.write("delivery.yaml", stringify({ ...delivery, services: { hello }, registry: { address: "10.90.0.1:5000" }, environments: { staging }, stages: { deploy: { timeoutSeconds: 120 } }, ...top }))
}
