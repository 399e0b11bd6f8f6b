import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { call, closingLine } from "../support/daggerw.js"
import { newRun } from "../support/runs.js"
import { newTree, type Tree } from "../support/trees.js"

interface LintCase {
  readonly what: string
  readonly plant: (tree: Tree) => Tree
  /** Of `lint`, or of `lint-files` where no service is named. */
  readonly service?: string
  readonly verdict: "passed" | "failed" | "error"
  readonly reason: RegExp
  /** `rule file:line` of the first finding. */
  readonly finding?: string
}

const FILES: Readonly<Record<string, string>> = {
  Dockerfile: "FROM debian:12\nCOPY app /app\nUSER 1000\n",
  "build/web.Dockerfile": "FROM debian:12\nUSER 1000\n",
  "config/app.yaml": "name: app\nports: [80, 443]\n",
  "config/ä b.yaml": "name: other\n",
  ".gitlab-ci.yml": "test:\n  script:\n    - echo test\n",
  ".circleci/config.yml": "version: 2.1\njobs:\n  test:\n    docker:\n      - image: cimg/base:2026.01\n    steps: [checkout]\n",
  ".github/workflows/ci.yml": "on: push\njobs:\n  test:\n    runs-on: our-runner\n    steps:\n      - run: echo test\n",
  ".github/actionlint.yaml": "self-hosted-runner:\n  labels: [our-runner]\n",
  "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
  "chart/values.yaml": "text: one\n",
  "chart/templates/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: map\ndata:\n  {{- range list 1 2 }}\n  key-{{ . }}: {{ $.Values.text }}\n  {{- end }}\n",
  "values-local.yaml": "text: two\n",
}

const filesTree = (): Tree => {
  const tree = newTree({ "pins.yaml": "pins.yaml" })
  for (const [file, text] of Object.entries(FILES)) tree.write(file, text)
  return tree.write("docs/page.txt", "A page.\n").write("delivery.yaml", `version: 1
project: lint-files
chart: {path: chart, release: shop}
services:
  docs: {path: docs, toolchain: plain, dockerfile: Dockerfile, image: shop/docs, port: 8080, commands: {lint: [test, -s, page.txt]}}
environments:
  local: {values: [values-local.yaml]}
`)
}

const CASES_OF_FILES: readonly LintCase[] = [
  { what: "a clean tree", plant: (tree) => tree, verdict: "passed", reason: /^2 Dockerfiles, 11 YAML files, 3 CI files, 1 chart$/ },
  { what: "files that delivery.yaml leaves out", plant: (tree) => tree.write("samples/broken.yaml", "a: [1\nb: 2\n").write("delivery.yaml", `${tree.read("delivery.yaml")}lint: {exclude: ["samples/**"]}\n`), verdict: "passed", reason: /^2 Dockerfiles, 11 YAML files, 3 CI files, 1 chart, 1 file left out \(lint\.exclude\)$/ },
  { what: "hadolint: a Dockerfile without a tag", plant: (tree) => tree.write("build/web.Dockerfile", "FROM debian\n"), verdict: "failed", reason: /^1 finding: build\/web\.Dockerfile:1 Always tag/, finding: "DL3006 build/web.Dockerfile:1" },
  { what: "hadolint: a Dockerfile that is none", plant: (tree) => tree.write("Dockerfile", "FROM debian:12\nRUM x\n"), verdict: "failed", reason: /^1 finding: Dockerfile:2 unexpected 'R'/, finding: "syntax Dockerfile:2" },
  { what: "hadolint: a rule that the repository ignores", plant: (tree) => tree.write("build/web.Dockerfile", "FROM debian\n").write("build/.hadolint.yaml", "ignored: [DL3006]\n"), verdict: "passed", reason: /^2 Dockerfiles/ },
  { what: "hadolint: a broken configuration", plant: (tree) => tree.write(".hadolint.yaml", "ignored: {\n"), verdict: "error", reason: /could not run: Error parsing your config file/ },
  { what: "yamllint: one key twice", plant: (tree) => tree.write("config/ä b.yaml", "a: 1\nb: 2\na: 3\n"), verdict: "failed", reason: /^1 finding: config\/ä b\.yaml:3 duplication of key "a"/, finding: "key-duplicates config/ä b.yaml:3" },
  { what: "yamllint: broken syntax", plant: (tree) => tree.write("config/app.yaml", "a: [1\nb: 2\n"), verdict: "failed", reason: /^1 finding: config\/app\.yaml:2 syntax error/, finding: "syntax config/app.yaml:2" },
  { what: "yamllint: a rule that the repository has set", plant: (tree) => tree.write(".yamllint.yml", "rules: {brackets: {forbid: true}}\nignore: [.circleci, .github, delivery.yaml, pins.yaml, .yamllint.yml]\n"), verdict: "failed", reason: /config\/app\.yaml:2 forbidden flow sequence/, finding: "brackets config/app.yaml:2" },
  { what: "yamllint: a broken configuration", plant: (tree) => tree.write(".yamllint", "rules: {nope: enable}\n"), verdict: "error", reason: /could not run: invalid config: no such rule: "nope"/ },
  { what: "check-jsonschema: a job of GitLab with a misspelt key", plant: (tree) => tree.write(".gitlab-ci.yml", "test:\n  script: echo\n  scrpt: echo\n"), verdict: "failed", reason: /^1 finding: \.gitlab-ci\.yml \$\.test: .*'scrpt' was unexpected/, finding: "schema .gitlab-ci.yml:1" },
  { what: "check-jsonschema: an image of CircleCI that is a number", plant: (tree) => tree.write(".circleci/config.yml", "version: 2.1\njobs:\n  a:\n    docker:\n      - image: 3\n"), verdict: "failed", reason: /^1 finding: \.circleci\/config\.yml /, finding: "schema .circleci/config.yml:5" },
  { what: "actionlint: a property that does not exist", plant: (tree) => tree.write(".github/workflows/ci.yml", `${FILES[".github/workflows/ci.yml"]}      - run: echo \${{ matrix.nope }}\n`), verdict: "failed", reason: /^1 finding: \.github\/workflows\/ci\.yml:7 property "nope" is not defined/, finding: "expression .github/workflows/ci.yml:7" },
  { what: "actionlint: a broken configuration", plant: (tree) => tree.write(".github/actionlint.yaml", "self-hosted-runner: 3\n"), verdict: "error", reason: /could not run: could not parse config file/ },
  { what: "helm: a function that does not exist", plant: (tree) => tree.write("chart/templates/map.yaml", "a: {{ nope }}\n"), verdict: "failed", reason: /^1 finding: chart\/templates\/map\.yaml:1 .*function "nope" not defined/, finding: "helm chart/templates/map.yaml:1" },
  { what: "helm: an environment's value that the chart's schema refuses", plant: (tree) => tree.write("chart/values.schema.json", `{"properties": {"text": {"type": "string"}}}`).write("values-local.yaml", "text: 2\n"), verdict: "failed", reason: /at '\/text': got number, want string/ },
]

const servicesTree = (): Tree =>
  newTree({ "pins.yaml": "pins.yaml" })
    .write("web/package.json", `{"name": "web", "version": "1.0.0", "private": true, "type": "module", "scripts": {"lint": "eslint . && prettier --check src && tsc --noEmit"}}\n`)
    .write("web/package-lock.json", `{"name": "web", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "web", "version": "1.0.0"}}}\n`)
    .write("web/eslint.config.js", `export default [{ files: ["src/**/*.js"], rules: { "no-debugger": "error" } }]\n`)
    .write("web/tsconfig.json", `{"compilerOptions": {"allowJs": true, "checkJs": true, "noEmit": true, "types": []}, "include": ["src"]}\n`)
    .write("web/src/a.js", "export const a = 1;\n")
    .write("api/requirements.txt", "")
    .write("api/app/a.py", "a = 1\n")
    .write("delivery.yaml", `version: 1
project: lint-services
services:
  web:
    path: web
    toolchain: node
    commands:
      install: [npm, install, --no-save, --no-audit, --no-fund, --ignore-scripts, eslint@10.15.0, prettier@3.6.2, typescript@5.9.3]
  api:
    path: api
    toolchain: python
    commands:
      install:
        - [python3, -m, venv, /venv]
        - [/venv/bin/pip, install, ruff==0.14.4, black==25.11.0, flake8==7.3.0, mypy==1.18.2]
      lint:
        - [/venv/bin/ruff, check, app]
        - [/venv/bin/black, --check, app]
        - [/venv/bin/flake8, app]
        - [/venv/bin/mypy, app]
`)

const CASES_OF_SERVICES: readonly LintCase[] = [
  { what: "clean JavaScript", plant: (tree) => tree, service: "web", verdict: "passed", reason: /^$/ },
  { what: "eslint: a finding", plant: (tree) => tree.write("web/src/a.js", "debugger;\n"), service: "web", verdict: "failed", reason: /^1 finding: web\/src\/a\.js:1 Unexpected 'debugger'/, finding: "no-debugger web/src/a.js:1" },
  { what: "eslint: a broken configuration", plant: (tree) => tree.write("web/eslint.config.js", "export default [{ rules: { nope: 7 } }]\n"), service: "web", verdict: "error", reason: /npm run lint could not run: / },
  { what: "prettier: a finding", plant: (tree) => tree.write("web/src/a.js", "export const  a = 1\n"), service: "web", verdict: "failed", reason: /^1 finding: web\/src\/a\.js is not formatted/, finding: "prettier web/src/a.js" },
  { what: "prettier: a broken configuration", plant: (tree) => tree.write("web/.prettierrc", "{"), service: "web", verdict: "error", reason: /npm run lint could not run: / },
  { what: "tsc: a finding", plant: (tree) => tree.write("web/src/a.js", "export const a = nope;\n"), service: "web", verdict: "failed", reason: /^1 finding: web\/src\/a\.js:1 Cannot find name 'nope'/, finding: "TS2304 web/src/a.js:1" },
  { what: "tsc: a broken configuration", plant: (tree) => tree.write("web/tsconfig.json", `{"compilerOptions": {"allowJs": true, "strct": true}, "include": ["src"]}\n`), service: "web", verdict: "error", reason: /could not run: tsconfig\.json\(1,\d+\): error TS5025/ },
  { what: "npm: no such script", plant: (tree) => tree.write("web/package.json", `{"name": "web", "version": "1.0.0", "private": true, "type": "module", "scripts": {"build": "true"}}\n`).edit("delivery.yaml", (config) => config.setIn(["services", "web", "commands", "lint"], ["npm", "run", "lint"])), service: "web", verdict: "error", reason: /npm run lint could not run: Missing script: "lint"/ },
  { what: "clean Python", plant: (tree) => tree, service: "api", verdict: "passed", reason: /^$/ },
  { what: "ruff and flake8: a finding", plant: (tree) => tree.write("api/app/a.py", "import os\n"), service: "api", verdict: "failed", reason: /^2 findings: api\/app\/a\.py:1 .*`os` imported but unused/, finding: "F401 api/app/a.py:1" },
  { what: "ruff: a broken configuration", plant: (tree) => tree.write("api/ruff.toml", "[lint\n"), service: "api", verdict: "error", reason: /could not run: Cause: Failed to/ },
  { what: "black: a finding", plant: (tree) => tree.write("api/app/a.py", "a = {'b': 1}\n"), service: "api", verdict: "failed", reason: /^1 finding: api\/app\/a\.py would be reformatted/, finding: "black api/app/a.py" },
  { what: "black: a broken configuration", plant: (tree) => tree.write("api/pyproject.toml", "[tool.black]\nline-length = 'many'\n"), service: "api", verdict: "error", reason: /black --check app could not run/ },
  { what: "flake8: a broken configuration", plant: (tree) => tree.write("api/.flake8", "[flake8]\nmax-line-length = many\n"), service: "api", verdict: "error", reason: /flake8 app could not run: ValueError/ },
  { what: "mypy: a finding", plant: (tree) => tree.write("api/app/a.py", "a: str = 1\n"), service: "api", verdict: "failed", reason: /^1 finding: api\/app\/a\.py:1 Incompatible types/, finding: "assignment api/app/a.py:1" },
  { what: "mypy: a broken configuration", plant: (tree) => tree.write("api/mypy.ini", "nothing\n"), service: "api", verdict: "error", reason: /mypy app could not run: .*no section headers/ },
]

const STATUS = { passed: 0, failed: 1, error: 2 }

/** Every file with the hash of what it holds. */
function contents(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${join(entry.parentPath, entry.name)} ${createHash("sha256").update(readFileSync(join(entry.parentPath, entry.name))).digest("hex")}`)
    .sort()
}

async function expectVerdict(tree: Tree, { service, verdict, reason, finding }: LintCase): Promise<void> {
  const before = contents(tree.path)
  const run = newRun("lint")
  const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "lint", ...(service === undefined ? [] : ["--services", service])])
  const row = service === undefined ? run.stage("lint-files") : run.stage("lint", service)
  expect([row.verdict, row.reason], ended.output).toEqual([verdict, expect.stringMatching(reason)])
  expect(ended.status, ended.output).toBe(STATUS[verdict])
  expect(closingLine(ended)).toMatch(new RegExp(`^lint: ${verdict} — `))
  const [first] = row.findings
  if (finding !== undefined) expect(`${first?.rule} ${first?.file}${first?.line == null ? "" : `:${first.line}`}`).toBe(finding)
  expect(run.has(service === undefined ? "sarif/lint-files.sarif" : `sarif/lint-${service}.sarif`)).toBe(true)
  expect((JSON.parse(run.text("codequality.json")) as unknown[]).length).toBe(row.findings.length)
  expect(contents(tree.path)).toEqual(before)
}

describe("lint-files", () => {
  it.each(CASES_OF_FILES)("$verdict: $what", async (each) => expectVerdict(each.plant(filesTree()), each))

  it("takes delivery.yaml for YAML too, where there is nothing else", async () => {
    const tree = newTree({}).write("docs/page.txt", "A page.\n").write("delivery.yaml", "version: 1\nproject: text\nservices:\n  docs: {path: docs, toolchain: plain, commands: {lint: [test, -s, page.txt]}}\n")
    const run = newRun("lint")
    const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "lint"])
    expect(ended.status, ended.output).toBe(0)
    expect(run.stage("lint-files")).toMatchObject({ verdict: "passed", reason: "1 YAML file" })
  })
})

describe("lint of services", () => {
  it.each(CASES_OF_SERVICES)("$verdict: $what", async (each) => expectVerdict(each.plant(servicesTree()), each))
})
