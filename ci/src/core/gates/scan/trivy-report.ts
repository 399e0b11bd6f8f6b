import { asList, asText, isObject, isText, type JsonObject } from "../audit/report.js"
import { severityOfWord, unreadableScan, type ScannedFault, type ScanReport } from "./found.js"

/** How the targets of a report are named to people. */
export interface ReportPlaces {
  /** The path in the repository of a target; null where it is none, as of an image. */
  readonly pathOf: (target: string, line: number | null) => string | null
  /** The environment that the target was rendered for; null for what stands in the repository itself. */
  readonly environmentOf: (target: string) => string | null
}

const CLASSES = ["os-pkgs", "lang-pkgs", "config", "secret", "license", "license-file", "custom"]

/** Trivy's JSON. What does not look like one is no report: an empty one would be a pass. */
export function readTrivy(text: string | null, places: ReportPlaces): ScanReport {
  const report = parsed(text)
  if (report === null) return unreadableScan(text === null ? "the scanner left no report" : "the scanner's report is no JSON object")
  const { SchemaVersion: version, Results: results = [], Metadata: metadata } = report
  if (version !== 2 || !isObject(report["Trivy"]) || !isText(report["ArtifactType"])) return unreadableScan("the scanner's report is not of a known version")
  if (!Array.isArray(results)) return unreadableScan("the scanner's report has no list of results")
  const faults: ScannedFault[] = []
  let counted = 0
  for (const result of results as readonly unknown[]) {
    if (!isObject(result) || !isText(result["Target"]) || !CLASSES.includes(asText(result["Class"]))) return unreadableScan("a result of the scanner's report is not understood")
    for (const [key, read] of READERS) {
      const found = asList(result[key])
      counted += found.length
      for (const entry of found) {
        const fault = isObject(entry) ? read(entry, result, places) : null
        if (fault === null) return unreadableScan(`an entry of the report's ${key} of ${asText(result["Target"])} is not understood`)
        faults.push(...fault)
      }
    }
    faults.push(...asList(result["ExperimentalModifiedFindings"]).filter(isObject).flatMap((entry) => suppressed(entry, result, places)))
  }
  const listed = (results as readonly JsonObject[]).map((result) => ({ target: asText(result["Target"]), class: asText(result["Class"]), packages: asList(result["Packages"]).length }))
  return { kind: "read", faults, results: listed, facts: { counted, ...imageFacts(metadata) } }
}

type EntryReader = (entry: JsonObject, result: JsonObject, places: ReportPlaces) => readonly ScannedFault[] | null

const READERS: readonly (readonly [string, EntryReader])[] = [
  ["Vulnerabilities", vulnerability],
  ["Misconfigurations", misconfiguration],
  ["Secrets", secret],
  ["Licenses", licence],
]

function vulnerability(entry: JsonObject, result: JsonObject, places: ReportPlaces): readonly ScannedFault[] | null {
  const { VulnerabilityID: id, PkgName: name, InstalledVersion: version, FixedVersion: fixed, Title: title, PkgID: packageId } = entry
  if (!isText(id) || !isText(name)) return null
  const packages = asList(result["Packages"]).filter(isObject)
  const own = packages.find((each) => isText(packageId) && each["ID"] === packageId) ?? packages.find((each) => each["Name"] === name && each["Version"] === version)
  const mended = isText(fixed) ? `, fixed in ${fixed}` : ", nothing mends it yet"
  return [{
    kind: "vulnerability",
    severity: severityOfWord(entry["Severity"]),
    ids: [id, ...asList(entry["VendorIDs"]).filter(isText)],
    packageName: name,
    rule: id,
    message: `${name} ${asText(version)}: ${asText(title) || "no title"} (${id})${mended}`,
    ...place(result, lineOf(asList(own?.["Locations"])[0], "StartLine"), places),
    spared: own?.["Dev"] === true ? "only used in development" : isText(fixed) ? null : NOTHING_MENDS,
  }]
}

/** The mark of a vulnerability without a fix; `ignoreUnfixed` decides whether it counts. */
export const NOTHING_MENDS = "nothing mends it yet"

function misconfiguration(entry: JsonObject, result: JsonObject, places: ReportPlaces): readonly ScannedFault[] | null {
  const { ID: id, Status: status, Title: title, Message: message } = entry
  if (!isText(id)) return null
  if (status !== "FAIL") return []
  const at = place(result, lineOf(entry["CauseMetadata"], "StartLine"), places)
  const words = [asText(message) || asText(title), ...(isText(message) && isText(title) ? [`(${title})`] : [])].join(" ").replace(/\s+/g, " ")
  // Each environment has a namespace of its own; the fault is the same.
  const said = at.renderedFor === null ? words : words.replace(/ \(namespace: [^)]*\)| in '[^']*' namespace/, "")
  return [{ kind: "misconfiguration", severity: severityOfWord(entry["Severity"]), ids: [id], packageName: null, rule: id, message: said || id, ...at, spared: null }]
}

/** The rule and the place, and nothing of what stands there. */
function secret(entry: JsonObject, result: JsonObject, places: ReportPlaces): readonly ScannedFault[] | null {
  const { RuleID: id, Title: title } = entry
  if (!isText(id)) return null
  return [{ kind: "secret", severity: severityOfWord(entry["Severity"]), ids: [id], packageName: null, rule: id, message: `${asText(title) || id} (${asText(result["Target"])})`, ...place(result, lineOf(entry, "StartLine"), places), spared: null }]
}

// What binds whoever links with it; the others are in the report and are no findings.
const BINDING = ["forbidden", "restricted"]

function licence(entry: JsonObject, result: JsonObject, places: ReportPlaces): readonly ScannedFault[] | null {
  const { Name: name, PkgName: packageName, Category: category } = entry
  if (!isText(name)) return null
  if (!BINDING.includes(asText(category))) return []
  return [{ kind: "licence", severity: severityOfWord(entry["Severity"]), ids: [name], packageName: asText(packageName) || null, rule: name, message: `${asText(packageName) || "a file"}: licence ${name} is ${asText(category)}`, ...place(result, null, places), spared: null }]
}

/** What a VEX document takes out. */
function suppressed(entry: JsonObject, result: JsonObject, places: ReportPlaces): readonly ScannedFault[] {
  const finding = isObject(entry["Finding"]) ? entry["Finding"] : {}
  const why = [asText(entry["Status"]), asText(entry["Statement"])].filter((text) => text !== "").join(": ")
  return (vulnerability(finding, result, places) ?? []).map((fault) => ({ ...fault, spared: `VEX says ${why || "it does not concern the product"}` }))
}

function place(result: JsonObject, line: number | null, { pathOf, environmentOf }: ReportPlaces): Pick<ScannedFault, "path" | "line" | "renderedFor"> {
  const target = asText(result["Target"])
  const path = pathOf(target, line)
  // A line of what was rendered is none of the repository's.
  const renderedFor = environmentOf(target)
  return { path, line: path === null || renderedFor !== null ? null : line, renderedFor }
}

function lineOf(from: unknown, key: string): number | null {
  const line = isObject(from) ? from[key] : undefined
  return typeof line === "number" && Number.isInteger(line) && line > 0 ? line : null
}

function imageFacts(metadata: unknown) {
  const { OS: system, DiffIDs: layers } = isObject(metadata) ? metadata : {}
  const { Family: family, Name: name, EOSL: endOfLife } = isObject(system) ? system : {}
  return { system: isText(family) ? `${family} ${asText(name)}`.trim() : null, isEndOfLife: endOfLife === true, layers: asList(layers).length }
}

function parsed(text: string | null): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text ?? "")
    return isObject(value) ? value : null
  } catch {
    // Not JSON: told as such.
    return null
  }
}
