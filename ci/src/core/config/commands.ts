import { objectSchema, type SchemaNode } from "./schema-node.js"

/** A program and its arguments; never a line for a shell. */
export type Command = readonly string[]

export const COMMAND_NAMES = ["install", "lint", "build", "test", "audit", "start"] as const
export type CommandName = (typeof COMMAND_NAMES)[number]
export type CommandOverrides = Readonly<Partial<Record<CommandName, readonly Command[]>>>

/** As written: one command, or a list of commands. */
export type RawCommands = Readonly<Partial<Record<CommandName, readonly (string | Command)[]>>>

const COMMAND_EXPECTED = 'a command such as ["npm", "run", "lint"], or a list of such commands'
const ARGUMENT: SchemaNode = { type: "string", title: COMMAND_EXPECTED }

const commandSchema = (name: CommandName): SchemaNode => ({
  type: "array",
  title: COMMAND_EXPECTED,
  description: `Replaces what the toolchain runs for \`${name}\`.`,
  minItems: 1,
  if: { items: { type: "array" } },
  then: { items: { type: "array", title: COMMAND_EXPECTED, minItems: 1, items: ARGUMENT } },
  else: { items: ARGUMENT },
})

export const commandsSchema: SchemaNode = objectSchema(
  "Commands that replace the toolchain's, run in `path`.",
  [],
  Object.fromEntries(COMMAND_NAMES.map((name) => [name, commandSchema(name)])),
)

/** Always a list of commands, however it was written. */
export function completeCommands(raw: RawCommands): CommandOverrides {
  return Object.fromEntries(
    COMMAND_NAMES.flatMap((name) => {
      const written = raw[name]
      return written === undefined ? [] : [[name, asCommandList(written)]]
    }),
  )
}

function asCommandList(written: readonly (string | Command)[]): readonly Command[] {
  const words = written.filter((word) => typeof word === "string")
  return words.length === written.length ? [words] : written.filter((word) => typeof word !== "string")
}
