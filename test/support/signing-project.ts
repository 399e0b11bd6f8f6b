import { registryAddress } from "../../airgap/lib/cluster/places.mjs"
import { RegistryRepository } from "../../ci/src/edges/registry-client.js"
import type { Ended } from "./command.js"
import { call, newRunId } from "./daggerw.js"
import { helloTree } from "./fixture.js"
import { kit } from "./kit.js"
import { newRun, type RunFolder } from "./runs.js"
import type { Tree } from "./trees.js"
import { asPublished, sampleDatabase, serveDatabase } from "./trivy-db.js"

const KUBECONFIG = "KUBECONFIG_ELSEWHERE"

/** A product that is signed and pushed to the registry of the lasting cluster, which is the real one here. */
export class SigningProject {
  /** A name of its own: the registry outlives the test, and other tests push to it. */
  readonly project: string
  readonly image: string
  // Until it has been asked: a test that fails before that must not take away what others use.
  #wasUp = true
  #database: Awaited<ReturnType<typeof serveDatabase>> | null = null
  #env: Readonly<Record<string, string>> = {}

  constructor(what: string) {
    this.project = newRunId(what).toLowerCase()
    this.image = `${this.project}/hello`
  }

  /** `env`: credentials of the calls, by names that this repository does not name, so that daggerw does not add them. */
  async up(env: Readonly<Record<string, string>>): Promise<void> {
    this.#wasUp = kit("cluster", "status").includes("is Ready")
    if (!this.#wasUp) kit("cluster", "up")
    this.#database = await serveDatabase(asPublished(await sampleDatabase(), 5))
    this.#env = { ...env, [KUBECONFIG]: kit("cluster", "kubeconfig") }
  }

  down(): void {
    this.#database?.close()
    if (!this.#wasUp) kit("cluster", "down")
  }

  get kubeconfig(): string {
    return this.#env[KUBECONFIG] ?? ""
  }

  /** The product with these files, and a delivery.yaml with `signing`; null leaves it out. */
  tree(signing: object | null, files: Readonly<Record<string, string | Uint8Array>>): Tree {
    const made = helloTree()
    for (const [path, text] of Object.entries(files)) made.write(path, text)
    return made.edit("delivery.yaml", (config) => {
      config.set("project", this.project)
      config.setIn(["services", "hello", "image"], this.image)
      config.set("registry", config.createNode({ address: registryAddress }))
      config.setIn(["environments", "staging"], config.createNode({ kubeconfig: KUBECONFIG, namespace: this.project, values: ["charts/hello/values-local.yaml"] }))
      config.set("images", config.createNode({ "trivy-db": this.#database?.address ?? "" }))
      if (signing !== null) config.set("signing", config.createNode(signing))
    })
  }

  async on(source: Tree, commit: string, argv: readonly string[], credentials: readonly string[]): Promise<{ readonly run: RunFolder; readonly ended: Ended }> {
    const run = newRun("sign")
    const given = credentials.map((name) => `--credentials=env:${name}`)
    const ended = await call([`--source=${source.path}`, `--commit=${commit}`, "--dirty=false", ...given, `--run-id=${run.runId}`, ...argv], { env: this.#env, limitSeconds: 900 })
    return { run, ended }
  }

  repository(name: string): RegistryRepository {
    return new RegistryRepository(`${registryAddress}/${name}`)
  }

  /** What a deployment would take; none when it was not pushed. */
  pushedRelease(commit: string) {
    return this.repository(this.project).manifest(`release-${commit}`)
  }
}
