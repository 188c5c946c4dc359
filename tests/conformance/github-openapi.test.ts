// Every answer of the sandbox's GitHub against GitHub's own OpenAPI description.
import { beforeAll, describe, expect, test } from '@jest/globals'
import { departures } from '../../sandbox/github/departures.ts'
import { operations } from '../../sandbox/github/rest.ts'
import {
  createValidator,
  excuses,
  officialDescription,
  type Complaint,
  type Validator
} from '../sandbox/github/openapi.ts'
import { playEverything } from '../sandbox/github/scenario.ts'
import type { Exchange } from '../sandbox/github/talk.ts'

describe('the answers of the sandbox’s GitHub', () => {
  let validator: Validator
  let exchanges: readonly Exchange[]
  beforeAll(() => {
    validator = createValidator(officialDescription())
    exchanges = playEverything()
  })

  test('fit GitHub’s OpenAPI description, but for the departures that are written down', () => {
    const unexcused = exchanges.flatMap((exchange) =>
      validator
        .complaints(exchange)
        .filter((complaint) => !departures.some((departure) => excuses(departure, complaint)))
        .map((complaint) => described(exchange, complaint))
    )
    expect(unexcused).toEqual([])
  })

  test('use every departure that is written down', () => {
    const complaints = exchanges.flatMap((exchange) => validator.complaints(exchange))
    const unused = departures.filter((departure) => !complaints.some((complaint) => excuses(departure, complaint)))
    expect(unused.map(({ what }) => what)).toEqual([])
  })

  test('cover every operation that is served, each with success and, where it can fail, with a failure', () => {
    const succeeded = new Set<string>()
    const failed = new Set<string>()
    for (const exchange of exchanges) {
      ;(exchange.status < 400 ? succeeded : failed).add(validator.operationOf(exchange))
    }
    const unfailing = ['meta/root', 'meta/get', 'rate-limit/get']
    const served = operations.map(({ id }) => id)
    expect(served.filter((id) => !succeeded.has(id))).toEqual([])
    expect(served.filter((id) => !failed.has(id) && !unfailing.includes(id))).toEqual([])
    expect(exchanges.length).toBeGreaterThan(100)
  })

  test('are judged by a validator that sees a wrong answer', () => {
    const release = exchanges.find(
      (exchange) => exchange.status === 200 && validator.operationOf(exchange) === 'repos/get-release'
    )
    if (release === undefined) throw new Error('the scenario reads no release')
    const spoiled = (change: object): readonly string[] =>
      validator.complaints({ ...release, json: { ...(release.json as object), ...change } }).map(({ kind }) => kind)
    expect(spoiled({ draft: 'yes' })).toEqual(['type'])
    expect(spoiled({ html_url: 'no address' })).toEqual(['format'])
    expect(spoiled({ invented: 1 })).toEqual(['additionalProperties'])
    expect(spoiled({ author: {} }).length).toBeGreaterThan(10)
    expect(validator.complaints({ ...release, status: 422, json: { error: 'no' } }).length).toBeGreaterThan(0)
    expect(validator.complaints({ ...release, status: 203 }).map(({ kind }) => kind)).toEqual(['undescribed status'])
  })
})

function described({ request }: Exchange, complaint: Complaint): string {
  return `${request.method} ${request.url.href} → ${complaint.status}: ${complaint.property} ${complaint.text}`
}
