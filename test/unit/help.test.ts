import { readFileSync } from "node:fs"
import { join } from "node:path"
import ts from "typescript"
import { describe, expect, it } from "vitest"
import { ROOT } from "../support/daggerw.js"

const file = join(ROOT, "ci/src/index.ts")
const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true)

/** The words of the comment right before a node: what the CLI prints as its help. */
function help(node: ts.Node): string {
  const comment = ts.getLeadingCommentRanges(source.text, node.getFullStart())?.at(-1)
  const text = comment === undefined ? "" : source.text.slice(comment.pos, comment.end)
  return text.startsWith("/**") ? text.replace(/^\/\*\*|\*\/$|^\s*\* ?/gm, "").trim() : ""
}

const classes = source.statements.filter(ts.isClassDeclaration)
const isFunction = (member: ts.ClassElement): member is ts.MethodDeclaration | ts.ConstructorDeclaration =>
  ts.isConstructorDeclaration(member) || (ts.isMethodDeclaration(member) && (ts.getDecorators(member) ?? []).some((decorator) => decorator.expression.getText().startsWith("func(")))
const functions = classes.flatMap((each) => each.members.filter(isFunction)).map((node) => ({ name: node.name?.getText() ?? "constructor", node }))

describe("the help of the module", () => {
  it("has found the functions", () => {
    expect(functions.map(({ name }) => name)).toEqual(expect.arrayContaining(["constructor", "pipeline", "deliver", "test", "deploy", "report"]))
  })

  it.each(functions.filter(({ name }) => name !== "constructor"))("has a line for $name", ({ node }) => {
    expect(help(node)).toMatch(/^[A-Z].*\./)
  })

  it.each(functions.flatMap(({ name, node }) => node.parameters.map((parameter) => ({ name, parameter, argument: parameter.name.getText() }))))("has a line for the argument $argument of $name", ({ parameter }) => {
    expect(help(parameter)).toMatch(/^\S.*\./)
  })

  it("has one for the object itself", () => {
    for (const each of classes) expect(help(each)).not.toBe("")
    expect(source.text).toMatch(/^\/\*\*/)
  })
})
