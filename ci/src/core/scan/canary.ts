/** What every vulnerability database knows, the sample too: one that does not find it is empty, or not what it seems. */
export const CANARY_ID = "CVE-2021-44906"

/** A lock file with that vulnerability. */
export const CANARY_LOCK_FILE = `${JSON.stringify({
  name: "canary",
  version: "1.0.0",
  lockfileVersion: 3,
  packages: { "": { name: "canary", version: "1.0.0", dependencies: { minimist: "1.2.5" } }, "node_modules/minimist": { version: "1.2.5" } },
})}\n`

/** A file with a key that opens nothing, in two parts here, or it would be found in this file. */
export const CANARY_SECRET = `token: ${["ghp", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("_")}\n`
export const CANARY_SECRET_RULE = "github-pat"
