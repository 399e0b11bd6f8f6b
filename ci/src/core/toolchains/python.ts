import { hasFile, joinPath } from "../detect/tree.js"
import type { Toolchain } from "./toolchain.js"

const VENV = "/venv"

export const PYTHON_TOOLCHAIN: Toolchain = {
  name: "python",
  factFiles: ["pyproject.toml"],
  detect: (tree, path) => ["pyproject.toml", "requirements.txt"].some((name) => hasFile(tree, path, name)),
  recipe: ({ path, tests: { junit, lcov, cobertura } }) =>
    Promise.resolve({
      problems: [],
      recipe: {
        imageKey: "python",
        env: {
          VIRTUAL_ENV: VENV,
          PATH: `${VENV}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
          PIP_DISABLE_PIP_VERSION_CHECK: "1",
          PIP_NO_INPUT: "1",
          PYTHONDONTWRITEBYTECODE: "1",
          NO_COLOR: "1",
        },
        caches: [{ name: "pip", mountPath: "/root/.cache/pip" }],
        setup: [],
        root: path,
        manifests: ["requirements.txt", "requirements-dev.txt"],
        lockProblems: [],
        install: [
          ["python3", "-m", "venv", VENV],
          [`${VENV}/bin/pip`, "install", "--require-hashes", "-r", "requirements-dev.txt"],
        ],
        lint: [
          ["ruff", "check", "."],
          ["ruff", "format", "--check", "."],
        ],
        build: [["python3", "-m", "compileall", "-q", "."]],
        test: [["pytest", `--junitxml=${junit}`, "--cov", `--cov-report=xml:${cobertura}`, `--cov-report=lcov:${lcov}`]],
        audit: [["pip-audit", "--format", "json", "--progress-spinner", "off", "--disable-pip", "--require-hashes", "-r", "requirements.txt"]],
        start: [],
        reports: { junit, lcov, cobertura },
        artifacts: [],
        auditReport: "pip-audit",
        lockFile: joinPath(path, "requirements.txt"),
        notes: [],
      },
    }),
}
