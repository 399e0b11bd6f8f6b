import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compareVersions, imageNumbers, isInRange } from "../../../src/core/toolchains/python/version-range.js"

const allows = (range: string, image: string) => isInRange(range, imageNumbers(image))

describe("a range of versions", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    [">=3.10,<3.13", ["3.10", "3.11", "3.12"], ["3.9", "3.13"]],
    [">= 3.10, < 3.13", ["3.12"], ["3.13"]],
    ["~=3.11", ["3.11", "3.13"], ["3.10", "4.0"]],
    ["~=3.11.4", ["3.11"], ["3.12"]],
    ["^3.10", ["3.10", "3.13"], ["3.9", "4.0"]],
    ["~3.11", ["3.11"], ["3.12"]],
    ["~3", ["3.1", "3.13"], ["4.0"]],
    ["==3.11.*", ["3.11"], ["3.12"]],
    ["3.11.*", ["3.11"], ["3.10"]],
    ["*", ["2.7", "3.13"], []],
    [">=3.9,!=3.10.*", ["3.9", "3.11"], ["3.10"]],
    ["^3.9 || ^4.1", ["3.11", "4.2"], ["4.0"]],
    // The image is the newest patch of its minor version.
    [">=3.11.4", ["3.11"], ["3.10"]],
    ["<3.11.5", ["3.10"], ["3.11"]],
    ["==3.11", [], ["3.11"]],
    [">=3.13.0rc1", ["3.13"], ["3.12"]],
    ["==3.11.9", ["3.11.9"], ["3.11.8"]],
  ])("%s", (range, inside, outside) => {
    expect(inside.filter((image) => allows(range, image) !== true)).toEqual([])
    expect(outside.filter((image) => allows(range, image) !== false)).toEqual([])
  })

  it.each(["three", ">=", "", " , ", "~=3", ">=3.x", "3.11 or so"])("%j cannot be read", (range) => {
    expect(allows(range, "3.11")).toBeNull()
  })

  const minor = fc.integer({ min: 0, max: 20 })
  const image = fc.tuple(fc.integer({ min: 2, max: 4 }), minor).map((parts) => parts.join("."))

  it("means the same in each way to write it", () => {
    fc.assert(
      fc.property(minor, image, (number, version) => {
        expect(allows(`~=3.${number}`, version)).toBe(allows(`>=3.${number},<4`, version))
        expect(allows(`^3.${number}`, version)).toBe(allows(`>=3.${number},<4`, version))
        expect(allows(`==3.${number}.*`, version)).toBe(allows(`>=3.${number},<3.${number + 1}`, version))
        expect(allows(`~3.${number}`, version)).toBe(allows(`==3.${number}.*`, version))
        expect(allows(`!=3.${number}.*`, version)).toBe(!allows(`==3.${number}.*`, version))
        expect(allows(`<3.${number} || >=3.${number}`, version)).toBe(true)
      }),
    )
  })

  it("orders versions as numbers do", () => {
    const numbers = fc.array(minor, { minLength: 1, maxLength: 4 })
    fc.assert(fc.property(numbers, numbers, (left, right) => {
      expect(compareVersions(left, right) + compareVersions(right, left)).toBe(0)
    }))
    expect(compareVersions([3, 9], [3, 10])).toBe(-1)
  })

  it("is never a reason to throw", () => {
    fc.assert(fc.property(fc.string(), (range) => {
      expect([true, false, null]).toContain(allows(range, "3.11"))
    }))
  })
})
