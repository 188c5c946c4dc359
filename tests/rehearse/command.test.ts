import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { temporaryFolder } from '../support/run-action.ts'

const entry = join(import.meta.dirname, '..', '..', 'rehearse', 'index.ts')

/** Runs the command with a folder for temporary files that is its own. */
function command(...args: readonly string[]) {
  const temp = temporaryFolder('command')
  const environment = { ...process.env, TMPDIR: temp, TEMP: temp, TMP: temp, NODE_DISABLE_COMPILE_CACHE: '1' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args], {
    env: environment,
    encoding: 'utf8',
    timeout: 20_000
  })
  return { status, stdout, stderr, left: readdirSync(temp) }
}

describe('npm run rehearse', () => {
  test.each(['v1 4', 'v1.4.1$(touch x)'])('ends at once with the tag "%s", and leaves nothing', (tag) => {
    const { status, stderr, left } = command('--tag', tag)
    expect(status).toBe(1)
    expect(stderr).toContain(`"${tag}" is no name for a tag`)
    expect(left).toEqual([])
  })

  test('ends with a fault rule that is wrong, and leaves nothing', () => {
    const { status, stderr, left } = command('--fault', 'GET nowhere.example 503')
    expect(status).toBe(1)
    expect(stderr).toContain('no service answers for "nowhere.example"')
    expect(left).toEqual([])
  })

  test('says what its exit codes mean', () => {
    expect(command('--help').stdout).toMatch(/Exit code: 0 .*, 1 .*, 3 /)
  })
})
