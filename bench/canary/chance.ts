// Chance with a seed, so that every simulation can be repeated.

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

/** How many of `trials` hit, each with chance `share`: exact, by the gaps between hits. */
export function binomial(chance: Chance, trials: number, share: number): number {
  if (share <= 0 || trials <= 0) return 0
  if (share >= 1) return trials
  if (share > 0.5) return trials - binomial(chance, trials, 1 - share)
  const logMiss = Math.log1p(-share)
  let hits = 0
  for (let at = gap(chance, logMiss); at <= trials; at += gap(chance, logMiss)) hits++
  return hits
}

function gap(chance: Chance, logMiss: number): number {
  return Math.floor(Math.log(1 - chance()) / logMiss) + 1
}
