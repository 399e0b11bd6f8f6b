import { readRuff } from "../gates/sast/ruff-report.js"
import { SANDBOX_OUTPUT } from "../scan/sandbox.js"
import { codeStep, REPORT_FILE, SEEN_FILE, type SourceAnalyser } from "./analyser.js"

// Its own list of folders to leave out would leave them out without a word. Syntax of every Python it knows: which one runs the service is not its matter.
const OPTIONS = "--isolated --config 'exclude = []' --no-respect-gitignore --no-cache --target-version py314"

/** ruff with Bandit's rules, and one against text that reads otherwise than it runs. */
export const RUFF_SECURITY: SourceAnalyser = {
  name: "ruff",
  toolchain: "python",
  languages: "Python",
  files: ["**/*.py", "**/*.pyi"],
  imageKey: "python",
  lockFolder: "sast-python",
  lockFiles: ["requirements.txt"],
  cacheFolder: "/root/.cache/pip",
  // Wheels alone: building one would run its code, and need a compiler.
  install: [["python3", "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:", "--target", ".", "-r", "requirements.txt"]],
  steps: [
    codeStep("analysis", `../tools/bin/ruff check ${OPTIONS} --select S,PLE2502 --ignore-noqa --exit-zero --output-format json --output-file ${SANDBOX_OUTPUT}/${REPORT_FILE} .`),
    codeStep("seen", `../tools/bin/ruff check ${OPTIONS} --show-files .`, `${SANDBOX_OUTPUT}/${SEEN_FILE}`),
  ],
  planted: { path: "planted.py", text: "import subprocess\n\nsubprocess.run(input(), shell=True)\n", rule: "S602" },
  read: readRuff,
}
