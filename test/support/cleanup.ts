import { rmSync } from "node:fs"
import { afterAll } from "vitest"

const folders: string[] = []

const removeAll = (): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

// Here, while the file's tests are collected: vitest ignores a hook that is registered inside a running test. A bench is no test.
if (process.env["VITEST"] === undefined) process.on("exit", removeAll)
else afterAll(removeAll)

/** The folder goes away with the tests of the file. */
export function removeAfterTests(folder: string): void {
  folders.push(folder)
}
