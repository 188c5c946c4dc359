import { describe, expect, test } from '@jest/globals'
import type { Change } from '../../actions/hex-publish/change/inputs.ts'
import type { Facts } from '../../actions/hex-publish/change/inspect.ts'
import { plan } from '../../actions/hex-publish/change/plan.ts'
import { releaseWindow } from '../../actions/hex-publish/release-window.ts'
import type { HexRelease } from '../../actions/shared/hex/hex-api.ts'

const published = Date.UTC(2026, 7, 20, 10, 0, 0)
const minute = 60_000

const release: HexRelease = {
  version: '0.1.0',
  checksum: 'c'.repeat(64),
  hasDocs: true,
  insertedAt: published,
  updatedAt: published,
  url: 'https://hex.pm/api/packages/diwa_schema/releases/0.1.0'
}
const mayWrite: NonNullable<Facts['key']> = {
  state: 'may write',
  problems: [],
  warnings: [],
  notes: [],
  notChecked: []
}

/** The release is there, an old package's second one, and the key may write. */
function facts(change: Change, other: Partial<Facts> & { readonly now?: number } = {}): Facts {
  const { now = published + 5 * minute, ...rest } = other
  const found = {
    name: 'diwa_schema',
    repository: 'hexpm',
    insertedAt: published - 90 * 24 * 60 * minute,
    releases: [
      { version: '0.1.0', hasDocs: true },
      { version: '0.0.9', hasDocs: true }
    ],
    private: false
  }
  return {
    subject: { package: { name: 'diwa_schema' }, version: '0.1.0', change },
    release,
    package: found,
    contradictory: false,
    hidden: false,
    window: change.mode === 'revert' ? releaseWindow({ release, package: found, now }) : undefined,
    key: mayWrite,
    problems: [],
    ...rest
  }
}

function decided(facts: Facts, dryRun = false): { readonly step?: unknown; readonly problems?: readonly string[] } {
  const result = plan({ dryRun }, facts)
  return 'plan' in result ? { step: result.plan.step } : { problems: result.problems.map(({ code }) => code) }
}

const retire: Change = { mode: 'retire', retirement: { reason: 'security', message: 'use 0.1.1' } }
const revert: Change = { mode: 'revert', confirm: '0.1.0' }

describe('retire', () => {
  test('a release that is not retired is retired', () => {
    expect(decided(facts(retire)).step).toMatchObject({
      kind: 'update',
      target: 'diwa_schema 0.1.0',
      there: 'not retired',
      wanted: 'retired: security (use 0.1.1)'
    })
  })

  test('one that is retired with the same reason and message is left alone', () => {
    const retired = { ...release, retirement: { reason: 'security', message: 'use 0.1.1' } }
    expect(decided(facts(retire, { release: retired })).step).toMatchObject({ kind: 'unchanged' })
  })

  test.each([{ reason: 'security' }, { reason: 'invalid', message: 'use 0.1.1' }])(
    'one that is retired with %j is retired anew, and the old retirement is shown',
    (retirement) => {
      const step = decided(facts(retire, { release: { ...release, retirement } })).step
      expect(step).toMatchObject({ kind: 'update', there: expect.stringContaining(retirement.reason) })
    }
  )

  test('one that Hex does not have is a fault that names what it has', () => {
    const result = plan({ dryRun: false }, facts(retire, { release: undefined }))
    expect('problems' in result && result.problems).toMatchObject([
      { code: 'release-not-there', message: expect.stringContaining('diwa_schema has 0.1.0, 0.0.9') }
    ])
  })

  test('a read that failed is told, and not taken for a release that is not there', () => {
    const outage = { code: 'hex-outage', message: 'hex.pm answered 503', hint: 'later' }
    expect(decided(facts(retire, { release: undefined, package: undefined, problems: [outage] })).problems).toEqual([
      'hex-outage'
    ])
  })
})

describe('unretire', () => {
  const unretire: Change = { mode: 'unretire' }

  test('takes away a retirement, which is shown', () => {
    const retired = { ...release, retirement: { reason: 'other' } }
    expect(decided(facts(unretire, { release: retired })).step).toMatchObject({
      kind: 'update',
      there: 'retired: other'
    })
  })

  test('leaves a release alone that is not retired', () => {
    expect(decided(facts(unretire)).step).toMatchObject({ kind: 'unchanged' })
  })
})

describe('revert', () => {
  test('inside the window, and the window is shown', () => {
    expect(decided(facts(revert)).step).toMatchObject({
      kind: 'update',
      wanted: 'gone',
      why: expect.stringContaining('2026-08-20 11:00:00 UTC')
    })
  })

  test('not after it, and the window is shown', () => {
    const result = plan({ dryRun: false }, facts(revert, { now: published + 61 * minute }))
    expect('problems' in result && result.problems).toMatchObject([
      { code: 'hex-window-closed', message: expect.stringContaining('2026-08-20 11:00:00 UTC') }
    ])
  })

  test.each([undefined, '0.1.1', 'true', 'v0.1.0'])('not where it is confirmed by %j', (confirm) => {
    expect(decided(facts({ mode: 'revert', confirm })).problems).toEqual(['revert-not-confirmed'])
  })

  test('all that stands against it is told together', () => {
    const other: Change = { mode: 'revert', confirm: '1.0.0' }
    const refusing = { ...mayWrite, problems: [{ code: 'hex-not-owner', message: 'not yours', hint: 'ask' }] }
    expect(decided(facts(other, { now: published + 61 * minute, key: refusing })).problems).toEqual([
      'revert-not-confirmed',
      'hex-window-closed',
      'hex-not-owner'
    ])
  })

  test('the last release takes the package with it, and the plan says so', () => {
    const last = facts(revert)
    const only = {
      ...last,
      package: last.package && { ...last.package, releases: [{ version: '0.1.0', hasDocs: true }] }
    }
    const result = plan({ dryRun: true }, only)
    expect('plan' in result && result.plan).toMatchObject({
      deletesPackage: true,
      step: { why: expect.stringContaining('package diwa_schema is deleted') }
    })
  })

  test('a release that is not there is what was wanted', () => {
    const gone = facts(revert, { release: undefined, package: undefined, window: undefined })
    expect(decided(gone).step).toMatchObject({ kind: 'unchanged', why: 'it is not there' })
  })
})

describe('the key', () => {
  test('must be there where something is written', () => {
    expect(decided(facts(retire, { key: undefined })).problems).toEqual(['api-key-missing'])
  })

  test('need not be there for a dry run, nor where nothing is written', () => {
    const retired = { ...release, retirement: { reason: 'security', message: 'use 0.1.1' } }
    expect(decided(facts(retire, { key: undefined }), true).step).toMatchObject({ kind: 'update' })
    expect(decided(facts(retire, { key: undefined, release: retired })).step).toMatchObject({ kind: 'unchanged' })
  })

  test('that may not write stops a dry run too', () => {
    const refusing = { ...mayWrite, problems: [{ code: 'hex-key-not-allowed', message: 'may read', hint: 'another' }] }
    expect(decided(facts(retire, { key: refusing }), true).problems).toEqual(['hex-key-not-allowed'])
  })

  test('is what shows an organization’s release; a dry run without one says that it saw nothing', () => {
    const unseen = facts(retire, { hidden: true, key: undefined, release: undefined, package: undefined })
    expect(decided(unseen, true).step).toMatchObject({ kind: 'update', there: 'not known without a key' })
    expect(decided(unseen).problems).toEqual(['api-key-missing'])
  })
})

test('a release that Hex lists and does not show is not taken for reverted', () => {
  const found = facts(revert, { release: undefined, contradictory: true })
  expect(decided(found).problems).toEqual(['hex-not-read-back'])
})

test('the key of a package that went with its last release does not make a rerun fail', () => {
  const key = { ...mayWrite, problems: [{ code: 'hex-key-new-package', message: 'new', hint: 'another' }] }
  expect(decided(facts(revert, { release: undefined, package: undefined, key })).step).toMatchObject({
    kind: 'unchanged'
  })
})

test('what is wrong with the key is told where it is why nothing could be read', () => {
  const refused = { code: 'hex-key-refused', message: 'refused', hint: 'another' }
  const unread = { code: 'hex-answer', message: 'unread', hint: 'again' }
  const found = facts(retire, { release: undefined, key: { ...mayWrite, problems: [refused] }, problems: [unread] })
  expect(decided(found).problems).toEqual(['hex-answer', 'hex-key-refused'])
})
