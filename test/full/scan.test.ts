// Scanners on a real engine: what they can reach, what stops a release, what of a database leaves no verdict.
import { describe, expect, it } from "vitest"
import { mirrorPort } from "../../airgap/lib/mirror.mjs"
import { wires } from "../../airgap/lib/network.mjs"
import { interfacesOf, NOTHING_FILE, NOTHING_PROGRAM, SANDBOX_ENDINGS, SANDBOX_NETWORK, sandboxDockerfile, sandboxScript } from "../../ci/src/core/scan/sandbox.js"
import { readEndings } from "../../ci/src/core/steps/endings.js"
import { call, closingLine, daggerw } from "../support/daggerw.js"
import { helloTree } from "../support/fixture.js"
import { newRun } from "../support/runs.js"
import type { Tree } from "../support/trees.js"

const SERVICE = "apps/hello"
const lock = (packages: Readonly<Record<string, string>>): string => {
  const entries = Object.entries(packages).map(([name, version]) => [`node_modules/${name}`, { version }])
  return `${JSON.stringify({ name: "hello", version: "1.0.0", lockfileVersion: 3, requires: true, packages: { "": { name: "hello", version: "1.0.0", license: "Apache-2.0", dependencies: packages }, ...Object.fromEntries(entries) } }, null, 2)}\n`
}
const manifest = (tree: Tree, dependencies: Readonly<Record<string, string>>): Tree => {
  const own = JSON.parse(tree.read(`${SERVICE}/package.json`)) as object
  return tree.write(`${SERVICE}/package.json`, `${JSON.stringify({ ...own, dependencies }, null, 2)}\n`).write(`${SERVICE}/package-lock.json`, lock(dependencies))
}
const PRIVILEGED = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - {name: c, image: debian, securityContext: {privileged: true}}\n"

const OPEN_PORT = `#tfsec:ignore:*
resource "aws_security_group" "open" {
  description = "ssh"
  ingress {
    description = "ssh"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"] # trivy:ignore:AWS-0107
  }
}
`

interface ScanCase {
  readonly what: string
  readonly tree: () => Tree
  readonly verdict: string
  readonly status: number
  readonly reason: RegExp
  readonly argv?: readonly string[]
}

const CASES: readonly ScanCase[] = [
  { what: "a planted CRITICAL dependency", tree: () => manifest(helloTree(), { minimist: "1.2.5" }), verdict: "failed", status: 1, reason: /^1 vulnerability of level high or worse: apps\/hello\/package-lock\.json:\d+: minimist 1\.2\.5: .*CVE-2021-44906/ },
  { what: "the dependency mended", tree: () => manifest(helloTree(), { minimist: "1.2.8" }), verdict: "passed", status: 0, reason: /^1 lock file, \d+ files of configuration; / },
  { what: "a privileged pod beside the chart", tree: () => helloTree().write("deploy/pod.yaml", PRIVILEGED), verdict: "failed", status: 1, reason: /misconfigurations? of level high or worse: deploy\/pod\.yaml/ },
  { what: "a privileged pod in the chart", tree: () => helloTree().write("charts/hello/templates/planted.yaml", PRIVILEGED), verdict: "failed", status: 1, reason: /charts\/hello\/templates\/planted\.yaml: .*rendered for local/ },
  { what: "a lock file that is cut off", tree: () => helloTree().write("tools/package-lock.json", '{ "lockfileVersion": 3, "packages": {'), verdict: "error", status: 2, reason: /^tools\/package-lock\.json: the scanner did not understand this lock file/ },
  { what: "that lock file left out", tree: () => helloTree().write("tools/package-lock.json", "{").edit("delivery.yaml", (config) => config.setIn(["scan", "exclude"], ["tools"])), verdict: "passed", status: 0, reason: /; not scanned: tools; / },
  { what: "an exception that is over", tree: () => manifest(helloTree(), { minimist: "1.2.5" }).edit("delivery.yaml", (config) => config.addIn(["scan", "exceptions"], config.createNode({ id: "GHSA-xvch-5gv4-984h", reason: "r", until: "2020-01-01" }))), verdict: "failed", status: 1, reason: /exception for GHSA-xvch-5gv4-984h expired on 2020-01-01/ },
  { what: "files that would switch the scanners off", tree: () => manifest(helloTree(), { minimist: "1.2.5" }).write(".trivyignore", "CVE-2021-44906\n").write("trivy.yaml", "severity: [LOW]\nexit-code: 0\n").write(".gitleaks.toml", '[allowlist]\npaths = [".*"]\n'), verdict: "failed", status: 1, reason: /CVE-2021-44906/ },
  { what: "words in a file that would take its findings out", tree: () => helloTree().write("infra/main.tf", OPEN_PORT), verdict: "failed", status: 1, reason: /^1 misconfiguration of level high or worse: infra\/main\.tf:9: / },
  { what: "a database that is not there", tree: () => helloTree().edit("delivery.yaml", (config) => config.setIn(["images", "trivy-db"], "http://127.0.0.1:9/no/database:2")), verdict: "error", status: 2, reason: /^there is no vulnerability database: fetching it ended with 1: / },
]

describe("scan-files", () => {
  it.each(CASES)("has a verdict on $what", async ({ tree, verdict, status, reason }) => {
    const run = newRun("scan")
    const ended = await call([`--source=${tree().path}`, `--run-id=${run.runId}`, "pipeline", "--only", "scan-files"], { limitSeconds: 900 })
    expect(run.stage("scan-files"), ended.output).toMatchObject({ verdict, reason: expect.stringMatching(reason) })
    expect(ended.status, ended.output).toBe(status)
  })
})

describe("scan-images", () => {
  const withOldPackage = () => helloTree().write(`${SERVICE}/node_modules_of_image/minimist/package.json`, '{"name":"minimist","version":"1.2.5"}\n')
  // The key is put together in the image: in the sources the scan of files would find it, and nothing would be packaged.
  const KEY = ["ghp", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"]
  const plant = `USER root\nCOPY node_modules_of_image /app/node_modules\nRUN printf 'token = "%s_%s"\\n' ${KEY.join(" ")} >/app/settings.txt\n`
  const copied = (tree: Tree): Tree => tree.write(`${SERVICE}/Dockerfile`, tree.read(`${SERVICE}/Dockerfile`).replace("USER ", `${plant}USER `))

  it("stops a push before the real registry hears of it", async () => {
    const run = newRun("scan-image")
    const ended = await call([`--source=${copied(withOldPackage()).path}`, `--run-id=${run.runId}`, "scan"], { limitSeconds: 1200 })
    expect(ended.status, ended.output).toBe(1)
    expect(run.stage("scan-images", "hello")).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/^1 vulnerability, 1 secret of level high or worse: .*CVE-2021-44906/) })
    expect(run.stage("scan-images", "hello").findings.filter(({ severity }) => severity === "critical").map(({ rule, file }) => [rule, file])).toEqual([["CVE-2021-44906", `${SERVICE}/Dockerfile`], ["github-pat", `${SERVICE}/Dockerfile`]])
    for (const file of ["run.json", "report.html", "scan/images/hello.json", "sarif/scan-images-hello.sarif", "logs/scan-images-hello.log"]) expect(run.text(file), file).not.toContain(KEY.join("_"))
    expect(run.has("sbom/hello.cdx.json")).toBe(true)
  })

  it("comes from the engine's cache when nothing changed", async () => {
    const tree = helloTree()
    await call([`--source=${tree.path}`, "scan"], { limitSeconds: 1200 })
    const run = newRun("scan-again")
    const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "scan"], { limitSeconds: 600 })
    expect(ended.status, ended.output).toBe(0)
    for (const row of [run.stage("scan-files"), run.stage("scan-images", "hello")]) expect(row).toMatchObject({ verdict: "passed", cached: true, reason: expect.stringMatching(/no network$/) })
  })

  it("refuses a sample of the database where something leaves the machine", async () => {
    const tree = helloTree().edit("delivery.yaml", (config) => config.setIn(["registry"], config.createNode({ address: "registry.invalid" })))
    const ended = await call([`--source=${tree.path}`, "--dirty=false", "push"], { limitSeconds: 1200 })
    expect(ended.status, ended.output).toBe(2)
    expect(closingLine(ended)).toMatch(/sample database, \d+ advisories, not a security statement: only environment local takes it/)
  })
})

describe("a process of the sandbox", () => {
  // The same attempt with and without the flag: the kit's mirror listens there, and containers reach it.
  const reach = { name: "reach", argv: ["bash", "-c", `exec 3<>/dev/tcp/${wires.engine.host}/${mirrorPort}`] }
  const write = { name: "write", argv: ["sh", "-c", "echo x >/delivery/input/planted"] }

  async function exitCodes(dockerfile: string): Promise<Readonly<Record<string, string>>> {
    const files = { Dockerfile: dockerfile, [NOTHING_FILE]: NOTHING_PROGRAM, "input/run": sandboxScript([reach, write], 20) }
    const word = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
    const added = Object.entries(files).map(([path, text]) => `with-new-file ${path} ${word(text)} --permissions ${0o755}`)
    const script = ["directory", ...added, "docker-build", "directory /delivery/output", "file"].join(" | ")
    const read = async (file: string): Promise<string> => {
      const ended = await daggerw(["-M", "-c", `${script} ${file} | contents`], { limitSeconds: 300 })
      expect(ended.status, ended.output).toBe(0)
      return ended.stdout
    }
    const ended = readEndings(await read(SANDBOX_ENDINGS))?.ended
    return { reach: `${ended?.get("reach")?.exitCode}`, said: ended?.get("reach")?.stderr ?? "", write: `${ended?.get("write")?.exitCode}`, network: await read(SANDBOX_NETWORK) }
  }

  it("reaches nobody and changes nothing that it was given", async () => {
    const inside = await exitCodes(sandboxDockerfile("debian:bookworm-slim"))
    expect(inside["reach"]).toMatch(/^[1-9]/)
    expect(inside["said"]).toMatch(/[Nn]etwork is unreachable/)
    expect(inside["write"]).toMatch(/^[1-9]/)
    expect(interfacesOf(inside["network"] ?? "")).toEqual([])
  })

  it("would reach somebody without the flag, so the attempt proves something", async () => {
    const outside = await exitCodes(sandboxDockerfile("debian:bookworm-slim").replace("--network=none ", ""))
    expect(outside["reach"]).toBe("0")
    expect(interfacesOf(outside["network"] ?? "")).toHaveLength(1)
  })
})
