/**
 * Versions of package managers for trees that name none: a lock file tells only its format. In the code and not in pins.yaml,
 * since they come from the package registry, and since which one fits is the code's knowledge. Anybody who wants another writes `packageManager`.
 */
export const DEFAULT_VERSIONS = {
  pnpm: "10.34.9",
  /** For lock files of format 6. */
  pnpm8: "8.15.9",
  /** For lock files of format 5. */
  pnpm7: "7.33.7",
  /** For `audit` alone: older ones ask an address that the public registry has given up. */
  pnpmAudit: "12.21.0",
  yarnClassic: "1.22.22",
  /** By the format of the lock file: each writes its own, and refuses to work from another. */
  yarnBerry: { "6": "3.8.7", "8": "4.13.0", "9": "4.14.1", "10": "4.18.1" },
  /** For lock files of format 8 whose checksums do not name their compression yet. */
  yarn40: "4.0.2",
} as const
