import type { Command } from "../../config/commands.js"
import { PYTHON_VENV } from "./manager.js"
import { installTool, toolPath } from "./tool-versions.js"

const INSTALLED = "/tmp/installed.txt"
const REPORT = ["--format", "json", "--progress-spinner", "off", "--disable-pip"]

/**
 * pip-audit for what is locked by hash, else for what the lock file made `install` put in place: exactly that has been built and tested.
 * It need be no dependency of the service; then the module's own is installed here, so that no other stage waits for it.
 */
export function pythonAudit(lockedFile: string | null, packages: ReadonlySet<string>): readonly Command[] {
  const own = lockedFile === null || !packages.has("pip-audit")
  const program = own ? toolPath("pip-audit") : "pip-audit"
  // Editable packages are the repository's own, which no advisory knows; nothing is asked about the tools of the environment itself.
  const list = `${toolPath("pip-audit", "pip")} --python ${PYTHON_VENV}/bin/python3 list --format=freeze --exclude-editable --exclude pip --exclude setuptools --exclude wheel >${INSTALLED}`
  return [
    ...(own ? installTool("pip-audit") : []),
    ...(lockedFile === null ? [["sh", "-c", list]] : []),
    [program, ...REPORT, ...(lockedFile === null ? ["--no-deps", "-r", INSTALLED] : ["--require-hashes", "-r", lockedFile])],
  ]
}
