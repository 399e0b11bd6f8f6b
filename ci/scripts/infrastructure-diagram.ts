import { readdirSync, readFileSync } from "node:fs"

// `tofu fmt` writes blocks of the top level so: the name in one line, the end in the first column.
const BLOCK = (kind: string): RegExp => new RegExp(`^${kind} "([\\w-]+)"(?: "([\\w-]+)")? \\{\\n([^]*?)^\\}`, "gm")

interface ModuleUse {
  readonly name: string
  readonly folder: string
  /** Modules whose outputs it takes. */
  readonly takes: readonly string[]
  /** Where it runs besides the product's own region. */
  readonly elsewhere: string | null
}

const folder = new URL("../../terraform/modules/", import.meta.url)

function textOf(module: string): string {
  const files = readdirSync(new URL(`${module}/`, folder)).filter((name) => name.endsWith(".tf")).sort()
  return files.map((name) => readFileSync(new URL(`${module}/${name}`, folder), "utf8")).join("\n")
}

function uses(text: string): readonly ModuleUse[] {
  const locals = [...text.matchAll(/^locals \{\n([^]*?)^\}/gm)].map(([, body]) => body).join("\n")
  // A local that speaks of modules stands for them where it is used.
  const stands = new Map([...locals.matchAll(/^ {2}(\w+) += ([^]*?)(?=^ {2}\w+ +=|(?![^]))/gm)].map(([, name = "", body = ""]) => [name, modulesIn(body)]))
  return [...text.matchAll(BLOCK("module"))].map(([, name = "", , body = ""]) => {
    const through = [...body.matchAll(/\blocal\.(\w+)/g)].flatMap(([, local = ""]) => stands.get(local) ?? [])
    const takes = [...new Set([...modulesIn(body), ...through])].filter((other) => other !== name).sort()
    return { name, folder: /source += "\.\.\/([\w-]+)"/.exec(body)?.[1] ?? name, takes, elsewhere: /aws\.us_east_1 += /.test(body) ? "us-east-1 too" : /aws\.replica += /.test(body) ? "replica region" : null }
  })
}

const modulesIn = (text: string): readonly string[] => [...text.matchAll(/\bmodule\.(\w+)/g)].map(([, name = ""]) => name)

/** `8 aws_subnet`, most telling kinds first: those that a module is about come before roles and rules. */
function resourcesOf(module: string): readonly string[] {
  const types = [...textOf(module).matchAll(BLOCK("resource"))].map(([, type = ""]) => type)
  const minor = /^aws_(iam_role|kms_alias|security_group|vpc_security_group|route_table|route$|.*_(policy|attachment|association|configuration|(subnet|parameter|log)_group|controls|block|rule|target|subscription|versioning|logging|validation|feature|selection|notifications|version)$)/
  const main = [...new Set(types)].filter((type) => !minor.test(type))
  return (main.length === 0 ? [...new Set(types)] : main).map((type) => type.replace(/^aws_/, "").replaceAll("_", " "))
}

/** docs/terraform-diagram.md: the modules of an environment, what each makes, and what it takes from the others. */
export function renderInfrastructure(): string {
  const all = uses(textOf("product"))
  const nodes = all.map(({ name, folder: module, elsewhere }) => {
    const made = resourcesOf(module)
    const lines = [`<b>${module}</b>${elsewhere === null ? "" : ` (${elsewhere})`}`, ...chunks(made.slice(0, 9), 3).map((row) => row.join(", ")), ...(made.length > 9 ? ["…"] : [])]
    return `  ${name}["${lines.join("<br/>")}"]`
  })
  const edges = all.flatMap(({ name, takes }) => takes.map((other) => `  ${other} --> ${name}`))
  return `# The infrastructure of an environment

Made from terraform/modules/product by \`npm run generate\`: what each module makes, without roles, rules and the like. An arrow leads from a module to one that takes its outputs.

\`\`\`mermaid
flowchart LR
${[...nodes, ...edges].join("\n")}
\`\`\`
`
}

const chunks = (words: readonly string[], size: number): string[][] => words.reduce<string[][]>((rows, word, index) => (index % size === 0 ? [...rows, [word]] : [...rows.slice(0, -1), [...(rows.at(-1) ?? []), word]]), [])
