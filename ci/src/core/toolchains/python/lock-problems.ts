import { hasFile, joinPath } from "../../detect/tree.js"
import type { ConfigProblem } from "../../errors.js"
import { hasDependencies, type PythonProject } from "./project.js"
import { tableAt, textAt } from "./pyproject.js"

/** Files of package managers that are not known here. */
const OTHER_LOCKS: readonly string[] = ["Pipfile.lock", "pdm.lock", "pylock.toml", "conda-lock.yml", "Pipfile"]

/** Two lock files that both claim to be the service's. */
export function twoLocks(folder: string): ConfigProblem {
  return {
    file: joinPath(folder, "uv.lock"),
    line: 1,
    where: "",
    expected: "one lock file",
    got: "two: `uv.lock` and `poetry.lock`",
    fix: "Remove the one that is out of use, or say with `commands.install` how to install.",
  }
}

/** Dependencies that no lock file holds would be other ones tomorrow. */
export function missingLock(project: PythonProject): readonly ConfigProblem[] {
  const { tree, path, own } = project
  const other = OTHER_LOCKS.find((name) => hasFile(tree, path, name))
  // What a program asks for is known once it runs.
  const isProgram = hasFile(tree, path, "setup.py")
  if (!hasDependencies(own) && other === undefined && !isProgram) return []
  return [
    {
      file: own?.file ?? joinPath(path, other ?? "setup.py"),
      line: 1,
      where: "",
      expected: "a lock file beside it or above: uv.lock, poetry.lock or requirements.txt",
      got: other === undefined ? "none" : `\`${other}\`, which this toolchain does not know`,
      fix: `Run \`${lockCommand(project)}\` in \`${path === "" ? "." : path}\` and commit what it writes, or say with \`commands.install\` how to install.`,
    },
  ]
}

function lockCommand({ own }: PythonProject): string {
  if (own === null) return "uv pip compile --generate-hashes setup.py -o requirements.txt"
  const usesPoetry = Object.keys(tableAt(own, "tool", "poetry")).length > 0 || (textAt(own, "build-system", "build-backend") ?? "").startsWith("poetry")
  return usesPoetry ? "poetry lock" : "uv lock"
}
