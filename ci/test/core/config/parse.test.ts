import { describe, expect, it } from "vitest"
import { problemsOf, shop, SHOP } from "../support.js"

/** The example with one line put in the place of another. */
const changed = (from: string, to: string): string => {
  if (!SHOP.includes(from)) throw new Error(`the example has no ${from}`)
  return SHOP.replace(from, to)
}

describe("a complete configuration", () => {
  it("has every default", async () => {
    const config = await shop()
    const { recipe, ...api } = config.services["api"] ?? {}
    expect(recipe).toMatchObject({ imageKey: "python", auditReport: "pip-audit", root: "apps/api" })
    expect(api).toEqual({
      name: "api",
      path: "apps/api",
      toolchain: "python",
      commands: {},
      buildImage: null,
      dockerfile: "apps/api/Dockerfile",
      context: "apps/api",
      image: "shop/api",
      port: 3000,
      health: "/health/live",
      ready: "/health/ready",
      metrics: "/metrics",
      routes: [],
      dependsOn: [],
      env: {},
      canary: { env: {} },
      tests: {
        junit: "reports/junit.xml",
        lcov: "reports/coverage/lcov.info",
        cobertura: "reports/coverage/cobertura-coverage.xml",
        minimumCoveragePercent: null,
        minimumChangedCoveragePercent: null,
        none: false,
        flakyRetries: 0,
        shards: 1,
        services: {},
      },
      smoke: [],
      startSeconds: 30,
      platforms: [],
      artifacts: null,
    })
    expect(config.environments["dev"]).toEqual({
      name: "dev",
      kubeconfig: "KUBECONFIG_DEV",
      namespace: "shop-dev",
      values: [],
      baseUrl: null,
      prometheus: null,
      strategy: { kind: "rolling" },
      approval: "none",
      budgets: { p95Ms: null, p99Ms: null, errorRate: null, minimumRequests: null },
      requires: [],
      allowPerf: false,
      owner: "helm",
    })
    expect(config.audit).toEqual({ level: "high", onUnavailable: "fail", exceptions: [] })
    expect(config.stages["build"]).toEqual({ timeoutSeconds: 900, retries: 0, maxParallel: 0 })
    expect(config).toMatchObject({ registry: null, sonar: null, notify: null, policies: null, terraform: null, images: {} })
  })

  it("has `local` as the first environment though nobody wrote it", async () => {
    const { environments } = await shop()
    expect(Object.keys(environments)).toEqual(["local", "dev", "staging", "production"])
    expect(environments["local"]).toMatchObject({ kubeconfig: null, namespace: "shop-local", allowPerf: true })
  })

  it("keeps one written limit of a stage beside the other's default", async () => {
    const { stages } = await shop((text) => `${text}stages: {audit: {timeoutSeconds: 5}}\n`)
    expect(stages["audit"]).toEqual({ timeoutSeconds: 5, retries: 1, maxParallel: 0 })
  })

  it("takes one command or a list of commands", async () => {
    const one = await shop((text) => text.replace("    port: 3000", '    port: 3000\n    commands: {lint: [ruff, check], test: [[a], [b, c]]}'))
    expect(one.services["api"]?.commands).toEqual({ lint: [["ruff", "check"]], test: [["a"], ["b", "c"]] })
  })

  it("turns numbers in `env` into texts", async () => {
    const config = await shop((text) => text.replace("    port: 3000", "    port: 3000\n    env: {FAULT_LATENCY_MS: 100, ON: true}"))
    expect(config.services["api"]?.env).toEqual({ FAULT_LATENCY_MS: "100", ON: "true" })
  })

  it("fills a smoke check", async () => {
    const config = await shop((text) => text.replace("    port: 3000", "    port: 3000\n    smoke: [{path: /x}]"))
    expect(config.services["api"]?.smoke).toEqual([
      { name: "GET /x", method: "GET", path: "/x", body: null, status: 200, contains: null, json: {}, headers: {}, maximumLatencyMs: 2000 },
    ])
  })

})

describe("a wrong configuration is refused with its line", () => {
  it.each<[string, string, string]>([
    ["an unknown key", changed("    port: 8080", "    port: 8080\n    rutes: [/]"), "delivery.yaml:10: services.web.rutes: expected a known key, got unknown key `rutes`. Did you mean `routes`?"],
    ["an unknown section", `${SHOP}enviroments: {}\n`, "delivery.yaml:22: enviroments: expected a known key, got unknown key `enviroments`. Did you mean `environments`?"],
    ["a missing key", changed("    port: 8080\n", ""), "delivery.yaml:5: services.web: expected the key `port`, or a Dockerfile that exposes one, got neither. Add `port`: the chart sends requests there."],
    ["a wrong type", changed("8080", '"80a"'), 'delivery.yaml:9: services.web.port: expected a whole number from 1 to 65535, got "80a". Port that the service listens on. Default: the one that its Dockerfile exposes.'],
    ["a port that is too high", changed("8080", "70000"), "delivery.yaml:9: services.web.port: expected a whole number from 1 to 65535, got 70000. Port that the service listens on. Default: the one that its Dockerfile exposes."],
    ["a toolchain with a typo", changed("toolchain: node", "toolchain: nod"), 'delivery.yaml:7: services.web.toolchain: expected one of node, python, plain, got "nod". Did you mean `node`?'],
    ["a port used twice", changed("port: 3000", "port: 8080"), "delivery.yaml:16: services.api.port: expected a port of its own, got 8080, which `web` has too. Give `api` another one."],
    ["an image used twice", changed("image: shop/api", "image: shop/web"), "delivery.yaml:15: services.api.image: expected an image of its own, got shop/web, which `web` has too. Give `api` another one."],
    ["a route used twice", changed("    port: 3000", "    port: 3000\n    routes: [/]"), "delivery.yaml:17: services.api.routes.0: expected a route of its own, got /, which `web` has too. Give `api` another one."],
    ["an unknown dependency", changed("[api]", "[apj]"), "delivery.yaml:11: services.web.dependsOn.0: expected the name of another service, got unknown service `apj`. Did you mean `api`?"],
    ["a dependency on itself", changed("[api]", "[web]"), "delivery.yaml:11: services.web.dependsOn.0: expected the name of another service, got the service itself. Known: api."],
    ["a circle of dependencies", changed("    port: 3000", "    port: 3000\n    dependsOn: [web]"), "delivery.yaml:11: services.web.dependsOn: expected no circle of dependencies, got a circle through `web`, `api`. Remove one of them."],
    ["no service", SHOP.replace(/services:[\s\S]*environments:/, "services: {}\nenvironments:"), "delivery.yaml:4: services: expected at least one entry, got none. The services, by name."],
    ["an absolute path", changed("path: apps/web", "path: /etc"), 'delivery.yaml:6: services.web.path: expected a relative path without `..`, got "/etc". Folder of the service\'s sources.'],
    ["a path that leaves the repository", changed("path: apps/web", "path: apps/../../x"), 'delivery.yaml:6: services.web.path: expected a relative path without `..`, got "apps/../../x". Folder of the service\'s sources.'],
    ["an image with a tag", changed("shop/web", "shop/web:1"), 'delivery.yaml:8: services.web.image: expected an image name without registry, tag or digest, such as shop/backend, got "shop/web:1". Name of the image in the registry, without registry, tag or digest. Default: project and service, joined by a slash.'],
    ["a service name with capitals", changed("  web:", "  Web:"), "delivery.yaml:5: services.Web: expected a name of small letters, digits and dashes that starts with a letter (at most 40), got `Web`. Rename it."],
    ["a shell line as a command", changed("    port: 8080", "    port: 8080\n    commands: {lint: npm run lint}"), 'delivery.yaml:10: services.web.commands.lint: expected a command such as ["npm", "run", "lint"], or a list of such commands, got "npm run lint". Replaces what the toolchain runs for `lint`.'],
    ["a mixture of words and commands", changed("    port: 8080", "    port: 8080\n    commands: {lint: [npm, [run]]}"), 'delivery.yaml:10: services.web.commands.lint.1: expected a command such as ["npm", "run", "lint"], or a list of such commands, got a list. Correct it.'],
    ["an environment without a kubeconfig", changed("{kubeconfig: KUBECONFIG_DEV}", "{}"), "delivery.yaml:18: environments.dev: expected the key `kubeconfig`, got nothing. Add `kubeconfig: KUBECONFIG_DEV`."],
    ["a kubeconfig for local", changed("  dev:", "  local: {kubeconfig: K}\n  dev:"), "delivery.yaml:18: environments.local.kubeconfig: expected no `kubeconfig`, for the cluster of `local` lives inside the call, got `K`. Remove it, or give the environment another name."],
    ["an approval for local", changed("  dev:", "  local: {approval: required}\n  dev:"), "delivery.yaml:18: environments.local.approval: expected no `approval`, for the cluster of `local` lives inside the call, got `required`. Remove it, or give the environment another name."],
    ["a secret in the place of a credential's name", changed("KUBECONFIG_DEV", "eyJhbGciOiJIUzI1NiJ9"), "delivery.yaml:18: environments.dev.kubeconfig: expected the NAME of a credential in capitals, such as KUBECONFIG_STAGING, never its value, got a value not shown here, for it may be a secret. Name of the credential that holds the kubeconfig; not for `local`."],
    ["a required stage with a typo", changed("requires: [lint, test]", "requires: [lint, tests]"), `delivery.yaml:20: environments.production.requires.1: expected one of lint, lint-files, charts-check, audit, scan-files, sast, build, test, sonar, package, scan-images, scan-chart-images, sign, push, deploy-plan, deploy, canary, switch, smoke, perf, notify, got "tests". Did you mean \`test\`?`],
    ["an unknown strategy", changed("KUBECONFIG_DEV}", "KUBECONFIG_DEV, strategy: big-bang}"), 'delivery.yaml:18: environments.dev.strategy: expected `rolling`, `{canary: {…}}` or `{blueGreen: {…}}`, got "big-bang". Known: rolling.'],
    ["a canary without a routed service", changed("    routes: [/]\n", "").replace("KUBECONFIG_DEV}", "KUBECONFIG_DEV, strategy: {blueGreen: {}}}"), "delivery.yaml:17: environments.dev.strategy: expected at least one service with `routes`, got `blueGreen` with none. Give a service `routes`, or use `rolling`."],
    ["two strategies at once", changed("KUBECONFIG_DEV}", "KUBECONFIG_DEV, strategy: {blueGreen: {}, canary: {steps: [{weightPercent: 10, holdSeconds: 1}], queries: {e: {query: up, maximum: 1}}}}}"), "delivery.yaml:18: environments.dev.strategy: expected `rolling`, `{canary: {…}}` or `{blueGreen: {…}}`, got a mapping. Correct it."],
    ["two environments in one place", changed("KUBECONFIG_DEV}", "KUBECONFIG_DEV, namespace: a}\n  dev2: {kubeconfig: KUBECONFIG_DEV, namespace: a}"), "delivery.yaml:19: environments.dev2.namespace: expected a place of its own, got the namespace and kubeconfig of `dev`. The two would overwrite each other: change one of them."],
    ["half a registry account", `${SHOP}registry: {address: ghcr.io/shop, username: REGISTRY_USER}\n`, "delivery.yaml:22: registry: expected `username` and `password` together, got no `password`. Add `password`, or remove the other."],
    ["a registry with a scheme", `${SHOP}registry: {address: "https://ghcr.io"}\n`, 'delivery.yaml:22: registry.address: expected a registry without scheme, such as ghcr.io/shop, got "https://ghcr.io". Host and path that image names are put behind, without scheme.'],
    ["an image override without a tag", `${SHOP}images: {node: node}\n`, 'delivery.yaml:22: images.node: expected an image with a tag or digest, such as node:24-bookworm-slim, got "node". Image with tag or digest.'],
    ["limits of an unknown stage", `${SHOP}stages: {biuld: {retries: 1}}\n`, "delivery.yaml:22: stages.biuld: expected a known key, got unknown key `biuld`. Did you mean `build`?"],
    ["another version", changed("version: 1", "version: 2"), "delivery.yaml:1: version: expected `1`, got 2. Version of this format."],
    ["a file that is no mapping", "- a\n", "delivery.yaml:1: expected a mapping, got a list. What is delivered, where to and how. Generated from ci/src/core/config: run `npm run generate`."],
    ["a key written twice", changed("project: shop", "project: shop\nproject: other"), "delivery.yaml:3: expected valid YAML, got Map keys must be unique. Correct the syntax."],
    ["an empty file", "", "delivery.yaml:1: expected a mapping, got nothing. What is delivered, where to and how. Generated from ci/src/core/config: run `npm run generate`."],
  ])("%s", async (_, text, message) => {
    expect(await problemsOf(text)).toEqual([message])
  })

  it("all at once, in the order of the file, of every kind", async () => {
    const text = changed("8080", '"x"').replace("[api]", "[apj]").replace("KUBECONFIG_DEV", "secret").replace("project: shop\n", "")
    expect(await problemsOf(`${text}nottify: {}\n`)).toEqual([
      expect.stringContaining("delivery.yaml:1: expected the key `project`"),
      expect.stringContaining("delivery.yaml:8: services.web.port: expected a whole number"),
      expect.stringContaining("delivery.yaml:10: services.web.dependsOn.0: expected the name of another service"),
      expect.stringContaining("delivery.yaml:17: environments.dev.kubeconfig: expected the NAME"),
      expect.stringContaining("delivery.yaml:21: nottify: expected a known key"),
    ])
  })

  it("with every syntax error", async () => {
    expect(await problemsOf("a: [1\nb: {c\n")).not.toHaveLength(0)
  })
})
