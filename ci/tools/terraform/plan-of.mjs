// Runs a command such as `tofu test -json -verbose` and keeps the last plan that it tells of in a file; the rest of what it says goes on.
// Usage: node plan-of.mjs PLAN COMMAND…
import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { createInterface } from 'node:readline'

const [path, ...command] = process.argv.slice(2)
rmSync(path, { force: true })
const child = spawn(command[0], command.slice(1), { stdio: ['inherit', 'pipe', 'inherit'] })
createInterface({ input: child.stdout }).on('line', (line) => {
  if (!line.includes('"type":"test_plan"')) return void process.stdout.write(`${line}\n`)
  const { variables, provider_schemas: schemas, prior_state: state, ...plan } = JSON.parse(line).test_plan
  writeFileSync(path, JSON.stringify(plan))
})
child.on('error', (error) => {
  console.error(String(error))
  process.exitCode = error.code === 'ENOENT' ? 127 : 126
})
child.on('close', (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal]
})
