import type { Command } from "../../config/commands.js"
import { PYTHON_VENV } from "./manager.js"
import { installTool, toolPath } from "./tool-versions.js"

const INSTALLED = "/tmp/installed.txt"
const REPORT = ["--format", "json", "--progress-spinner", "off", "--disable-pip"]

/** The question itself, and what has to be there before it is asked. */
export interface PythonAudit {
  readonly setup: readonly Command[]
  readonly commands: readonly Command[]
}

/**
 * pip-audit for what is locked by hash, else for what the lock file made `install` put in place: exactly that has been built and tested.
 * It need be no dependency of the service; then the module's own is installed, for this stage alone.
 */
export function pythonAudit(lockedFile: string | null, packages: ReadonlySet<string>): PythonAudit {
  if (lockedFile !== null) {
    const own = !packages.has("pip-audit")
    return { setup: own ? installTool("pip-audit") : [], commands: [[own ? toolPath("pip-audit") : "pip-audit", ...REPORT, "--require-hashes", "-r", lockedFile]] }
  }
  // Editable packages are the repository's own, which no advisory knows; nothing is asked about the tools of the environment itself.
  const list = `${toolPath("pip-audit", "pip")} --python ${PYTHON_VENV}/bin/python3 list --format=freeze --exclude-editable --exclude pip --exclude setuptools --exclude wheel >${INSTALLED}`
  return { setup: [...installTool("pip-audit"), ["sh", "-c", list]], commands: [[toolPath("pip-audit"), ...REPORT, "--no-deps", "-r", INSTALLED]] }
}
