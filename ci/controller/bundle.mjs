// Makes of each program one file that needs nothing but Node: dist/<program>.mjs.
import { build } from "rolldown"

const programs = Object.entries({ controller: "src/main.ts", switch: "src/switch/main.ts" })

await build(
  programs.map(([name, input]) => ({
    input,
    platform: "node",
    output: { file: `dist/${name}.mjs`, format: "esm", codeSplitting: false, minify: false },
    onLog(level, log) {
      // What the client's own packages do with eval or `this` is theirs; an import that leads nowhere is ours.
      if (level === "warn" && log.code === "UNRESOLVED_IMPORT") throw new Error(log.message)
    },
  })),
)
