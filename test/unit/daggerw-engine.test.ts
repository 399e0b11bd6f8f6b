import { createServer } from "node:net"
import { createHash } from "node:crypto"
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { mirrorPort } from "../../airgap/lib/mirror.mjs"
import { wires } from "../../airgap/lib/network.mjs"
import { recipeKey } from "../../airgap/lib/paths.mjs"
import { runCommand } from "../support/command.js"
import { ROOT } from "../support/daggerw.js"
import { newSandbox, writeProgram, type Sandbox } from "../support/sandbox.js"
import { newTree } from "../support/trees.js"

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8")
const wrapper = read("daggerw")
const version = /^version=(\S+)/m.exec(wrapper)?.[1] ?? ""

describe("the version of Dagger", () => {
  it("is the same wherever it is written", () => {
    expect(version).toMatch(/^v\d+\.\d+\.\d+$/)
    const tools = parse(read("pins.yaml")) as { tools: { dagger: { version: string } } }
    const client = JSON.parse(read("package.json")) as { devDependencies: Record<string, string> }
    expect({
      daggerJson: (JSON.parse(read("dagger.json")) as { engineVersion: string }).engineVersion,
      pins: tools.tools.dagger.version,
      client: `v${client.devDependencies["@dagger.io/dagger"]}`,
      kit: /^\s*github\.com\/dagger\/dagger (\S+)/m.exec(read("airgap/go/engine/go.mod"))?.[1],
    }).toEqual({ daggerJson: version, pins: version, client: version, kit: version })
  })
})

describe("the address of the kit's mirror", () => {
  it("is the one that the kit listens on", () => {
    const address = /^kit_mirror=(\S+)/m.exec(wrapper)?.[1]
    expect(address).toBe(`http://${wires.engine.host}:${mirrorPort}`)
  })
})

const withPodman = (sandbox: Sandbox): Promise<Sandbox> =>
  new Promise((resolve) => {
    mkdirSync(join(sandbox.path, "podman"))
    // Left open: the sandbox's folder goes away, and the process ends without it.
    createServer().listen(join(sandbox.path, "podman/podman.sock"), () => resolve(sandbox.program("podman", "exit 0"))).unref()
  })

describe("daggerw --which", () => {
  const host = { _EXPERIMENTAL_DAGGER_RUNNER_HOST: "tcp://engine.example:1234" }
  it.each([
    { when: "nothing answers", prepare: (sandbox: Sandbox) => sandbox, says: /^engine: kit \(no container engine answers on this machine\)\nCLI: \S+\/bin\/dagger \(built by the kit\)\n$/ },
    { when: "Docker answers", prepare: (sandbox: Sandbox) => sandbox.program("docker", "echo 29.0.0"), says: /^engine: container \(Docker answers\)\nCLI: \S+ \(to be downloaded\)\n$/ },
    { when: "Podman answers", prepare: withPodman, says: /^engine: container \(Podman answers\)\n/ },
    { when: "the environment names an engine, whatever answers", env: host, prepare: (sandbox: Sandbox) => sandbox.program("docker", "echo 29.0.0"), says: /^engine: environment \(_EXPERIMENTAL_DAGGER_RUNNER_HOST is tcp:\/\/engine\.example:1234\)\n/ },
    { when: "the pinned CLI is installed", env: host, prepare: (sandbox: Sandbox) => sandbox.program("dagger", `echo "dagger ${version} (image://registry)"`), says: /\nCLI: \S+\/bin\/dagger \(installed\)\n$/ },
    { when: "another CLI is installed", env: host, prepare: (sandbox: Sandbox) => sandbox.program("dagger", `echo "dagger ${version}0"`), says: /\nCLI: \S+ \(to be downloaded\)\n$/ },
    {
      when: "the pinned CLI was downloaded before",
      env: host,
      prepare: (sandbox: Sandbox) => {
        writeProgram(join(sandbox.cache, "bin", `dagger-${version}`), "exit 0")
        return sandbox
      },
      says: /\nCLI: \S+ \(downloaded before\)\n$/,
    },
  ])("says what is taken and why when $when", async ({ prepare, env = {}, says }) => {
    const sandbox = await prepare(newSandbox())
    const ended = await sandbox.daggerw(["--which"], env)
    expect(ended.status, ended.output).toBe(0)
    expect(ended.stdout).toMatch(says)
  })
})

describe("the download of the CLI", () => {
  /** A curl that has the archive of a CLI, and the checksum that its publisher gives. */
  function withArchive(sandbox: Sandbox, checksum: (real: string) => string): Sandbox {
    const folder = join(sandbox.path, "published")
    writeProgram(join(folder, "dagger"), "echo the downloaded CLI ran")
    execFileSync("tar", ["-czf", join(folder, "archive.tar.gz"), "-C", folder, "dagger"])
    const sum = checksum(createHash("sha256").update(readFileSync(join(folder, "archive.tar.gz"))).digest("hex"))
    const systems = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"]
    writeFileSync(join(folder, "checksums.txt"), systems.map((system) => `${sum}  dagger_${version}_${system}.tar.gz\n`).join(""))
    return sandbox.program(
      "curl",
      `out=/dev/stdout
while [ $# -gt 0 ]; do case $1 in -o) out=$2; shift ;; https://dl.dagger.io/*.tar.gz) cp '${folder}/archive.tar.gz' "$out" ;; https://dl.dagger.io/*/checksums.txt) cat '${folder}/checksums.txt' ;; esac; shift; done`,
    )
  }

  it("is taken when its checksum is the published one", async () => {
    const sandbox = withArchive(newSandbox().program("docker", "echo 29.0.0"), (real) => real)
    const ended = await sandbox.daggerw(["version"])
    expect(ended.status, ended.output).toBe(0)
    expect(ended.stdout).toContain("the downloaded CLI ran")
    expect(existsSync(join(sandbox.cache, "bin", `dagger-${version}`))).toBe(true)
  })

  it("is refused, and leaves nothing, when its checksum is another", async () => {
    const sandbox = withArchive(newSandbox().program("docker", "echo 29.0.0"), () => "0".repeat(64))
    const ended = await sandbox.daggerw(["version"])
    expect(ended.status, ended.output).toBe(2)
    expect(ended.output).toMatch(/checksum of dagger_\S+: expected 0{64}, got [0-9a-f]{64}; nothing was installed/)
    expect(execFileSync("find", [join(sandbox.cache, "bin"), "-type", "f"], { encoding: "utf8" })).toBe("")
  })
})

describe("the key of the kit's recipe", () => {
  /** What the function of daggerw answers in a tree. */
  async function keyOfSh(root: string): Promise<string> {
    const body = /^recipe_key\(\) \{\n[^]*?\n\}$/m.exec(wrapper)?.[0] ?? ""
    const ended = await runCommand(["sh", "-euc", `here=$1\n${body}\nrecipe_key`, "sh", root], { cwd: root, limitSeconds: 20 })
    expect(ended.status, ended.output).toBe(0)
    return ended.stdout.trim()
  }

  it("is the same in sh and in JavaScript", async () => {
    expect(await keyOfSh(ROOT)).toBe(recipeKey(join(ROOT, "airgap")))
  })

  it.each([
    { what: "a new file", file: "lib/odd name & dot.file", counts: true },
    { what: "a changed file", file: "keeper.mjs", counts: true },
    { what: "a file that sorts before folders", file: "lib.mjs", counts: true },
    { what: "a test", file: "test/more.test.ts", counts: false },
    { what: "a package", file: "node_modules/x/index.js", counts: false },
    { what: "the README", file: "README.md", counts: false },
  ])("follows $what in both", async ({ file, counts }) => {
    const tree = newTree({ airgap: "airgap" })
    const before = recipeKey(join(tree.path, "airgap"))
    tree.write(`airgap/${file}`, "changed")
    const after = recipeKey(join(tree.path, "airgap"))
    expect(await keyOfSh(tree.path)).toBe(after)
    expect(after !== before).toBe(counts)
  })
})
