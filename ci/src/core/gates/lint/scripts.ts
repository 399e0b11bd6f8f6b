import type { Linter } from "./linter.js"

/** The package managers, when package.json has no such script. */
export const SCRIPTS: Linter = {
  name: "npm",
  read: () => [],
  broken: [/^.*?(Missing script: .*)$/m, /^(?: +× |error )(Command "\S+" not found\b.*)$/m, /^Usage Error: (Couldn't find a script named .*)$/m],
}
