import type { LevelPoint } from './settings.ts';

/** Percent of the target that is asked for at this part (0 to 1) of the whole time. */
export function levelAt(points: readonly LevelPoint[], progress: number): number {
  const now = progress * (points.at(-1)?.[0] ?? 0);
  const next = points.findIndex(([seconds]) => seconds >= now);
  const after = points[next === -1 ? points.length - 1 : next];
  const before = points[next - 1];
  if (after === undefined) return 0;
  if (before === undefined || after[0] === before[0]) return after[1];
  return before[1] + ((after[1] - before[1]) * (now - before[0])) / (after[0] - before[0]);
}
