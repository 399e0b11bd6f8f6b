import { secretsStep } from "./gitleaks.js"
import { INPUT_FOLDER, SANDBOX_INPUT, SANDBOX_OUTPUT, SANDBOX_WORK } from "./sandbox.js"
import type { Step } from "../steps/step.js"

const HISTORY_FOLDER = "history"
const HISTORY_REPOSITORY = `${SANDBOX_INPUT}/${HISTORY_FOLDER}`
const CANARY_REPOSITORY = `${SANDBOX_WORK}/canary-repository`
/** One line for each path that a commit ever touched. */
export const HISTORY_PATHS_FILE = "history-paths"

/** What a git folder's history consists of. Its settings and hooks stay outside: they name programs, and often a token. */
export const HISTORY_PARTS: readonly string[] = ["HEAD", "packed-refs", "shallow", "objects/**", "refs/**"]
export const HISTORY_PATH = `${INPUT_FOLDER}/${HISTORY_FOLDER}`

/**
 * What git needs besides. Attributes of a tree (`* -diff`) and replacement objects would hide from `git log -p`, and so from
 * gitleaks, what was committed; git prefers these. A file that is only renamed would not be shown under its new name.
 */
export const HISTORY_FILES: Readonly<Record<string, string>> = {
  config: "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tquotePath = false\n\tuseReplaceRefs = false\n\tcommitGraph = false\n[diff]\n\trenames = false\n",
  "info/attributes": "* !diff !text !filter\n",
  // git takes a folder without this one for no repository, and where all is packed it is empty.
  "refs/heads/.keep": "",
}

const git = (...words: readonly string[]): readonly string[] => ["git", "--git-dir", HISTORY_REPOSITORY, ...words]

/** All objects, so that a missing one is told: gitleaks ends with 0 where git breaks off. */
export const HISTORY_OBJECTS_STEP: Step = { name: "history-objects", argv: [...git("rev-list", "--objects", "--all", "--quiet")] }
export const HISTORY_COMMITS_STEP: Step = { name: "history-commits", argv: [...git("rev-list", "--all", "--count")] }
export const HISTORY_STEP = secretsStep("history", "git", HISTORY_REPOSITORY)
export const HISTORY_NAMES_STEP = secretsStep("history-names", "dir", `${SANDBOX_OUTPUT}/${HISTORY_PATHS_FILE}`)
export const HISTORY_CANARY_STEP = secretsStep("history-canary", "git", CANARY_REPOSITORY)

const LIST_PATHS: Step = {
  name: "history-list",
  argv: ["sh", "-ec", `git --git-dir ${HISTORY_REPOSITORY} log --all --format= --name-only --no-renames >${SANDBOX_WORK}/paths; sort -u ${SANDBOX_WORK}/paths`],
  stdoutFile: `${SANDBOX_OUTPUT}/${HISTORY_PATHS_FILE}`,
}
// A key that was committed and taken away again: found only by who reads commits.
const MAKE_CANARY: Step = {
  name: "history-canary-made",
  argv: ["sh", "-ec", `git init --quiet ${CANARY_REPOSITORY}; cd ${CANARY_REPOSITORY}; cp ${SANDBOX_INPUT}/canary-secret key; git add key
commit() { git -c user.name=canary -c user.email=canary@invalid commit --quiet --message "$1"; }
commit one; git rm --quiet key; commit two`],
}

/** In the order in which they build on each other. */
export const HISTORY_STEPS: readonly Step[] = [HISTORY_OBJECTS_STEP, HISTORY_COMMITS_STEP, LIST_PATHS, MAKE_CANARY, HISTORY_CANARY_STEP, HISTORY_NAMES_STEP, HISTORY_STEP]
/** Those that only prepare: what they end with is 0, or nothing can be said. */
export const HISTORY_PREPARING: readonly Step[] = [HISTORY_OBJECTS_STEP, HISTORY_COMMITS_STEP, LIST_PATHS, MAKE_CANARY]
