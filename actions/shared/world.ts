import * as core from '@actions/core'
import { neverCancelled } from './cancellation.ts'
import { systemClock, type Clock } from './clock.ts'
import { createHttp, type Http } from './http.ts'
import { runnerLog, type Log } from './log.ts'
import { createSecrets, type Secrets } from './secrets.ts'

/** What an action needs from the outside. */
export interface World {
  readonly http: Http
  readonly clock: Clock
  readonly log: Log
  readonly secrets: Secrets
  /** Aborted when the job is cancelled, for an action that leaves things in order then (`Executable.endsInOrder`). */
  readonly cancelled: AbortSignal
}

/** The outside as it is on a runner. */
export function runnerWorld(action: string, cancelled = neverCancelled()): World {
  const secrets = createSecrets((value) => {
    core.setSecret(value)
  })
  const log = runnerLog(secrets)
  const http = createHttp({ clock: systemClock, log, userAgent: `release-actions/${action}` })
  return { http, clock: systemClock, log, secrets, cancelled }
}
