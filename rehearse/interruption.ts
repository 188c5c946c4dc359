/** The rehearsal was told to end before its time. */
export class Interrupted extends Error {
  readonly exitCode: number

  constructor(reason: string, exitCode: number) {
    super(`interrupted by ${reason}`)
    this.exitCode = exitCode
  }
}

/** 128 and the signal's number, as a shell tells it. npm passes Ctrl-C on, so a signal may come twice. */
const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
const brokenPipe = 141

/** How long everything that runs may take to end after it was told to. */
const grace = 10_000

/**
 * Gives a signal that is aborted, with an `Interrupted`, when the process is told to end or nobody reads what it
 * prints any more (`| head`). What has not ended soon after is left behind: the process exits, and what `onExit` was
 * given is done.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  const end = (reason: string, exitCode: number): void => {
    if (controller.signal.aborted) return
    controller.abort(new Interrupted(reason, exitCode))
    setTimeout(() => process.exit(exitCode), grace).unref()
  }
  for (const [name, exitCode] of Object.entries(signals)) {
    process.on(name, () => {
      end(name, exitCode)
    })
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      end('a closed pipe', brokenPipe)
    })
  }
  return controller.signal
}

/** Does `clean` when the process exits, however it comes to that; gives a function that takes this back. */
export function onExit(clean: () => void): () => void {
  process.on('exit', clean)
  return () => {
    process.off('exit', clean)
  }
}

/** The promise, or the signal's reason as soon as it is aborted; what the promise stands for is not ended by it. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => {
      reject(reasonOf(signal))
    }
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort)
    })
  })
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('interrupted')
}
