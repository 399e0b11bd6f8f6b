import { describe, expect, it } from "vitest"
import { judgeInstall } from "../../../src/core/gates/install.js"
import { execOutcome } from "../support.js"

const CONTEXT = { service: "api", timeoutSeconds: 60, lockProblems: [/are in sync/] }
const judge = (stderr: string, exitCode = 1, stdout = "") => judgeInstall([execOutcome("npm ci", exitCode, stdout, stderr)], CONTEXT)

describe("an install", () => {
  it("passes when every command did, and when there is none", () => {
    expect(judge("", 0).verdict).toBe("passed")
    expect(judgeInstall([], CONTEXT).verdict).toBe("passed")
  })

  it("is judged by the first command that did not pass", () => {
    const gate = judgeInstall([execOutcome("a", 0), execOutcome("b", 2, "", "no route"), execOutcome("c", 1)], CONTEXT)
    expect(gate).toMatchObject({ verdict: "error", reason: "api: dependencies were not installed: b ended with 2: It said:\nno route" })
  })

  it("is an error in an image of another version than the tree asks for", () => {
    const runtime = { argv: ["node", "--version"], wanted: "engines.node >=24.20 in package.json", accepts: (version: string) => version === "v24.20.0" }
    const judgeVersion = (stdout: string) => judgeInstall([{ argv: runtime.argv, exitCode: 0, stdout, stderr: "" }], { ...CONTEXT, runtime })
    expect(judgeVersion("v24.20.0\n").verdict).toBe("passed")
    expect(judgeVersion("v24.13.1\n")).toMatchObject({ verdict: "error", reason: expect.stringMatching(/^api: expected engines\.node >=24\.20 in package\.json, got v24\.13\.1 in the image/) as string })
  })

  it("fails for a lock file that does not fit, with the tool's words", () => {
    const gate = judge("npm error code EUSAGE\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.\n")
    expect(gate.verdict).toBe("failed")
    expect(gate.reason).toMatch(/the lock file is missing or does not fit its manifest\. Install on your machine and commit the lock file\. It said:\nnpm error `npm ci` can only install .* are in sync\.$/)
  })

  // Taken from the tools themselves, against a registry that answers 401 or 403.
  it.each([
    ["npm", "npm error code E401\nnpm error Incorrect or missing password.\n", ""],
    ["npm, 403", "npm error code E403\nnpm error 403 403 Forbidden - GET http://127.0.0.1:4403/is-number/-/is-number-6.0.0.tgz - who are you\n", ""],
    ["pnpm", "", " ERR_PNPM_FETCH_401  GET http://127.0.0.1:4401/is-odd: Unauthorized - 401\n"],
    ["yarn 1", `error An unexpected error occurred: "http://127.0.0.1:4401/is-odd: Request failed \\"401 Unauthorized\\"".\n`, ""],
    ["yarn 4", "", "➤ YN0041: │ is-odd@npm:3.0.1: Invalid authentication (as an anonymous user)\n"],
    ["yarn 4, 403", "", "➤ YN0035: │ is-odd@npm:3.0.1: The remote server failed to provide the requested resource\n➤ YN0035: │   Response Code: 403 (Forbidden)\n"],
    ["uv", "error: No solution found when resolving dependencies\nhint: An index URL (http://127.0.0.1:4401/simple) could not be queried due to a lack of valid authentication credentials (401 Unauthorized)\n", ""],
    ["poetry", "", "Source (p): Authorization error accessing http://127.0.0.1:4401/simple/six/\n"],
  ])("is an error when the registry wants credentials: %s", (_, stderr, stdout) => {
    const gate = judge(stderr, 1, stdout)
    expect(gate).toMatchObject({ verdict: "error", reason: expect.stringContaining("a package registry wants credentials, and none were given. It said:\n") as string })
  })

  it.each([
    ["npm", "npm error code EJSONPARSE\nnpm error JSON.parse Invalid package.json: JSONParseError: Unexpected token\n", /a manifest cannot be read\. It said:\nnpm error code EJSONPARSE\n/],
    ["uv", "error: Failed to parse: `pyproject.toml`\n", /a manifest cannot be read\. It said:\nerror: Failed to parse: `pyproject\.toml`$/],
    ["pip", "ERROR: Invalid requirement: '\\x01\\x02' (from line 1 of requirements.txt)\n", /a manifest cannot be read\. It said:\nERROR: Invalid requirement/],
  ])("fails for a manifest that cannot be read: %s", (_, stderr, reason) => {
    const gate = judge(stderr)
    expect(gate.verdict).toBe("failed")
    expect(gate.reason).toMatch(reason)
  })

  it.each([
    [124, /^api: dependencies were not installed: npm ci did not end within 60 s/],
    [127, /^api: dependencies were not installed: npm ci was not found in the image/],
    [1, /^api: dependencies were not installed: npm ci ended with 1: It said:\nnpm error network/],
  ])("is an error when its surroundings are at fault (%i)", (exitCode, reason) => {
    const gate = judge("npm error network request to https://registry.example failed", exitCode)
    expect(gate.verdict).toBe("error")
    expect(gate.reason).toMatch(reason)
  })

  it("does not take a status in a package's name for a refusal", () => {
    expect(judge("ERROR: No matching distribution found for http-401==1.0\n").reason).not.toContain("credentials")
  })
})
