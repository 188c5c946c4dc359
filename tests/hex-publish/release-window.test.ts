import { describe, expect, test } from '@jest/globals'
import { releaseWindow } from '../../actions/hex-publish/release-window.ts'

const hour = 3_600_000
const day = 24 * hour
const now = Date.UTC(2026, 7, 20, 12)

function windowOf(releaseAge: number, packageAge: number, organization?: string) {
  return releaseWindow({
    release: { insertedAt: now - releaseAge },
    package: { insertedAt: now - packageAge },
    organization,
    now
  })
}

describe('the window of a public release', () => {
  test.each([
    ['a release of a minute in an old package', 60_000, 400 * day, true],
    ['a release of exactly an hour', hour, 400 * day, true],
    ['a release of more than an hour', hour + 1_000, 400 * day, false],
    ['a release of ten hours in a package of ten hours', 10 * hour, 10 * hour, true],
    ['a release of exactly a day in a package of a day', day, day, true],
    ['a release of a day and a second in a package of as much', day + 1_000, day + 1_000, false],
    ['a release of half an hour in a package of 23.9 hours', hour / 2, 23.9 * hour, true]
  ])('of %s', (_what, releaseAge, packageAge, open) => {
    expect(windowOf(releaseAge, packageAge).open).toBe(open)
  })

  test('lasts an hour from the release, or a day from the package, whichever is later', () => {
    expect(windowOf(0, 400 * day).until).toBe(now + hour)
    expect(windowOf(2 * hour, 3 * hour).until).toBe(now + 21 * hour)
    expect(windowOf(hour / 2, 23.9 * hour).until).toBe(now + hour / 2)
  })

  test('is told with the rule and the times', () => {
    expect(windowOf(2 * hour, 400 * day).why).toBe(
      'a release can be changed until one hour after it was published (2026-08-20 10:00:00 UTC): it was until 2026-08-20 11:00:00 UTC'
    )
    expect(windowOf(2 * hour, 2 * hour).why).toContain('24 hours after its package was first published')
  })
})

test('a private release can be changed at any time', () => {
  const { open, until, why } = windowOf(400 * day, 400 * day, 'acme')
  expect(open).toBe(true)
  expect(until).toBeUndefined()
  expect(why).toContain('acme')
})
