import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Check } from '../../../actions/db-deploy/check.ts'
import { verifyCommands } from '../../../actions/db-deploy/verification/verify-commands.ts'
import { testWorld } from '../../support/world.ts'
import { failures } from './smoking.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'verify-commands-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

async function ran(
  commands: readonly string[],
  options: {
    timeout?: number
    world?: ReturnType<typeof testWorld>
    env?: Record<string, string>
    cancelled?: AbortSignal
  } = {}
): Promise<readonly Check[]> {
  const world = options.world ?? testWorld()
  return verifyCommands(
    commands,
    {
      folder,
      environmentVariables: { PATH: process.env['PATH'], RUNNER_TEMP: folder, ...options.env },
      given: { DATABASE_URL: 'postgresql://app:very-secret@db.example.org/app' },
      timeout: options.timeout ?? 30_000
    },
    options.cancelled === undefined ? world : { ...world, cancelled: options.cancelled }
  )
}

test('a command that exits with 0 passes, another fails with its code and its last words, and hides no third', async () => {
  const checks = await ran(['true', 'echo early; echo "no rows" >&2; exit 3', 'echo ok'])
  expect(checks.map(({ result }) => result)).toEqual(['ok', 'failed', 'ok'])
  expect(failures(checks)[0]).toContain('exited with 3: early / no rows.')
})

test('a line runs as a workflow would run it: bash, in the folder, ended by the first failure and by one in a pipe', async () => {
  const checks = await ran(
    [
      '[[ $(pwd -P) == "$EXPECTED" && -n $BASH_VERSION ]]',
      'false; true',
      'false | cat',
      'test "$DATABASE_URL" = "postgresql://app:very-secret@db.example.org/app"'
    ],
    { env: { EXPECTED: folder } }
  )
  expect(checks.map(({ result }) => result)).toEqual(['ok', 'failed', 'failed', 'ok'])
})

test('its output is shown in a group of its own, without secrets, and what came of it outside', async () => {
  const world = testWorld()
  world.secrets.add('very-secret')
  const checks = await ran(['echo "$DATABASE_URL"; exit 1'], { world })
  expect(world.log.lines).toContain('postgresql://app:***@db.example.org/app')
  expect(world.log.lines.at(-1)).toMatch(/^echo .*: exited with 1 \(/)
  expect(JSON.stringify([checks, world.log.lines])).not.toContain('very-secret')
})

test('a secret in the line is in no command line, no check and no file that stays', async () => {
  const world = testWorld()
  world.secrets.add('line-secret')
  const checks = await ran(["tr '\\0' ' ' < /proc/$$/cmdline; : line-secret"], { world })
  expect(world.log.lines.join('\n')).toContain('bash --noprofile --norc -e -o pipefail')
  expect(JSON.stringify([checks, world.log.lines])).not.toContain('line-secret')
  expect(readdirSync(folder)).toEqual([])
})

test('what the runner gives this action alone is not handed on', async () => {
  const checks = await ran(['! env | grep -E "^(INPUT_|ACTIONS_|GITHUB_TOKEN=)"', 'test "$MINE" = yes'], {
    env: { 'INPUT_DATABASE-URL': 'w', ACTIONS_RUNTIME_TOKEN: 'x', GITHUB_TOKEN: 'y', MINE: 'yes' }
  })
  expect(checks.map(({ result }) => result)).toEqual(['ok', 'ok'])
})

test('a command that takes too long is ended', async () => {
  expect(failures(await ran(['sleep 60'], { timeout: 100 }))[0]).toContain('was not done after 0.1 seconds')
})

test('a cancelled job ends the command that runs, and no other is begun', async () => {
  const cancel = new AbortController()
  const world = testWorld()
  const running = ran(['sleep 60', 'echo second'], { world, cancelled: cancel.signal })
  setTimeout(() => {
    cancel.abort()
  }, 50)
  await expect(running).rejects.toMatchObject({ problems: [{ code: 'deploy-cancelled' }] })
  expect(world.log.lines).not.toContain('second')
})
