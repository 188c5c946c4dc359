import type { Clock } from '../../actions/shared/clock.ts'
import { neverCancelled } from '../../actions/shared/cancellation.ts'
import { createHttp, type Http, type HttpOptions } from '../../actions/shared/http.ts'
import type { Log } from '../../actions/shared/log.ts'
import { createSecrets } from '../../actions/shared/secrets.ts'
import type { World } from '../../actions/shared/world.ts'

/** A clock that never waits, and remembers how long it was asked to. */
export function quickClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = []
  let passed = 0
  return {
    slept,
    now: () => Date.now() + passed,
    sleep: (milliseconds) => {
      slept.push(milliseconds)
      passed += milliseconds
      return Promise.resolve()
    }
  }
}

/** A log that keeps what was said. */
export function keptLog(): Log & { readonly lines: string[] } {
  const lines: string[] = []
  const say = (message: string): void => {
    lines.push(message)
  }
  return {
    lines,
    info: say,
    debug: say,
    notice: say,
    warning: say,
    error: (problem) => {
      say(`${problem.code}: ${problem.message}`)
    },
    remark: ({ level, problem }) => {
      say(`${level} ${problem.code}: ${problem.message}`)
    },
    group: (title, body) => {
      say(title)
      return body()
    }
  }
}

export function testHttp(options: Partial<HttpOptions> = {}): Http {
  return createHttp({
    clock: quickClock(),
    log: keptLog(),
    userAgent: 'release-actions/test',
    firstDelay: 1,
    ...options
  })
}

/** The outside for phases run inside the test's own process: real HTTP, a clock that does not wait. */
export function testWorld(): World & {
  readonly log: ReturnType<typeof keptLog>
  readonly clock: ReturnType<typeof quickClock>
  readonly masks: string[]
} {
  const masks: string[] = []
  const clock = quickClock()
  const log = keptLog()
  return {
    http: testHttp({ clock, log }),
    clock,
    log,
    secrets: createSecrets((value) => {
      masks.push(value)
    }),
    cancelled: neverCancelled(),
    masks
  }
}
