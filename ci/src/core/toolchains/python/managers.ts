import type { PythonManager } from "./manager.js"
import { PIP } from "./pip.js"
import { POETRY } from "./poetry.js"
import { UV } from "./uv.js"

/** Every package manager: one line registers one. The first whose lock file is nearest takes the service; the last is for trees without any. */
export const PYTHON_MANAGERS: readonly PythonManager[] = [UV, POETRY, PIP]
