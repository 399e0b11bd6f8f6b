// The end of the set-up: the CLI speaks with the engine, and a container runs.
import { join } from "node:path"
import { files } from "./keeper-state.mjs"
import { paths } from "./paths.mjs"
import { run } from "./run.mjs"
import { step } from "./steps.mjs"

export async function prove(say) {
  const env = { ...process.env, _EXPERIMENTAL_DAGGER_RUNNER_HOST: `unix://${files.socket}`, DO_NOT_TRACK: "1", DAGGER_NO_NAG: "1" }
  const dagger = join(paths.bin, "dagger")
  const version = await step("proof: dagger version", () => run([dagger, "version"], { env }))
  const output = await step("proof: a container runs", () =>
    run([dagger, "--silent", "core", "container", "from", "--address=node:24-bookworm-slim", "with-exec", "--args=node,--version", "stdout"], { env, cwd: "/" }),
  )
  say(`${version.trim()}; node ${output.trim()} in a container`)
}
