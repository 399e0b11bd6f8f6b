/** Time and the server's answers, handed in so that minutes are tested in a millisecond. */
export interface PollPorts {
  readonly now: () => number
  readonly pause: (milliseconds: number) => Promise<void>
}

export interface PollLimits {
  /** What is waited for, as the end of a sentence. */
  readonly what: string
  readonly seconds: number
  /** The setting of delivery.yaml that raises the limit. */
  readonly setting: string
  /** How many answers in a row may stay out before the server counts as gone; null waits on. */
  readonly silences: number | null
}

/** Ends a stage as an error, with the reason. */
export class SonarTrouble extends Error {
  constructor(
    message: string,
    readonly log = "",
  ) {
    super(message)
  }
}

const PAUSE_MILLISECONDS = 1000

/** Asks until there is an answer other than null. Whoever asks throws a SonarTrouble for what will never change; all else is a silence. */
export async function poll<Answer>(ask: () => Promise<Answer | null>, limits: PollLimits, { now, pause }: PollPorts): Promise<Answer> {
  const started = now()
  let silences = 0
  let last = "no answer yet"
  for (;;) {
    try {
      const answer = await ask()
      if (answer !== null) return answer
      silences = 0
      last = "not yet"
    } catch (error) {
      if (error instanceof SonarTrouble) throw error
      silences += 1
      last = error instanceof Error ? error.message : String(error)
      if (limits.silences !== null && silences > limits.silences) throw new SonarTrouble(`SonarQube stopped answering while ${limits.what}: ${last}`)
    }
    if (now() - started >= limits.seconds * 1000) {
      throw new SonarTrouble(`${limits.what} did not end within ${limits.seconds} s (${limits.setting}); last answer: ${last}`)
    }
    await pause(PAUSE_MILLISECONDS)
  }
}
