// What other people's repositories hold: each fault has its own verdict and words, and reports come out.
import { randomBytes } from "node:crypto"
import { createServer, type Server } from "node:http"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { wires } from "../../airgap/lib/network.mjs"
import { call, daggerw, startCall } from "../support/daggerw.js"
import { checkEnding, type Ending } from "../support/endings.js"
import { foreignTree, npmFiles } from "../support/foreign.js"
import { awaitProcesses } from "../support/processes.js"
import { newRun } from "../support/runs.js"
import { newTree, type Tree } from "../support/trees.js"
import { openUploadMeter } from "../support/upload-meter.mjs"

const { stdout: which } = await daggerw(["--which"])
const isKit = which.startsWith("engine: kit")

const app = { app: { path: "app" } }
const EVEN = { "node_modules/is-even": { version: "1.0.0", resolved: "https://registry.npmjs.org/is-even/-/is-even-1.0.0.tgz", integrity: "sha512-LEhnkAdJqic4Dbqn58A0y52IXoHWlsueqQkKfMfdEnIYG8A1sm/GHidKkS6yvXlMoRrkM34csHnXQtOqcb+Jzg==" } }
const UV_PROJECT = (dependency: string) => `[project]\nname = "app"\nversion = "1.0.0"\nrequires-python = ">=3.11"\ndependencies = ["${dependency}"]\n`
const UV_LOCK = `version = 1\nrequires-python = ">=3.11"\n\n[[package]]\nname = "app"\nversion = "1.0.0"\nsource = { virtual = "." }\n`

const INPUTS: readonly Ending[] = [
  {
    what: "a lock file that is missing",
    tree: () => foreignTree(app, npmFiles("app")).remove("app/package-lock.json"),
    argv: ["test"],
    status: 2,
    row: ["configuration", "error", /app\/package\.json:1: .*expected a lock file beside it: .*, got none\. Run `npm install --package-lock-only`/],
  },
  {
    what: "a package-lock.json that is out of step with package.json",
    tree: () => foreignTree(app, npmFiles("app", { "is-odd": "3.0.1" })),
    argv: ["test"],
    status: 1,
    row: ["test", "failed", /^app: dependencies were not installed: npm ci .*: the lock file is missing or does not fit its manifest.*Missing: is-odd@3\.0\.1 from lock file/s],
  },
  {
    what: "a uv.lock that is out of step with pyproject.toml",
    tree: () => foreignTree({ app: { path: "app", commands: { lint: ["python3", "--version"] } } }, { "app/pyproject.toml": UV_PROJECT("six==1.17.0"), "app/uv.lock": UV_LOCK }),
    argv: ["lint"],
    status: 1,
    row: ["lint", "failed", /^app: dependencies were not installed: .*: the lock file is missing or does not fit its manifest/s],
  },
  {
    what: "a version of Node that the pinned image turns out not to have",
    tree: () => {
      const tree = foreignTree(app, npmFiles("app"))
      return tree.write("app/package.json", JSON.stringify({ ...(JSON.parse(tree.read("app/package.json")) as object), engines: { node: ">=24.99 <25" } }))
    },
    argv: ["test"],
    status: 2,
    row: ["test", "error", /^app: expected engines\.node >=24\.99 <25 in app\/package\.json, got v24\.\d+\.\d+ in the image of pins\.yaml\. Pin a newer image there/],
  },
  {
    what: "a circular dependsOn",
    tree: () => foreignTree({ one: { path: "app", dependsOn: ["two"] }, two: { path: "app", dependsOn: ["three"] }, three: { path: "app", dependsOn: ["one"] } }, npmFiles("app")),
    argv: ["test"],
    status: 2,
    row: ["configuration", "error", /dependsOn: expected no circle of dependencies, got a circle through `one`, `two`, `three`/],
  },
  {
    what: "binary rubbish as package.json",
    tree: () => foreignTree(app, npmFiles("app")).write("app/package.json", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 0xff, 0xfe, 0xc3, 0x28, 0x1b, 0x5b, 0x33])),
    argv: ["test"],
    status: 2,
    row: ["configuration", "error", /app\/package\.json:1: expected /],
  },
  {
    what: "a repository without delivery.yaml",
    tree: () => newTree({}),
    argv: ["lint"],
    status: 2,
    row: ["configuration", "error", /^delivery\.yaml: not found at the root of the checkout\. `\.\/daggerw call init` writes one/],
  },
  {
    what: "a path with spaces and letters of other alphabets",
    tree: () => foreignTree({ app: { path: "apps/mein dienst ü" } }, npmFiles("apps/mein dienst ü")),
    argv: ["lint"],
    status: 0,
    row: ["lint", "passed", /^/],
  },
]

describe("what other people's repositories hold", () => {
  it.each(INPUTS)("ends with its own verdict and message: $what", checkEnding)
})

const SERVER = (answer: string) => `require("http").createServer((request, response) => { ${answer} }).listen(process.env.PORT, () => console.log("listening on", process.env.PORT, process.env.GREETING))\n`
/** Nothing is compiled, so that only the start counts. */
const started = (server: string, service: object = {}) => (): Tree =>
  foreignTree({ app: { path: "app", toolchain: "plain", buildImage: "node", port: 8080, startSeconds: 5, commands: { start: ["node", "server.js"] }, env: { GREETING: "from delivery.yaml" }, ...service } }, { "app/server.js": server })
const build = (what: string, tree: () => Tree, status: number, verdict: string, reason: RegExp): Ending => ({ what, tree, argv: ["build"], status, row: ["build", verdict, reason] })

// Debian's slim image has perl-base, and neither node nor python, nor bash's friends curl and wget.
const PERL = `use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => $ENV{PORT}, Listen => 5, ReuseAddr => 1); while (my $c = $s->accept) { my $l = <$c>; print "asked $l"; print $c "HTTP/1.0 200 OK\r\n\r\nok"; close $c }\n`

const STARTS: readonly Ending[] = [
  build("answers", started(SERVER("response.end()")), 0, "passed", /^answered \/health\/live after \d+\.\d s$/),
  build("is python", started("", { buildImage: "python", health: "/", commands: { start: ["sh", "-c", "exec python3 -m http.server $PORT"] } }), 0, "passed", /^answered \/ after/),
  build("stands in an image with neither node nor python", () => foreignTree({ app: { path: "app", toolchain: "plain", port: 9000, commands: { start: ["perl", "server.pl"] } } }, { "app/server.pl": PERL }), 0, "passed", /^answered/),
  build("starts and exits 0", started(`console.log("nothing to do, good bye")\n`), 1, "failed", /node server\.js starts and exits 0 .*nothing to do, good bye/s),
  build("crashes", started(`throw new Error("no database")\n`), 1, "failed", /node server\.js starts and exits 1 .*Error: no database/s),
  build("answers another status", started(SERVER("response.writeHead(request.url === '/health/live' ? 503 : 200).end()")), 1, "failed", /did not answer GET \/health\/live on port 8080 with 200 within 5 s: status 503.*listening on 8080 from delivery\.yaml/s),
  build("listens on another port", started(SERVER("response.end()").replace("process.env.PORT,", "9999,")), 1, "failed", /nothing listens on this port, but on 9999/),
  build("never listens", started(`console.log("thinking"); setInterval(() => 0, 1000)\n`), 1, "failed", /nothing listens on this port\. .*thinking/s),
  build("has a command that is not there", started("", { commands: { start: ["no-such-server"] } }), 2, "error", /no-such-server was not found in the image/),
]

describe("a service that is started after its build", () => {
  it.each(STARTS)("$what", checkEnding)

  it("leaves what was built, and its log", async () => {
    const tree = foreignTree({ app: { path: "app", toolchain: "plain", commands: { build: ["sh", "-c", "mkdir -p out/deep && echo built >out/deep/file && echo one >single"] }, artifacts: ["out", "single"] } }, { "app/README.md": "" })
    const run = newRun("artifacts")
    const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "build"])
    expect(ended.status, ended.output).toBe(0)
    expect(run.text("artifacts/app/out/deep/file")).toBe("built\n")
    expect(run.text("artifacts/app/single")).toBe("one\n")
    expect(run.has("artifacts/app/README.md")).toBe(false)
    expect(run.stage("build").evidence).toEqual(["logs/build-app.log", "artifacts/app"])
  })
})

describe.runIf(isKit)("a private registry", () => {
  let registry: Server
  let asked = 0
  beforeAll(async () => {
    registry = createServer((_, answer) => {
      asked += 1
      answer.writeHead(401, { "content-type": "application/json", "www-authenticate": 'Basic realm="packages"' }).end('{"error":"who are you?"}')
    })
    await new Promise<void>((resolve) => registry.listen(0, "0.0.0.0", resolve))
  })
  afterAll(() => void registry.close())

  it("that wants credentials is an error that says so", async () => {
    const address = registry.address() as { port: number }
    const tree = foreignTree(app, { ...npmFiles("app", { "is-even": "1.0.0" }, EVEN), "app/.npmrc": `registry=http://${wires.engine.host}:${address.port}/\n` })
    await checkEnding({ what: "", tree: () => tree, argv: ["test"], status: 2, row: ["test", "error", /^app: dependencies were not installed: .*: a package registry wants credentials, and none were given/s] })
    expect(asked).toBeGreaterThan(0)
  })
})

describe.runIf(isKit)("what lies around in a repository", () => {
  it("is never uploaded: 200 MB in node_modules", async () => {
    const tree = foreignTree(app, npmFiles("app"))
    for (let index = 0; index < 200; index += 1) tree.write(`app/node_modules/package-${index % 20}/file-${index}.js`, randomBytes(1 << 19).toString("hex"))
    // The engine and its module are there before anything is counted.
    expect((await call([`--source=${newTree({}).path}`, "lint"])).status).toBe(2)
    const meter = await openUploadMeter()
    try {
      const ended = await call(["--images=mirror", `--source=${tree.path}`, "lint"], { env: meter.env })
      expect(ended.status, ended.output).toBe(0)
      expect(meter.sentBytes()).toBeGreaterThan(10_000)
      expect(meter.sentBytes()).toBeLessThan(20_000_000)
    } finally {
      meter.close()
    }
  })
})

describe("what a change of the sources does", () => {
  it("runs the check again and installs nothing again; without a change nothing runs", async () => {
    const tree = foreignTree(app, npmFiles("app"))
    const lint = async () => {
      const run = newRun("again")
      const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "lint"])
      expect(ended.status, ended.output).toBe(0)
      return { installs: ended.output.includes("npm ci"), cached: run.stage("lint").cached }
    }
    const change = (): Tree => tree.write("app/index.js", `console.log(${JSON.stringify(newRun("text").runId)})\n`)
    change()
    await lint()
    change()
    expect(await lint()).toEqual({ installs: false, cached: false })
    expect(await lint()).toEqual({ installs: false, cached: true })
    tree.write("app/package.json", tree.read("app/package.json").replace('"private":true', '"private":true,"license":"MIT"'))
    expect(await lint()).toEqual({ installs: true, cached: false })
  })
})

describe.runIf(isKit)("a call that is cancelled", () => {
  const sleeper = (seconds: string): Tree => foreignTree({ app: { path: "app", toolchain: "plain", commands: { lint: ["sleep", seconds] } } }, { "app/README.md": "waits\n" })

  it.each<[string, NodeJS.Signals, "group" | "daggerw"]>([
    ["Ctrl-C on a terminal", "SIGINT", "group"],
    ["SIGINT to daggerw alone", "SIGINT", "daggerw"],
    ["SIGTERM to daggerw alone, as CI systems do", "SIGTERM", "daggerw"],
    ["SIGKILL to all of it", "SIGKILL", "group"],
  ])("leaves no container behind: %s", async (_, signal, whom) => {
    const seconds = `98765.${1000 + Math.floor(Math.random() * 9000)}`
    const running = startCall([`--source=${sleeper(seconds).path}`, "lint"], { limitSeconds: 300 })
    await running.says("lint (app): started")
    expect(await awaitProcesses(`sleep ${seconds}`, true, 60)).not.toEqual([])
    const { pid = 0 } = running.child
    process.kill(whom === "group" ? -pid : pid, signal)
    expect(await awaitProcesses(`sleep ${seconds}`, false, 30)).toEqual([])
    const { status } = await running.ended
    expect([0, 1]).not.toContain(status)
  })
})
