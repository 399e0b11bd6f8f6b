import { describe, expect, it } from "vitest"
import { completeSonar } from "../../../src/core/config/sonar.js"
import { renderProperties, scannerProperties, scannerTrouble, sourceFolders, taskId } from "../../../src/core/sonar/properties.js"

const config = completeSonar({ projectKey: "shop", tests: ["**/*.test.*"], exclusions: ["**/generated/**"], properties: { "sonar.python.version": "3.11" }, startSeconds: 600, analysisSeconds: 300 })
const facts = { project: "shop", commit: "abc", services: ["apps/web", "apps/api"], hasCoverage: true, hasTests: false }

describe("what is analysed", () => {
  it.each([
    ["the services' folders", null, ["apps/web", "apps/api"], ["apps/api", "apps/web"]],
    ["what delivery.yaml says", ["src/"], ["apps/web"], ["src"]],
    ["no folder twice, which the scanner refuses", ["apps", "apps/web", "apps"], [], ["apps"]],
    ["all when one is the repository", ["apps/web", "."], [], ["."]],
  ])("is %s", (_, sources, services, folders) => expect(sourceFolders({ sources }, services)).toEqual(folders))
})

describe("the scanner's settings", () => {
  const properties = scannerProperties(config, facts)
  it("tell tests from sources by the same globs, so that no file is both", () => {
    expect(properties).toMatchObject({
      "sonar.sources": "apps/api,apps/web",
      "sonar.tests": "apps/api,apps/web",
      "sonar.test.inclusions": "**/*.test.*",
      "sonar.exclusions": "**/*.test.*,**/generated/**",
      "sonar.test.exclusions": "**/generated/**",
    })
  })
  it("name only the reports that are there", () => {
    expect(properties).toHaveProperty(["sonar.coverageReportPaths"])
    expect(properties).not.toHaveProperty(["sonar.testExecutionReportPaths"])
  })
  it("take further ones, and hold no secret and no server", () => {
    expect(properties["sonar.python.version"]).toBe("3.11")
    expect(Object.keys(properties).filter((name) => /token|password|login|host/.test(name))).toEqual([])
  })
  it("are escaped as Java reads them", () => {
    expect(renderProperties({ a: "C:\\x\ny", b: " é", c: "😀" })).toBe("a=C:\\\\x\\ny\nb=\\ \\u00e9\nc=\\ud83d\\ude00\n")
  })
})

it("reads the task from the scanner's report", () => {
  expect(taskId("projectKey=shop\nceTaskId=eb083505-2d40\nceTaskUrl=http://x/api/ce/task?id=eb083505-2d40\n")).toBe("eb083505-2d40")
  expect(taskId("")).toBeNull()
})

describe("the scanner's trouble", () => {
  it.each([
    ["16:32:26.259 ERROR Error during SonarScanner Engine execution\n16:32 ERROR Not authorized. Please check the user token\n", "Not authorized. Please check the user token"],
    ["INFO x\nCaused by: java.net.ConnectException: Connection refused\n", "Caused by: java.net.ConnectException: Connection refused"],
    ["", "no output"],
  ])("is told from %j", (output, told) => expect(scannerTrouble(output)).toBe(told))
})
