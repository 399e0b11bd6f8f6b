import { mkdir, writeFile } from "node:fs/promises"
import { generatedFiles } from "./generated-files.js"
import { ownCiFiles } from "./own-ci-files.js"

const root = new URL("../../", import.meta.url)
const shims = Object.fromEntries((await ownCiFiles()).map(({ path, text }) => [path, text]))
for (const [path, text] of Object.entries({ ...generatedFiles(), ...shims })) {
  await mkdir(new URL(".", new URL(path, root)), { recursive: true })
  await writeFile(new URL(path, root), text)
  console.log(`wrote ${path}`)
}
