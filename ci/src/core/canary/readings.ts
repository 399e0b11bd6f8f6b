import type { CanaryQuery } from "../config/strategy.js"

/**
 * Whether an answer of a custom query lies in its range; null when it answered nothing that can be judged. NaN, such as of a
 * division by no requests, is no answer: neither good nor bad.
 */
export function readingInRange({ minimum = -Infinity, maximum = Infinity, noData }: CanaryQuery, answer: number | null): boolean | null {
  const value = answer === null && noData === "zero" ? 0 : answer
  if (value === null || Number.isNaN(value)) return null
  return value >= minimum && value <= maximum
}
