// A door before the kit's engine that counts what clients send through it: their requests, and the files that they upload.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { cacheDirectory } from "../../airgap/lib/paths.mjs"

/** `env` leads a call through the door; such a call needs `--images=mirror`. Close it in the end. */
export async function openUploadMeter() {
  const ready = join(cacheDirectory, "run/ready")
  const address = existsSync(ready) ? readFileSync(ready, "utf8").split("\n")[2] : undefined
  if (address === undefined) throw new Error("the kit's engine does not run; a call through daggerw starts it")
  const folder = mkdtempSync(join(tmpdir(), "delivery-meter-"))
  const socket = join(folder, "engine.sock")
  let sentBytes = 0
  const server = createServer((client) => {
    const engine = connect(address.replace(/^unix:\/\//, ""))
    client.on("data", (part) => {
      sentBytes += part.length
    })
    client.on("error", () => engine.destroy())
    engine.on("error", () => client.destroy())
    client.pipe(engine).pipe(client)
  })
  await new Promise((resolve) => server.listen(socket, () => resolve(undefined)))
  return {
    env: { _EXPERIMENTAL_DAGGER_RUNNER_HOST: `unix://${socket}` },
    sentBytes: () => sentBytes,
    close: () => {
      server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
