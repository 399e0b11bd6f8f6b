import type { ExecOutcome } from "../gates/exec.js"
import { INPUT_FOLDER } from "./sandbox.js"

/** Folder of the cache that Trivy keeps its database in, in the container that fetches it. */
export const KEPT_FOLDER = "/kept"
/** Where the database lies once it is out of that cache. It is large, so a sandbox's files are laid over this folder, never it beside them. */
export const COPIED_FOLDER = "/out"
export const DATABASE_FOLDER = `${COPIED_FOLDER}/${INPUT_FOLDER}/cache`

// $1: the database's folder, $2: where its hash is kept, for it is large and changes a few times a day.
const IDENTIFY = `identify() {
  stamp=$(stat -c '%Y %s' "$1/trivy.db")
  if [ ! -f "$2/stamp" ] || [ "$(cat "$2/stamp")" != "$stamp" ]; then sha256sum <"$1/trivy.db" >"$2/hash"; echo "$stamp" >"$2/stamp"; fi
  { cat "$2/hash"; sed 's/"DownloadedAt":"[^"]*"//' "$1/metadata.json"; if [ -f "$1/sample.json" ]; then cat "$1/sample.json"; fi; } | sha256sum | cut -c1-64
}`

/** Runs its arguments, which fetch the database, and says which one there is now; an older one stays if they fail. */
export const FETCH_SCRIPT = `${IDENTIFY}
"$@"
code=$?
if [ -f ${KEPT_FOLDER}/db/trivy.db ] && [ -f ${KEPT_FOLDER}/db/metadata.json ]; then echo "database $(identify ${KEPT_FOLDER}/db ${KEPT_FOLDER})"; fi
exit $code
`

/** Copies the database that DATABASE names out of the cache; fails if another has come in its place. */
export const COPY_SCRIPT = `${IDENTIFY}
mkdir -p ${DATABASE_FOLDER}/db /tmp/notes
for file in trivy.db metadata.json sample.json; do if [ -f ${KEPT_FOLDER}/db/$file ]; then cp ${KEPT_FOLDER}/db/$file ${DATABASE_FOLDER}/db/; fi; done
found=$(identify ${DATABASE_FOLDER}/db /tmp/notes)
if [ "$found" != "$DATABASE" ]; then echo "the database was changed meanwhile: expected $DATABASE, found $found" >&2; exit 1; fi
`

/** What the fetch left: the database's name by its content, null when there is none, and what went wrong. */
export function fetchedDatabase({ exitCode, stdout, stderr }: ExecOutcome): { readonly identity: string | null; readonly notRenewed: string | null } {
  const identity = /^database ([0-9a-f]{64})$/m.exec(stdout)?.[1] ?? null
  return { identity, notRenewed: exitCode === 0 ? null : `fetching it ended with ${exitCode}: ${fatalWords(stderr) ?? "it said nothing"}` }
}

/** Trivy's fatal error: the first of its causes, where it lists them below; null when it said nothing. */
export function fatalWords(stderr: string): string | null {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "")
  const at = lines.findIndex((line) => /\tFATAL\t|^panic:/.test(line))
  const cause = at < 0 ? undefined : lines.slice(at + 1).find((line) => /^\s+\* /.test(line))
  const said = cause ?? lines[at] ?? lines.at(-1)
  return said?.replace(/^\S+\tFATAL\t|^\s+\* /, "").replace(/\s+/g, " ").slice(0, 300) ?? null
}
