import { describe, expect, test } from '@jest/globals'
import { effectivePermissions, narrow, restrictedDefault } from '../../rehearse/permissions.ts'

describe('permissions of a job', () => {
  test('its own come before the workflow’s, and what is not named is none', () => {
    const permissions = effectivePermissions({ 'id-token': 'write' }, { contents: 'write' })
    expect(permissions['id-token']).toBe('write')
    expect(permissions['contents']).toBeUndefined()
  })

  test('an empty list takes everything away', () => {
    expect(effectivePermissions({}, 'write-all')).toEqual({ metadata: 'read' })
  })

  test('without a word, the restricted default counts', () => {
    expect(effectivePermissions(undefined, undefined)).toBe(restrictedDefault)
  })

  test('read-all gives no identity tokens, write-all does', () => {
    expect(effectivePermissions('read-all', undefined)).toMatchObject({ contents: 'read', 'id-token': 'none' })
    expect(effectivePermissions('write-all', undefined)).toMatchObject({ contents: 'write', 'id-token': 'write' })
  })

  test('a called workflow cannot widen what its caller has', () => {
    const { problems } = narrow({ contents: 'write' }, { contents: 'read' }, { job: 'call/release', file: 'x.yml' })
    expect(problems[0]?.message).toBe(
      "the nested job 'call/release' is requesting 'contents: write', but is only allowed 'contents: read'"
    )
    expect(narrow({ contents: 'read' }, { contents: 'write' }, { job: 'a', file: 'x' })).toEqual({
      permissions: { contents: 'read' },
      problems: []
    })
  })
})
