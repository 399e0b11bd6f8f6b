// The folder that the search of a history is given, read by the git of this machine.
import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { HISTORY_COMMITS_STEP, HISTORY_FILES, HISTORY_OBJECTS_STEP, HISTORY_PARTS } from "../../../src/core/scan/history.js"
import type { Step } from "../../../src/core/steps/step.js"

const base = mkdtempSync(join(tmpdir(), "scan-history-"))
afterAll(() => rmSync(base, { recursive: true, force: true }))
const project = join(base, "project")
const git = (...words: readonly string[]): string => execFileSync("git", ["-C", project, "-c", "user.name=n", "-c", "user.email=n@example.com", ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim()
const put = (folder: string, path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
const commit = (path: string, text: string): string => {
  put(project, path, text)
  git("add", "--all")
  git("commit", "--quiet", "--message", path)
  return git("rev-parse", "HEAD")
}

/** As the stage does it: what HISTORY_PARTS names, and the module's own files. */
function handedOver(name: string): string {
  const folder = join(base, name)
  for (const part of HISTORY_PARTS.map((each) => each.replace("/**", ""))) if (existsSync(join(project, ".git", part))) cpSync(join(project, ".git", part), join(folder, part), { recursive: true })
  for (const [path, text] of Object.entries(HISTORY_FILES)) put(folder, path, text)
  return folder
}
const run = ({ argv }: Step, folder: string) => spawnSync(argv[0] ?? "", argv.slice(1).map((word) => (word.endsWith("/input/history") ? folder : word)), { encoding: "utf8" })
// The very words that gitleaks asks git with.
const shown = (folder: string): string => execFileSync("git", ["-C", folder, "log", "-p", "-U0", "--full-history", "--all", "--diff-filter=tuxdb"], { encoding: "utf8" })

beforeAll(() => {
  mkdirSync(project)
  git("init", "--quiet")
  commit("first.txt", "first\n")
  commit("hidden.txt", "PLANTED\n")
  commit(".gitattributes", "* -diff\n")
})

describe("the folder that the search of a history is given", () => {
  it("shows what the tree's attributes hide, which git in the project's own folder does not", () => {
    expect(shown(project)).not.toContain("PLANTED")
    expect(shown(handedOver("attributes"))).toContain("+PLANTED")
  })

  it("shows what was replaced", () => {
    git("replace", "HEAD:hidden.txt", "HEAD:first.txt")
    const folder = handedOver("replaced")
    expect(shown(project)).not.toContain("+PLANTED")
    expect(shown(folder)).toContain("+PLANTED")
    git("replace", "--delete", git("rev-parse", "HEAD:hidden.txt"))
  })

  it("shows a file again that got another name, for its first may be one that gitleaks passes over", () => {
    git("mv", "hidden.txt", "renamed.txt")
    git("commit", "--quiet", "--message", "renamed")
    expect(shown(handedOver("renamed")).match(/^\+PLANTED/gm)).toHaveLength(2)
  })

  it("has nothing of the project's settings, and is a repository also where all is packed", () => {
    git("config", "http.extraHeader", "AUTHORIZATION: token")
    git("gc", "--quiet")
    const folder = handedOver("packed")
    expect(readdirSync(folder).toSorted()).toEqual(["HEAD", "config", "info", "objects", "packed-refs", "refs"])
    expect(HISTORY_FILES["config"]).not.toContain("AUTHORIZATION")
    expect(run(HISTORY_OBJECTS_STEP, folder)).toMatchObject({ status: 0, stderr: "" })
    expect(run(HISTORY_COMMITS_STEP, folder).stdout).toBe("4\n")
  })

  it("is told to be broken when an object is missing", () => {
    commit("loose.txt", "loose\n")
    const id = git("rev-parse", "HEAD:loose.txt")
    const folder = handedOver("broken")
    rmSync(join(folder, "objects", id.slice(0, 2), id.slice(2)), { force: true })
    expect(run(HISTORY_OBJECTS_STEP, folder)).toMatchObject({ status: 128, stderr: expect.stringContaining(`missing blob object '${id}'`) as string })
  })
})
