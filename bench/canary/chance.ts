// Chance with a seed, so that every simulation can be repeated.
import { logGamma } from "../../ci/src/core/canary/confidence.js"

/** Numbers from 0 to 1, always the same for one seed (mulberry32). */
export type Chance = () => number

export function seeded(seed: number): Chance {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** How many of `trials` hit, each with chance `share`: exact, few of them by the gaps between hits, many outwards from the likeliest. */
export function binomial(chance: Chance, trials: number, share: number): number {
  if (share <= 0 || trials <= 0) return 0
  if (share >= 1) return trials
  if (share > 0.5) return trials - binomial(chance, trials, 1 - share)
  if (trials * share > 20) return outwards(chance, trials, share)
  const logMiss = Math.log1p(-share)
  let hits = 0
  for (let at = gap(chance, logMiss); at <= trials; at += gap(chance, logMiss)) hits++
  return hits
}

function gap(chance: Chance, logMiss: number): number {
  return Math.floor(Math.log(1 - chance()) / logMiss) + 1
}

/** Goes from the likeliest number up and down until the chances on the way are as many as were drawn. */
function outwards(chance: Chance, trials: number, share: number): number {
  const likeliest = Math.floor((trials + 1) * share)
  const ways = logGamma(trials + 1) - logGamma(likeliest + 1) - logGamma(trials - likeliest + 1)
  const odds = share / (1 - share)
  let [low, high] = [likeliest, likeliest]
  let lowChance = Math.exp(ways + likeliest * Math.log(share) + (trials - likeliest) * Math.log1p(-share))
  let highChance = lowChance
  for (let left = chance() - lowChance; left > 0; ) {
    if (low === 0 && high === trials) break
    if (high < trials) {
      highChance *= ((trials - high) / (high + 1)) * odds
      high++
      left -= highChance
      if (left <= 0) return high
    }
    if (low > 0) {
      lowChance *= low / ((trials - low + 1) * odds)
      low--
      left -= lowChance
      if (left <= 0) return low
    }
    // What is left in the tails is below what a number can hold.
    if (highChance < 1e-18 && lowChance < 1e-18) break
  }
  return likeliest
}
