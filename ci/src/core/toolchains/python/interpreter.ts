import { foldersUp, joinPath, textOf } from "../../detect/tree.js"
import type { ConfigProblem } from "../../errors.js"
import type { LanguageImage } from "../../pins.js"
import type { ToolchainInput } from "../toolchain.js"
import type { PythonProject } from "./project.js"
import { lineOfKey, textAt, type TomlFile } from "./pyproject.js"
import { compareVersions, imageNumbers, isInRange } from "./version-range.js"

export interface PythonImageChoice {
  /** Key of the image in pins.yaml. */
  readonly imageKey: string
  readonly note: string
  readonly problems: readonly ConfigProblem[]
}

/** A range of versions, and where it is written. */
interface AskedPython {
  readonly range: string
  readonly file: string
  readonly line: number
  readonly key: string
}

const PYTHON_KEY = "python"
const FIX = "Change the range, add an image of Python to pins.yaml, or name one as the service's `buildImage`."

/** The image of Python that a service is checked in: the version that it ships with, where its Dockerfile or `.python-version` tells, else the newest that it allows. */
export function choosePython(service: ToolchainInput, project: PythonProject, lockFolder: string, images: readonly LanguageImage[]): PythonImageChoice {
  const known = images.filter(({ language }) => language === "python")
  const asked = askedPython(project, lockFolder)
  // Without pins there is nothing to choose from, and with an image of the service's own nothing to choose.
  if (images.length === 0 || service.buildImage !== undefined) return { imageKey: PYTHON_KEY, note: describeAsked("Python", asked), problems: [] }
  const fitting = known.filter(({ version }) => asked === null || isInRange(asked.range, imageNumbers(version)) === true)
  const wished = wishedPython(service, project)
  const newest = [...fitting].sort((left, right) => compareVersions(imageNumbers(right.version), imageNumbers(left.version)))[0]
  const chosen = fitting.find(({ version }) => version.split(".").slice(0, 2).join(".") === wished) ?? newest
  if (chosen !== undefined) return { imageKey: chosen.key, note: describeAsked(`Python ${chosen.version}`, asked), problems: [] }
  return { imageKey: PYTHON_KEY, note: describeAsked("Python", asked), problems: [noImage(project, asked, known)] }
}

function noImage(project: PythonProject, asked: AskedPython | null, known: readonly LanguageImage[]): ConfigProblem {
  const there = known.map(({ version }) => version).join(", ")
  const expected = there === "" ? "an image of Python in pins.yaml" : `a range that one of the images of Python is in: ${there}`
  if (asked === null) return { file: joinPath(project.path, "pyproject.toml"), line: 1, where: "", expected, got: "none", fix: FIX }
  const isReadable = isInRange(asked.range, imageNumbers("3.0")) !== null
  return { file: asked.file, line: asked.line, where: asked.key, expected: isReadable ? expected : "a range of versions such as `>=3.11`", got: `\`${asked.range}\``, fix: FIX }
}

/** The range of the service's pyproject.toml, else of the one beside the lock file. */
function askedPython(project: PythonProject, lockFolder: string): AskedPython | null {
  return rangeOf(project.own) ?? rangeOf(project.manifests[lockFolder] ?? null)
}

function rangeOf(toml: TomlFile | null): AskedPython | null {
  const standard = textAt(toml, "project", "requires-python")
  const poetry = textAt(toml, "tool", "poetry", "dependencies", "python")
  const range = standard ?? poetry
  if (toml === null || range === null || range.trim() === "") return null
  const key = standard === null ? "python" : "requires-python"
  return { range, file: toml.file, line: lineOfKey(toml.text, key), key: standard === null ? "tool.poetry.dependencies.python" : "project.requires-python" }
}

/** Major and minor version that somebody chose: where it is developed, else where it runs. */
function wishedPython({ path, dockerfile }: ToolchainInput, { tree }: PythonProject): string | null {
  const files = foldersUp(path).flatMap((folder) => textOf(tree, folder, ".python-version") ?? [])
  const developed = files.map((text) => /^\s*(?:cpython-|python-)?(\d+\.\d+)/m.exec(text)?.[1]).find((version) => version !== undefined)
  const recipe = textOf(tree, "", dockerfile ?? joinPath(path, "Dockerfile")) ?? ""
  const shipped = /^\s*(?:FROM\s+(?:--\S+\s+)*|ARG\s+\w+=["']?)(?:\S*\/)?python:(\d+\.\d+)/im.exec(recipe)?.[1]
  return developed ?? shipped ?? null
}

function describeAsked(python: string, asked: AskedPython | null): string {
  return asked === null ? python : `${python} (${asked.key.split(".").at(-1)} ${asked.range})`
}
