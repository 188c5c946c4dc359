import { describe, expect, test } from '@jest/globals'
import { readOptions } from '../../rehearse/options.ts'

describe('the arguments of a rehearsal', () => {
  test('without any, the example is meant, and whatever event it names', () => {
    expect(readOptions([])).toMatchObject({ options: { faults: [] } })
    expect(readOptions([])).not.toHaveProperty('options.event')
    expect(readOptions([])).not.toHaveProperty('options.repository')
  })

  test('values may hold equals signs, names of secrets are in capitals', () => {
    const read = readOptions(['--secret', 'pypi_token=a=b', '--action', 'a/b@v1=/tmp/x', '--event=pull_request'])
    if (!('options' in read)) throw new Error('refused')
    expect(read.options.secrets.get('PYPI_TOKEN')).toBe('a=b')
    expect(read.options.actions.get('a/b@v1')).toBe('/tmp/x')
    expect(read.options.event).toBe('pull_request')
  })

  test.each([
    [['--event', 'release'], '--event release is none of push, pull_request, workflow_dispatch'],
    [['--input', 'a=b'], '--input belongs to --event workflow_dispatch'],
    [['--action', 'checkout=/tmp'], '--action checkout=… does not begin with OWNER/REPO@REF'],
    [['--tga', 'v1'], "Unknown option '--tga'"]
  ])('%j is refused', (args, message) => {
    const read = readOptions(args)
    if (!('problems' in read)) throw new Error('accepted')
    expect(read.problems[0]?.message).toContain(message)
  })

  test('a secret without a name is refused without being shown', () => {
    const read = readOptions(['--secret', 'pypi-AgEIcHlwaS5vcmc'])
    expect(JSON.stringify(read)).not.toContain('AgEIcHlwaS5vcmc')
    expect(read).toHaveProperty('problems')
  })
})
