/**
 * Aborted when the job is cancelled. A runner sends SIGINT, SIGTERM after 7.5 seconds, and kills the process 2.5 seconds
 * later (actions/runner, src/Runner.Sdk/ProcessInvoker.cs): whoever listens has that long to leave things in order.
 * Without this listener the first signal ends the process.
 */
export function listenForCancellation(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      controller.abort()
    })
  }
  return controller.signal
}

/** The signal of what cannot be cancelled in good order: the process then ends at once. */
export function neverCancelled(): AbortSignal {
  return new AbortController().signal
}
