const PARTS = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?$/

/** Seconds of a duration as k6 writes them, such as `30s`, `5m` or `1h30m`; null when it is none, also without a unit. */
export function parseDuration(text: string): number | null {
  const parts = PARTS.exec(text)
  if (parts === null || text === "") return null
  const [hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
}

/** The same the other way: `1h30m`, `5m`, `90s` as `1m30s`. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 1 || seconds < 1) return `${Math.round(seconds * 1000)}ms`
  const parts = [
    [Math.floor(whole / 3600), "h"],
    [Math.floor(whole / 60) % 60, "m"],
    [whole % 60, "s"],
  ] as const
  return parts.map(([count, unit]) => (count === 0 ? "" : `${count}${unit}`)).join("")
}
