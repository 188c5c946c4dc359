import { describe, expect, test } from '@jest/globals'
import { groupApproval, groupBypass, type MergeGroup } from '../../actions/migration-guard/group-reviews.ts'
import type { Approval, ReviewBypass } from '../../actions/migration-guard/pull-request.ts'
import { pullRequest } from './judged.ts'

const approved: Approval = { state: 'approved', by: ['ann'] }
const missing: Approval = { state: 'missing', why: 'No reviewer has approved.', next: 'Ask ann.' }
const granted: ReviewBypass = {
  state: 'granted',
  by: 'ann',
  reason: 'production is down',
  until: '2026-12-01',
  url: ''
}
const refused: ReviewBypass = { state: 'refused', attempts: [{ by: 'zoe', why: 'zoe may not.', url: '' }] }

const guarded = (path: string): boolean => path.startsWith('priv/')

function group(...pulls: readonly (readonly [number, Approval, ReviewBypass, readonly string[]])[]): MergeGroup {
  return {
    pulls: pulls.map(([number, approval, bypass, files]) => ({
      pull: pullRequest({ number, approval, bypass }),
      files,
      whole: true
    }))
  }
}

describe('a merge group is approved', () => {
  const none: ReviewBypass = { state: 'none' }
  test('when each pull request that changes guarded files is', () => {
    const both = group([1, approved, none, ['priv/a']], [2, { state: 'approved', by: ['bob'] }, none, ['priv/b']])
    expect(groupApproval(both, guarded)).toEqual({ state: 'approved', by: ['ann', 'bob'] })
  })

  test('whatever becomes of those that change other files', () => {
    const mixed = group([1, approved, none, ['priv/a']], [2, missing, none, ['lib/b']])
    expect(groupApproval(mixed, guarded)).toEqual({ state: 'approved', by: ['ann'] })
  })

  test('not by the approval of another pull request, and it is named', () => {
    const mixed = group([1, approved, none, ['priv/a']], [2, missing, none, ['priv/b']])
    expect(groupApproval(mixed, guarded)).toEqual({ ...missing, why: '#2: No reviewer has approved.' })
  })

  test('not when a pull request has more files than GitHub lists, and no approval', () => {
    const [only] = group([2, missing, none, ['lib/b']]).pulls
    expect(only && groupApproval({ pulls: [{ ...only, whole: false }] }, guarded)).toMatchObject({ state: 'missing' })
  })

  test('not when its pull requests are not known', () => {
    const why = { why: 'They are not known.', next: 'Queue again.' }
    expect(groupApproval({ ...group([1, approved, none, ['priv/a']]), unknown: why }, guarded)).toEqual({
      state: 'unknown',
      ...why
    })
  })
})

describe('a bypass in a merge group', () => {
  const mixed = group([1, missing, granted, ['priv/a', 'priv/both']], [2, missing, refused, ['priv/b', 'priv/both']])

  test('lets the files of its own pull request through', () => {
    expect(groupBypass(mixed).of('priv/a')).toEqual(granted)
  })

  test.each([['priv/b'], ['priv/both'], ['priv/of-nobody'], [undefined]])('does not let %s through', (file) => {
    expect(groupBypass(mixed).of(file)).toBeUndefined()
  })

  test('is told with the attempts that were refused', () => {
    expect(groupBypass(mixed).overall).toEqual(refused)
  })

  test('holds for all when every pull request has one', () => {
    const all = group([1, missing, granted, ['priv/a']], [2, missing, { ...granted, by: 'bob' }, ['priv/b']])
    expect(groupBypass(all).overall).toEqual(granted)
    expect(groupBypass(all).of(undefined)).toEqual(granted)
  })

  test('holds for nothing when the pull requests are not known', () => {
    const unknown = { ...group([1, missing, granted, ['priv/a']]), unknown: { why: '', next: '' } }
    expect(groupBypass(unknown).of('priv/a')).toBeUndefined()
    expect(groupBypass(unknown).overall).toEqual({ state: 'none' })
  })
})
