/**
 * Programs that a tree may ask for without saying which version. Exact, so that the same tree is judged the same tomorrow;
 * each lives in an environment of its own below /opt, so that its dependencies do not meet those of the service.
 */
export const PYTHON_TOOL_VERSIONS = {
  uv: "0.13.9",
  poetry: "2.5.1",
  "pip-audit": "2.10.1",
  ruff: "0.17.6",
  black: "26.10.1",
  flake8: "7.5.0",
} as const
export type PythonTool = keyof typeof PYTHON_TOOL_VERSIONS

/** An exact version that a tree asks for, such as `==0.13.9`; null for a range, which the tool checks itself. */
export function exactVersion(asked: string | null): string | null {
  return /^(?:={2,3})?\s*(\d+(?:\.\d+)+)$/.exec(asked?.trim() ?? "")?.[1] ?? null
}

export function toolPath(tool: PythonTool, program: string = tool): string {
  return `/opt/${tool}/bin/${program}`
}

/** Installs a tool into its own environment. */
export function installTool(tool: PythonTool, version: string = PYTHON_TOOL_VERSIONS[tool]): readonly (readonly string[])[] {
  return [
    ["python3", "-m", "venv", `/opt/${tool}`],
    [toolPath(tool, "pip"), "install", `${tool}==${version}`],
  ]
}
