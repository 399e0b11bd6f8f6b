import { loadXml } from "../lazy.js"

/** One test case of a JUnit report. */
export interface TestCase {
  readonly suite: string
  readonly name: string
  readonly outcome: "passed" | "failed" | "skipped"
  /** First line of the failure; empty for other outcomes. */
  readonly message: string
  readonly file: string | null
  /** 0 when the report does not say. */
  readonly seconds: number
}

type XmlElement = Readonly<Record<string, unknown>>

/** The cases of a JUnit report; null when it is not one. */
export async function parseJunit(text: string): Promise<readonly TestCase[] | null> {
  const root = await parseXml(text)
  if (root === null) return null
  const tops = [...elements(root["testsuites"]), ...elements(root["testsuite"])]
  return tops.length === 0 ? null : tops.flatMap(suiteCases)
}

/** XML as plain data: attributes begin with `@`, text is `#text`. Null when it is not well-formed. */
export async function parseXml(text: string): Promise<XmlElement | null> {
  const { XMLParser, XMLValidator } = await loadXml()
  if (text.trim() === "" || XMLValidator.validate(text) !== true) return null
  const parsed: unknown = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    parseTagValue: false,
    parseAttributeValue: false,
    // Without it `&#10;`, a line break in pytest's messages, stays as it is.
    htmlEntities: true,
  }).parse(text)
  return isElement(parsed) ? parsed : null
}

/** Child elements of one name: the parser gives one as an object, several as a list, an empty one as a text. */
export function elements(value: unknown): readonly XmlElement[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value]
  return list.map((entry) => (isElement(entry) ? entry : { "#text": String(entry) }))
}

export function attribute(element: XmlElement, name: string): string | null {
  const value = element[`@${name}`]
  return value === undefined ? null : String(value)
}

/** Cases of a suite and of the suites inside it, which some writers nest. */
function suiteCases(suite: XmlElement): readonly TestCase[] {
  const name = attribute(suite, "name") ?? ""
  const own = elements(suite["testcase"]).map((element) => testCase(name, element))
  return [...own, ...elements(suite["testsuite"]).flatMap(suiteCases)]
}

function testCase(suite: string, element: XmlElement): TestCase {
  const problem = elements(element["failure"])[0] ?? elements(element["error"])[0]
  const outcome = problem !== undefined ? "failed" : element["skipped"] !== undefined ? "skipped" : "passed"
  const message = problem === undefined ? "" : (attribute(problem, "message") ?? String(problem["#text"] ?? ""))
  return {
    suite,
    name: attribute(element, "name") ?? "",
    outcome,
    message: message.trim().split("\n")[0] ?? "",
    file: attribute(element, "file") ?? attribute(element, "classname"),
    seconds: Number(attribute(element, "time") ?? 0) || 0,
  }
}

function isElement(value: unknown): value is XmlElement {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
