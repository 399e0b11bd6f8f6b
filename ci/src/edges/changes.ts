import type { File } from "@dagger.io/dagger"
import { parseChanges, type FileChange } from "../core/changes.js"
import { changedServices, releaseChanged } from "../core/changed-services.js"
import type { Config } from "../core/config/model.js"
import { UsageError } from "../core/errors.js"
import type { ChangedSince } from "../core/plan.js"

/** The same words as in daggerw: only headers are read, so lines around a change would count as changed. */
const HOW = "git diff --no-renames --unified=0 --relative --src-prefix=a/ --dst-prefix=b/ $(git merge-base REF HEAD) >changes.patch"

/** What changed since a commit, as the caller's git tells it: a module cannot see the caller's history. Null without `--since`. */
export async function readChanges(ref: string, changes: File | undefined): Promise<readonly FileChange[] | null> {
  if (ref === "") return null
  if (changes !== undefined) return parseChanges(await changes.contents())
  throw new UsageError(`--since ${ref}: expected \`--changes\` too, a file that says what changed, got none. Call ./daggerw, which makes it, or make it by \`${HOW}\` and add --changes=changes.patch before the function's name.`)
}

export function changedSince(ref: string, config: Config, changes: readonly FileChange[] | null): ChangedSince | null {
  if (changes === null) return null
  const paths = changes.map(({ path }) => path)
  return { ref, changedServices: changedServices(config, paths), releaseChanged: releaseChanged(config, paths) }
}
