import { newTree, type Tree } from "./trees.js"

const SCRIPT = `import { check } from 'k6';
import http from 'k6/http';

export const operations = ['page', 'store'];

export default function visit(): void {
  const page = http.get(\`\${__ENV.BASE_URL}/\`, { tags: { operation: 'page' } });
  check(page, { 'the page greets': () => page.status === 200 && String(page.body).includes('hello') });
  const stored = http.post(\`\${__ENV.BASE_URL}/api\`, '{}', { tags: { operation: 'store' } });
  check(stored, { 'something is stored': () => stored.status === 201 });
}
`

/** A product of which only the load tests count: no service is built, its environments are addresses. */
export function loadTree(script = SCRIPT): Tree {
  const tree = newTree({ "pins.yaml": "pins.yaml", "charts/platform": "charts/platform" })
  tree.write("charts/visited/Chart.yaml", "apiVersion: v2\nname: visited\nversion: 1.0.0\n")
  tree.write("apps/visited/package.json", '{"name": "visited", "version": "1.0.0", "private": true, "license": "Apache-2.0", "scripts": {"test": "node --test"}}\n')
  tree.write("apps/visited/package-lock.json", '{"name": "visited", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {"": {"name": "visited", "version": "1.0.0", "license": "Apache-2.0"}}}\n')
  tree.write("apps/visited/Dockerfile", "FROM scratch\n")
  tree.write("perf/scenarios/visit.ts", script)
  tree.write("perf/budgets.json", '{"staging": {"p95Milliseconds": 1000, "errorRate": 0.01}}\n')
  return tree.write(
    "delivery.yaml",
    `version: 1
project: visited
chart: {path: charts/visited, release: visited}
services:
  visited: {path: apps/visited, toolchain: node, image: visited/visited, port: 8080}
environments:
  staging: {kubeconfig: KUBECONFIG_STAGING, allowPerf: true}
  production: {kubeconfig: KUBECONFIG_PRODUCTION, approval: required, baseUrl: "https://shop.example.org"}
perf: {path: perf}
`,
  )
}
