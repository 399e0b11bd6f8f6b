// Runs one external program to its end. The kit calls every program through a function of this form,
// so that the same code works with programs of the host and with programs in a root file system of the kit.
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const TAIL_LINES = 15

/**
 * @param {string[]} argv
 * @param {{cwd?: string, env?: Record<string, string|undefined>, logFile?: string}} [options]
 * @returns {Promise<string>} what the program wrote to standard output
 */
export function run(argv, options = {}) {
  const log = openLog(options.logFile)
  writeSync(log, `+ ${argv.map(quote).join(' ')}\n`)
  return new Promise((resolve, reject) => {
    let stdout = ''
    let tail = ''
    // A killed kit must not leave programs behind that go on writing to its cache.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], {
      cwd: options.cwd, env: options.env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'],
    })
    const keep = (chunk) => { writeSync(log, chunk); tail = (tail + chunk).slice(-16_384) }
    child.stdout.setEncoding('utf8').on('data', (chunk) => { stdout += chunk; keep(chunk) })
    child.stderr.setEncoding('utf8').on('data', keep)
    child.on('error', (error) => {
      closeSync(log)
      reject(new Error(`${argv[0]}: cannot be started: ${error.message}; install util-linux's setpriv and the Debian package of ${argv[0]}`))
    })
    child.on('close', (status, signal) => {
      closeSync(log)
      if (status === 0) resolve(stdout)
      else reject(new Error(failure(argv, status ?? signal, tail, options)))
    })
  })
}

function openLog(logFile) {
  if (!logFile) return openSync('/dev/null', 'w')
  mkdirSync(dirname(logFile), { recursive: true })
  return openSync(logFile, 'a')
}

export function failure(argv, status, output, { cwd, logFile } = {}) {
  const lines = output.trimEnd().split('\n').slice(-TAIL_LINES)
  return [
    `${argv.map(quote).join(' ')}: ended with ${status}, expected 0`,
    ...(cwd ? [`in ${cwd}`] : []),
    ...lines.map((line) => `  ${line}`),
    ...(logFile ? [`the whole output: ${logFile}`] : []),
  ].join('\n')
}

// A script given as one argument would bury the message; the log of the program has its output anyway.
function quote(word) {
  if (word.length > 200) return quote(`${word.slice(0, 60).replaceAll('\n', ' ')}…`)
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
