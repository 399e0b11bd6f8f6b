// Builds images when somebody asks for them, and those that a pipeline needs in the background, in the order of need.
import { rmSync, writeFileSync } from "node:fs"
import { builtAhead, fullName, loadRecipe } from "./recipe.mjs"

export class ImageQueue {
  constructor({ ensure, log, kitDirectory, pendingFile }) {
    this.ensure = ensure
    this.log = log
    this.pendingFile = pendingFile
    const { images } = loadRecipe(kitDirectory)
    this.ahead = builtAhead(images)
    this.byRepository = new Map(Object.keys(images).map((name) => [fullName(name), name]))
    this.running = new Set()
  }

  /** Waits until the image that the mirror knows as `repository:tag` is there; unknown ones are not waited for. */
  async provide(repository, tag) {
    const name = this.byRepository.get(`${repository}:${tag}`)
    if (name) await this.#build(name)
  }

  /** images.yaml is written in the order of need. One at a time: a pull that waits takes its turn in between. */
  async prebuild() {
    const pending = new Set(this.ahead)
    for (const name of this.ahead) {
      this.#showPending(pending)
      await this.#build(name).catch((error) => this.log(`FAILED: ${error.message}`)) // whoever pulls it gets the error as the answer
      pending.delete(name)
    }
    this.#showPending(pending)
  }

  isBusy() {
    return this.running.size > 0
  }

  async #build(name) {
    this.running.add(name)
    try {
      return await this.ensure(name)
    } finally {
      this.running.delete(name)
    }
  }

  #showPending(pending) {
    if (pending.size === 0) rmSync(this.pendingFile, { force: true })
    else writeFileSync(this.pendingFile, `${[...pending].join("\n")}\n`)
  }
}
