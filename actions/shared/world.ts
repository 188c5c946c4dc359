import * as core from '@actions/core'
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
}

/** The outside as it is on a runner. */
export function runnerWorld(action: string): World {
  const secrets = createSecrets((value) => {
    core.setSecret(value)
  })
  const log = runnerLog(secrets)
  const http = createHttp({ clock: systemClock, log, userAgent: `release-actions/${action}` })
  return { http, clock: systemClock, log, secrets }
}
