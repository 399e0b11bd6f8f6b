import type { Toolchain } from "./toolchain.js"

const VENV = "/venv"

export const PYTHON_TOOLCHAIN: Toolchain = {
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
  manifestFiles: ["requirements.txt", "requirements-dev.txt"],
  commands: ({ tests }) => ({
    install: [
      ["python3", "-m", "venv", VENV],
      [`${VENV}/bin/pip`, "install", "--require-hashes", "-r", "requirements-dev.txt"],
    ],
    lint: [
      ["ruff", "check", "."],
      ["ruff", "format", "--check", "."],
    ],
    build: [["python3", "-m", "compileall", "-q", "."]],
    test: [
      [
        "pytest",
        `--junitxml=${tests.junit}`,
        "--cov",
        `--cov-report=xml:${tests.cobertura}`,
        `--cov-report=lcov:${tests.lcov}`,
      ],
    ],
    audit: [
      ["pip-audit", "--format", "json", "--progress-spinner", "off", "--disable-pip", "--require-hashes", "-r", "requirements.txt"],
    ],
  }),
  artifacts: [],
}
