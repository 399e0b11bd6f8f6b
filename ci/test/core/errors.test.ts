import { expect, it } from "vitest"
import { ConfigError, ERROR_CODES } from "../../src/core/errors.js"
import { nearest, unknownMessage } from "../../src/core/nearest.js"

it("gives every error a code of its own", () => {
  const codes = Object.values(ERROR_CODES)
  expect(new Set(codes).size).toBe(codes.length)
})

it("says file, line, place, what was expected, what came and what to do", () => {
  const problem = { file: "f.yaml", line: 3, where: "a.b", expected: "a number", got: '"x"', fix: "Write one." }
  expect(new ConfigError([problem]).message).toBe('f.yaml: 1 problem\n  f.yaml:3: a.b: expected a number, got "x". Write one.')
})

it.each([
  ["kubconfig", "kubeconfig"],
  ["Ports", "port"],
  ["stagin", "staging"],
  ["zzzzzz", null],
  ["x", null],
])("takes %s for %s", (word, expected) => {
  expect(nearest(word, ["kubeconfig", "port", "staging", "a"])).toBe(expected)
})

it("lists what is known beside the nearest name", () => {
  expect(unknownMessage("stage", "tset", ["lint", "test"])).toBe("unknown stage `tset`. Did you mean `test`? Known: lint, test.")
})
