// A lock among processes that the kernel lets go when its holder dies, however it dies.
// Node has no flock: util-linux's flock holds it, and ends when this process closes the pipe or is killed.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

export async function withLock(file, log, action) {
  mkdirSync(dirname(file), { recursive: true })
  const release = await acquire(file, log)
  try {
    return await action()
  } finally {
    await release()
  }
}

function acquire(file, log) {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['--exclusive', file, 'sh', '-c', 'echo locked; exec cat >/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = new Promise((done) => child.on('close', done))
    const waiting = setTimeout(() => log(`waiting for another process that holds ${file}`), 2_000)
    child.stdout.once('data', () => {
      clearTimeout(waiting)
      resolve(() => { child.stdin.end(); return ended })
    })
    child.on('error', (error) => reject(new Error(`${file}: cannot be locked: ${error.message}; install the Debian package util-linux`)))
    ended.then((status) => { clearTimeout(waiting); reject(new Error(`${file}: cannot be locked: flock ended with ${status}`)) })
  })
}
