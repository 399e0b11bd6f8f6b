// Shows the running step with its elapsed time. A step that has nothing to do says nothing.
const isTerminal = process.stderr.isTTY
const clear = isTerminal ? "\r\u001b[K" : ""
const quietMs = 500
const seconds = (from) => `${((Date.now() - from) / 1000).toFixed(0)} s`

/** Runs one step: a line that counts up on a terminal, a line every 30 s elsewhere. */
export async function step(title, work) {
  const started = Date.now()
  let shown = false
  const show = () => {
    process.stderr.write(isTerminal ? `${clear}[kit] ${title} … ${seconds(started)}` : `[kit] ${title}${shown ? ` … ${seconds(started)}` : ""}\n`)
    shown = true
  }
  let timer = setTimeout(() => {
    show()
    timer = setInterval(show, isTerminal ? 1000 : 30_000)
  }, quietMs)
  try {
    const result = await work()
    if (shown) process.stderr.write(`${clear}[kit] ${title}: done in ${seconds(started)}\n`)
    return result
  } catch (error) {
    process.stderr.write(`${clear}[kit] ${title}: FAILED after ${seconds(started)}\n`)
    throw error
  } finally {
    clearTimeout(timer)
    clearInterval(timer)
  }
}
