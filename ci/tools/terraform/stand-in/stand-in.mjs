// Runs a command of tofu or terraform that finds, in place of a provider that is out of reach, this program: it knows the provider's schema and nothing else.
// So names, types and required arguments are checked and mocked tests run; whatever else is asked of it is an error, never an answer.
// Usage: node stand-in.mjs SCHEMA COMMAND…, where SCHEMA is what `tofu providers schema -json` prints.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

const NESTING = { single: 1, list: 2, set: 3, map: 4, group: 5 }
const HOSTS = ['registry.opentofu.org', 'registry.terraform.io']

const blockOf = ({ attributes = {}, block_types: blocks = {} }) => ({
  attributes: Object.entries(attributes).map(([name, { type, ...how }]) => ({ name, type: Buffer.from(JSON.stringify(type)), ...how })),
  block_types: Object.entries(blocks).map(([name, { nesting_mode: mode, block, min_items = 0, max_items = 0 }]) => ({ type_name: name, block: blockOf(block), nesting: NESTING[mode], min_items, max_items })),
})
const schemaOf = ({ version, block }) => ({ version, block: blockOf(block) })
const schemasOf = (schemas = {}) => Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, schemaOf(schema)]))

const Provider = loadSync(join(import.meta.dirname, 'stand-in.proto'), { keepCase: true })['tfplugin5.Provider']

async function serve(schema, socket) {
  const server = new Server({ 'grpc.max_send_message_length': -1 })
  const answer = (make) => (call, done) => done(null, make(call.request))
  server.addService(Provider, {
    GetSchema: answer(() => ({ provider: schemaOf(schema.provider), resource_schemas: schemasOf(schema.resource_schemas), data_source_schemas: schemasOf(schema.data_source_schemas) })),
    PrepareProviderConfig: answer(({ config }) => ({ prepared_config: config })),
    ValidateResourceTypeConfig: answer(() => ({})),
    ValidateDataSourceConfig: answer(() => ({})),
    Stop: answer(() => ({})),
  })
  await new Promise((resolve, reject) => server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve())))
  return server
}

const [schemaPath, ...command] = process.argv.slice(2)
if (command.length === 0) throw new Error('usage: node stand-in.mjs SCHEMA COMMAND…')
const { provider_schemas: providers } = JSON.parse(readFileSync(schemaPath, 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'stand-in-'))
const reattach = {}
const servers = []
for (const [index, [name, schema]] of Object.entries(providers).entries()) {
  const socket = join(folder, `${index}.sock`)
  servers.push(await serve(schema, socket))
  const address = name.split('/').slice(-2).join('/')
  for (const host of HOSTS) reattach[`${host}/${address}`] = { Protocol: 'grpc', ProtocolVersion: 5, Pid: process.pid, Test: true, Addr: { Network: 'unix', String: socket } }
}
const child = spawn(command[0], command.slice(1), { stdio: 'inherit', env: { ...process.env, TF_REATTACH_PROVIDERS: JSON.stringify(reattach) } })
child.on('error', (error) => end(error.code === 'ENOENT' ? 127 : 126, String(error)))
child.on('exit', (code, signal) => end(code ?? 128 + constants.signals[signal]))

function end(code, words) {
  if (words) console.error(words)
  for (const server of servers) server.forceShutdown()
  rmSync(folder, { recursive: true, force: true })
  process.exit(code)
}
