import fc from "fast-check"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { detectService, type DetectedService } from "../../../src/core/detect/service.js"
import { foldersUp, type TreeFacts } from "../../../src/core/detect/tree.js"
import { bareService } from "../../../src/core/init/bare-service.js"
import { PYTHON_TOOLCHAIN } from "../../../src/core/toolchains/python/toolchain.js"
import { PYTHON_TOOL_VERSIONS } from "../../../src/core/toolchains/python/tool-versions.js"
import { diskFacts } from "../disk.js"

type Files = Readonly<Record<string, string>>

const FIXTURES = fileURLToPath(new URL("../../../../test/fixtures/", import.meta.url))
const IMAGES = [
  { key: "python", language: "python", version: "3.11" },
  { key: "python-3.13", language: "python", version: "3.13" },
  { key: "node", language: "node", version: "24" },
]
const HASH = "--hash=sha256:00"
const PROJECT = '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["packaging"]\n'
const PACKAGED = `${PROJECT}[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n`
const POETRY_FILE = '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.11"\nPyYAML = "^6"\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n'

const treeOf = (files: Files): TreeFacts => ({ paths: new Set(Object.keys(files).flatMap((path) => [path, ...foldersUp(path)])), texts: files })
const detect = (files: Files, path = ".", more: object = {}): Promise<DetectedService> => detectService("x", { ...bareService(path), toolchain: "python", ...more }, treeOf(files), IMAGES)
const recipeOf = async (files: Files, path = ".", more: object = {}) => (await detect(files, path, more)).facts.recipe
const problemsOf = async (files: Files, path = ".", more: object = {}) => (await detect(files, path, more)).problems.map(({ file, line, where, expected, got, fix }) => `${file}:${line}: ${where} expected ${expected}, got ${got}. ${fix}`)
const commands = (list: readonly (readonly string[])[] = []) => list.map((argv) => argv.join(" "))

describe("the package manager", () => {
  it.each<[string, Files, string, string, string]>([
    ["uv by uv.lock", { "pyproject.toml": PROJECT, "uv.lock": "" }, ".", "uv sync --locked --all-groups --no-install-workspace", "uv.lock"],
    ["poetry by poetry.lock", { "pyproject.toml": POETRY_FILE, "poetry.lock": "" }, ".", "poetry install --no-root --all-groups", "poetry.lock"],
    ["pip by requirements.txt", { "requirements.txt": "a==1\n" }, ".", "/venv/bin/pip install -r requirements.txt", "requirements.txt"],
    ["uv rather than requirements written from its lock", { "pyproject.toml": PROJECT, "uv.lock": "", "requirements.txt": "a==1" }, ".", "uv sync --locked --all-groups --no-install-workspace", "uv.lock"],
    ["that of the workspace", { "pyproject.toml": "[tool.uv.workspace]\nmembers = ['p/*']", "uv.lock": "", "p/a/pyproject.toml": PROJECT }, "p/a", "uv sync --locked --all-packages --all-groups --no-install-workspace", "uv.lock"],
    ["pip where the lock above belongs to something else", { "pyproject.toml": PROJECT, "uv.lock": "", "a/pyproject.toml": PROJECT, "a/requirements.txt": "x==1" }, "a", "/venv/bin/pip install -r requirements.txt", "a/requirements.txt"],
    ["that of the folder above for a part without manifests", { "requirements.txt": "a==1", "svc/main.py": "" }, "svc", "/venv/bin/pip install -r requirements.txt", "requirements.txt"],
    ["uv with the extras that hold tools", { "pyproject.toml": `${PROJECT}[project.optional-dependencies]\ntest = ["pytest"]\ngpu = ["torch"]\n`, "uv.lock": "" }, ".", "uv sync --locked --all-groups --extra test --no-install-workspace", "uv.lock"],
    ["uv without all groups where some exclude each other", { "pyproject.toml": `${PROJECT}[tool.uv]\nconflicts = [[{group = "a"}, {group = "b"}]]\n`, "uv.lock": "" }, ".", "uv sync --locked --no-install-workspace", "uv.lock"],
  ])("is %s", async (_, files, path, install, lockFile) => {
    const { facts, problems } = await detect(files, path)
    expect(problems).toEqual([])
    expect(commands(facts.recipe.install).at(-1)?.replace(/^\/opt\/\w+\/bin\//, "")).toBe(install)
    expect(facts.recipe.lockFile).toBe(lockFile)
  })

  it.each([
    ["uv", { "pyproject.toml": `${PROJECT}[tool.uv]\nrequired-version = "==0.9.5"\n`, "uv.lock": "" }, "uv==0.9.5"],
    ["uv", { "pyproject.toml": PROJECT, "uv.lock": "", "uv.toml": 'required-version = "0.9.6"' }, "uv==0.9.6"],
    ["uv", { "pyproject.toml": `${PROJECT}[tool.uv]\nrequired-version = ">=0.9"\n`, "uv.lock": "" }, `uv==${PYTHON_TOOL_VERSIONS.uv}`],
    ["poetry", { "pyproject.toml": POETRY_FILE.replace("name", 'requires-poetry = "2.1.0"\nname'), "poetry.lock": "" }, "poetry==2.1.0"],
    ["poetry", { "pyproject.toml": POETRY_FILE, "poetry.lock": "" }, `poetry==${PYTHON_TOOL_VERSIONS.poetry}`],
  ])("%s is of the version that the tree asks for, else of the module's: %j", async (_, files, expected) => {
    expect(commands((await recipeOf(files)).setup).at(-1)).toContain(expected)
  })

  it("installs the service itself where it is a package, once its sources are there", async () => {
    const selfOf = async (files: Files) => commands((await recipeOf(files)).installSelf)
    expect(await selfOf({ "pyproject.toml": PACKAGED, "uv.lock": "" })).toEqual(["/opt/uv/bin/uv sync --locked --all-groups"])
    expect(await selfOf({ "pyproject.toml": PROJECT, "uv.lock": "" })).toEqual([])
    expect(await selfOf({ "pyproject.toml": `${PACKAGED}[tool.uv]\npackage = false\n`, "uv.lock": "" })).toEqual([])
    expect(await selfOf({ "pyproject.toml": POETRY_FILE, "poetry.lock": "" })).toEqual(["/opt/poetry/bin/poetry install --only-root"])
    expect(await selfOf({ "pyproject.toml": POETRY_FILE.replace("name", "package-mode = false\nname"), "poetry.lock": "" })).toEqual([])
  })

  it("finds what is not installed in src", async () => {
    expect((await recipeOf({ "requirements.txt": "a==1", "src/a.py": "" })).env["PYTHONPATH"]).toBe("src")
    expect((await recipeOf({ "pyproject.toml": PACKAGED, "uv.lock": "", "src/a.py": "" })).env["PYTHONPATH"]).toBeUndefined()
  })
})

describe("requirements", () => {
  it.each<[string, Files, string]>([
    ["with hashes", { "requirements.txt": `a==1 \\\n    ${HASH}\n` }, "install --require-hashes -r requirements.txt"],
    ["of tools that include the service's", { "requirements.txt": "a==1", "requirements-dev.txt": "-r requirements.txt\npytest==9" }, "install -r requirements-dev.txt"],
    ["of tools that were compiled with the service's", { "requirements.txt": `A_b==1 ${HASH}`, "dev-requirements.txt": `a.b==1 ${HASH}\npytest==9 ${HASH}` }, "install --require-hashes -r dev-requirements.txt"],
    ["of tools beside the service's", { "requirements.txt": "a==1", "requirements/dev.txt": "pytest==9" }, "install -r requirements.txt -r requirements/dev.txt"],
    ["in a folder", { "requirements/base.txt": "a==1", "requirements/dev.txt": "-r base.txt\npytest==9" }, "install -r requirements/dev.txt"],
  ])("%s", async (_, files, install) => {
    expect(commands((await recipeOf(files)).install).at(-1)).toBe(`/venv/bin/pip ${install}`)
  })

  it("that name a folder of the repository need the sources for install", async () => {
    expect((await recipeOf({ "requirements.txt": "-e .\n" })).manifests).toEqual(["**"])
    expect((await recipeOf({ "requirements.txt": "a==1\n" })).manifests).not.toContain("**")
  })

  it("without hashes are installed, and said to be so", async () => {
    expect((await recipeOf({ "requirements.txt": "a==1\n" })).notes).toContain("pip, requirements.txt, not locked by hash")
  })
})

describe("the folder that is installed in", () => {
  it.each<[string, Files, string, string, string]>([
    ["is the service's", { "a/requirements.txt": "x==1" }, "a", "a", "-r requirements.txt"],
    ["is above it where the lock file is", { "pyproject.toml": "[tool.uv.workspace]\n", "uv.lock": "", "p/a/pyproject.toml": PROJECT }, "p/a", "", "uv sync"],
    ["is above it where the linter's settings are", { "ruff.toml": "", "a/requirements.txt": "x==1" }, "a", "", "-r a/requirements.txt"],
    ["holds the folders that it depends on", { "s/a/pyproject.toml": POETRY_FILE.replace('"^6"', '{path = "../lib"}'), "s/a/poetry.lock": "" }, "s/a", "s", "--directory a"],
  ])("%s", async (_, files, path, root, install) => {
    const recipe = await recipeOf(files, path)
    expect(recipe.root).toBe(root)
    expect(commands(recipe.install).at(-1)).toContain(install)
  })
})

describe("the image", () => {
  const files = (range: string, more: Files = {}): Files => ({ "pyproject.toml": `[project]\nname = "x"\nrequires-python = "${range}"\n`, ...more })

  it.each<[string, Files, string, string]>([
    ["is the newest that is allowed", files(">=3.10"), "python-3.13", "Python 3.13 (requires-python >=3.10)"],
    ["is an older one where newer ones are not", files(">=3.10,<3.13"), "python", "Python 3.11 (requires-python >=3.10,<3.13)"],
    ["is that of .python-version", files(">=3.10", { ".python-version": "3.11.4\n" }), "python", "Python 3.11 (requires-python >=3.10)"],
    ["is that of the Dockerfile", files(">=3.10", { Dockerfile: "ARG PYTHON_IMAGE=python:3.11-slim\nFROM ${PYTHON_IMAGE}\n" }), "python", "Python 3.11 (requires-python >=3.10)"],
    ["is not that of a Dockerfile that the range refuses", files(">=3.12", { Dockerfile: "FROM docker.io/library/python:3.11\n" }), "python-3.13", "Python 3.13 (requires-python >=3.12)"],
    ["follows Poetry's range", { "pyproject.toml": POETRY_FILE.replace("^3.11", "~3.11"), "poetry.lock": "" }, "python", "Python 3.11 (python ~3.11)"],
    ["is the newest where nothing is said", { "requirements.txt": "" }, "python-3.13", "Python 3.13"],
  ])("%s", async (_, tree, key, note) => {
    const { facts, problems } = await detect(tree)
    expect(problems).toEqual([])
    expect(facts.recipe.imageKey).toBe(key)
    expect(facts.recipe.notes[0]).toBe(note)
  })

  it("that nobody has is a problem of the file that asks for it", async () => {
    expect(await problemsOf(files(">=3.14"))).toEqual([
      "pyproject.toml:3: project.requires-python expected a range that one of the images of Python is in: 3.11, 3.13, got `>=3.14`. Change the range, add an image of Python to pins.yaml, or name one as the service's `buildImage`.",
    ])
    expect((await problemsOf(files("three")))[0]).toContain("expected a range of versions such as `>=3.11`, got `three`")
    expect(await problemsOf(files(">=3.14"), ".", { buildImage: "python:3.14" })).toEqual([])
  })
})

describe("what is wrong with the files", () => {
  it.each<[string, Files, string]>([
    ["no TOML", { "pyproject.toml": "[project]\nname = x\n", "uv.lock": "" }, "pyproject.toml:2:  expected valid TOML, got `name = x` ("],
    ["no lock file", { "a/pyproject.toml": PROJECT }, "a/pyproject.toml:1:  expected a lock file beside it or above: uv.lock, poetry.lock or requirements.txt, got none. Run `uv lock` in `a` and commit what it writes, or say with `commands.install` how to install."],
    ["no lock file of Poetry", { "a/pyproject.toml": POETRY_FILE }, "Run `poetry lock` in `a`"],
    ["a lock file that nobody reads", { "a/pyproject.toml": PROJECT, "a/pdm.lock": "" }, "got `pdm.lock`, which this toolchain does not know"],
    ["a program instead of a manifest", { "a/setup.py": "" }, "a/setup.py:1:  expected a lock file"],
    ["two lock files", { "a/pyproject.toml": PROJECT, "a/uv.lock": "", "a/poetry.lock": "" }, "a/uv.lock:1:  expected one lock file, got two: `uv.lock` and `poetry.lock`. Remove the one that is out of use"],
  ])("is said: %s", async (_, files, message) => {
    const path = Object.keys(files)[0]?.includes("/") ? "a" : "."
    const problems = await problemsOf(files, path)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(message)
  })

  it("needs no lock file where delivery.yaml says how to install", async () => {
    const own = { commands: { install: ["pip", "install", "."] } }
    expect(await problemsOf({ "pyproject.toml": PACKAGED }, ".", own)).toEqual([])
    expect((await recipeOf({ "pyproject.toml": PACKAGED, "uv.lock": "" }, ".", own)).installSelf).toEqual([])
  })

  it("is nothing where nothing is asked for", async () => {
    const { facts, problems } = await detect({ "pyproject.toml": '[project]\nname = "x"\n' })
    expect(problems).toEqual([])
    expect(commands(facts.recipe.install)).toEqual(["python3 -m venv /venv"])
  })

  it.each<[string, Files, string]>([
    ["uv", { "pyproject.toml": PROJECT, "uv.lock": "" }, "error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided."],
    ["uv", { "pyproject.toml": PROJECT, "uv.lock": "" }, "error: Failed to parse `uv.lock`\n  cause: TOML parse error at line 1, column 8"],
    ["uv", { "pyproject.toml": PROJECT, "uv.lock": "" }, "error: Failed to download `iniconfig==2.3.1`\n  cause: Hash mismatch for `iniconfig==2.3.1`"],
    ["poetry", { "pyproject.toml": POETRY_FILE, "poetry.lock": "" }, "pyproject.toml changed significantly since poetry.lock was last generated. Run `poetry lock` to fix the lock file."],
    ["poetry", { "pyproject.toml": POETRY_FILE, "poetry.lock": "" }, "Downloaded distributions for iniconfig (2.3.1) did not match any known checksums in your lock file."],
    ["poetry", { "pyproject.toml": POETRY_FILE, "poetry.lock": "" }, "\nInvalid statement (at line 1, column 1)\n"],
    ["pip", { "requirements.txt": `a==1 ${HASH}` }, "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, please update the hashes."],
    ["pip", { "requirements.txt": `a==1 ${HASH}` }, "ERROR: Hashes are required in --require-hashes mode, but they are missing from some requirements."],
  ])("is a lock file that does not fit, in the words of %s: %#", async (_, files, said) => {
    expect((await recipeOf(files)).lockProblems.some((pattern) => pattern.test(said))).toBe(true)
  })
})

describe("the commands", () => {
  const pip = (tools: string, more: Files = {}): Files => ({ "requirements.txt": tools.split(" ").map((name) => `${name}==1`).join("\n"), ...more })

  it.each<[string, Files, readonly string[]]>([
    ["nothing without linters", pip("a"), []],
    ["ruff as a dependency", pip("ruff"), ["ruff check .", "ruff format --check ."]],
    ["ruff as configured, of the module", pip("a", { ".ruff.toml": "" }), ["/opt/ruff/bin/ruff check .", "/opt/ruff/bin/ruff format --check ."]],
    ["black formats instead of ruff", pip("ruff black"), ["ruff check .", "black --check ."]],
    ["both format where both are asked", pip("ruff black", { "pyproject.toml": "[tool.ruff.format]\nquote-style = 'single'\n" }), ["ruff check .", "ruff format --check .", "black --check ."]],
    ["flake8 by a section", pip("flake8", { "setup.cfg": "[flake8]\n" }), ["flake8 ."]],
    ["flake8 by its file, of the module", pip("a", { ".flake8": "" }), ["/opt/flake8/bin/flake8 ."]],
    ["mypy where it is installed", pip("mypy", { "mypy.ini": "" }), ["mypy ."]],
    ["mypy on what it is told", pip("mypy", { "pyproject.toml": "[tool.mypy]\nfiles = ['a']\n" }), ["mypy"]],
    ["no mypy that cannot see the dependencies", pip("a", { "mypy.ini": "" }), []],
    ["no mypy without settings", pip("mypy"), []],
  ])("lint: %s", async (_, files, expected) => {
    expect(commands((await recipeOf(files)).lint)).toEqual(expected)
  })

  it.each<[string, Files, readonly string[]]>([
    ["pytest", pip("pytest"), ["python3 -m pytest --junitxml=reports/junit.xml"]],
    ["pytest with coverage", pip("pytest pytest-cov"), ["python3 -m pytest --junitxml=reports/junit.xml --cov --cov-report=xml:reports/coverage/cobertura-coverage.xml --cov-report=lcov:reports/coverage/lcov.info"]],
    ["pytest with coverage of what its settings name", pip("pytest pytest-cov", { "pytest.ini": "[pytest]\naddopts = --cov=x\n" }), ["python3 -m pytest --junitxml=reports/junit.xml --cov-report=xml:reports/coverage/cobertura-coverage.xml --cov-report=lcov:reports/coverage/lcov.info"]],
    ["pytest as configured", pip("a", { "conftest.py": "" }), ["python3 -m pytest --junitxml=reports/junit.xml"]],
    ["unittest with a report", pip("unittest-xml-reporting", { "tests/test_a.py": "" }), [`sh -c mkdir -p "$1" && exec python3 -m xmlrunner discover --output-file "$2" \${3:+-s "$3"} tests reports reports/junit.xml tests`]],
    ["nothing that leaves no report", pip("a", { "tests/test_a.py": "" }), []],
  ])("test: %s", async (_, files, expected) => {
    expect(commands((await recipeOf(files)).test)).toEqual(expected)
  })

  it("divides pytest by its plugin", async () => {
    const tests = { ...(bareService(".").tests as object), shards: 2 }
    const shardsOf = async (tools: string) => commands((await recipeOf(pip(tools), ".", { tests })).test)[0]
    expect(await shardsOf("pytest pytest-split")).toBe("python3 -m pytest --junitxml=reports/junit.xml --splits={shards} --group={shard}")
    expect(await shardsOf("pytest")).not.toContain("{shard}")
  })

  it("says why there is no test", async () => {
    expect((await recipeOf(pip("a"))).notes).toContain("no tests found")
    expect((await recipeOf(pip("a", { "tests/a.py": "" }))).notes.at(-1)).toContain("neither pytest nor unittest-xml-reporting")
  })

  it("audit what is locked by hash, else what was installed", async () => {
    const hashed = await recipeOf({ "requirements.txt": `pip-audit==1 ${HASH}` })
    expect([hashed.auditSetup, commands(hashed.audit)]).toEqual([[], ["pip-audit --format json --progress-spinner off --disable-pip --require-hashes -r requirements.txt"]])
    const uv = await recipeOf({ "pyproject.toml": PROJECT, "uv.lock": "" })
    expect(commands(uv.auditSetup).slice(0, 2)).toEqual(["python3 -m venv /opt/pip-audit", `/opt/pip-audit/bin/pip install pip-audit==${PYTHON_TOOL_VERSIONS["pip-audit"]}`])
    expect(commands(uv.audit)).toEqual(["/opt/pip-audit/bin/pip-audit --format json --progress-spinner off --disable-pip --no-deps -r /tmp/installed.txt"])
    expect((await recipeOf({ "pyproject.toml": PROJECT, "uv.lock": "" }, ".", { commands: { audit: ["true"] } })).auditSetup).toEqual([])
  })

  it("audit a file above the service by its way from there", async () => {
    const recipe = await recipeOf({ "requirements.txt": `a==1 ${HASH}`, "svc/main.py": "" }, "svc")
    expect(commands(recipe.audit)[0]).toContain("-r ../requirements.txt")
  })

  it("start what the Procfile has for the web", async () => {
    expect((await recipeOf(pip("a", { Procfile: "worker: x\nweb: gunicorn -b :$PORT app:app \n" }))).start).toEqual([["sh", "-c", "exec gunicorn -b :$PORT app:app"]])
    expect((await recipeOf(pip("a"))).start).toEqual([])
  })
})

describe("the fixture trees", () => {
  const recipe = async (name: string) => detectService("x", bareService("."), diskFacts(`${FIXTURES}${name}`, ["."]), IMAGES)

  it.each([
    ["uv-app", ["Python 3.13 (requires-python >=3.11)", "uv 0.13.9, lock uv.lock", "tests: pytest"]],
    ["poetry-app", ["Python 3.11 (requires-python >=3.11,<3.13)", "poetry 2.5.1, lock poetry.lock", "tests: pytest"]],
    ["pip-app", ["Python 3.11", "pip, requirements-dev.txt, not locked by hash", "tests: pytest"]],
  ])("%s is understood", async (name, notes) => {
    const { facts, problems } = await recipe(name)
    expect(problems).toEqual([])
    expect([facts.toolchain, facts.recipe.notes]).toEqual(["python", notes])
  })

  it("plain-app is nothing that anybody knows", async () => {
    expect((await recipe("plain-app")).entryProblems).toHaveLength(1)
  })
})

describe("any text at all", () => {
  const words = fc.constantFrom(..."[ ] { } = , . \" ' \n # project tool uv poetry dependencies python ^3.11 -r -e .. path workspace name 1 true pytest ruff addopts dependency-groups dynamic".split(" "))
  const anyText = fc.oneof(fc.string(), fc.array(words).map((parts) => parts.join("")), fc.array(words).map((parts) => parts.join(" ")), fc.string({ unit: "binary" }))
  const anyToml = fc.tuple(fc.constantFrom("project", "tool.poetry", "tool.uv", "tool.ruff", "tool.pytest", "tool.mypy", "build-system"), fc.json()).map(([table, value]) => `${table} = ${value.replace(/null/g, "1").replace(/":/g, '"=')}\n`)

  it("is read without throwing", async () => {
    const names = PYTHON_TOOLCHAIN.factFiles
    const tree = fc.dictionary(fc.constantFrom(...names, "a/pyproject.toml", "a/requirements.txt", "uv.lock", "poetry.lock", "Dockerfile"), fc.oneof(anyText, anyToml))
    await fc.assert(
      fc.asyncProperty(tree, fc.constantFrom(".", "a", "a/b c"), async (files, path) => {
        const { facts } = await detect(files, path)
        expect(facts.recipe.install.length).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })
})
