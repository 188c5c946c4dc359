import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand, type CommandRooms } from '../../actions/migration-guard/command.ts'
import { commandOf, usage, type Command } from '../../actions/migration-guard/command-line.ts'
import { terminalLog, terminalText } from '../../actions/migration-guard/terminal.ts'
import type { Verdict } from '../../actions/migration-guard/verdict.ts'
import { ActionError } from '../../actions/shared/problem.ts'
import { createSecrets } from '../../actions/shared/secrets.ts'
import { hostile, hostileVerdict, indexFinding, verdictOf } from './verdicts.ts'

const read = (...argv: readonly string[]): Command | undefined => commandOf(argv, {})

/** What a command gives, with a verdict in place of a judgement. */
async function ran(
  command: Command | undefined,
  check: CommandRooms['check'] = () => Promise.reject(new Error('unexpected'))
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  let [out, err] = ['', '']
  const terminal = { out: (text: string) => (out += text), err: (text: string) => (err += text) }
  const rooms: CommandRooms = { check, manifest: ({ folder }) => Promise.resolve(`manifest of ${folder}\n`) }
  const code = await runCommand(command!, rooms, terminal)
  return { code, out, err }
}

describe('the command line', () => {
  test('without a word it is the action inside a runner, and an explanation elsewhere', async () => {
    expect(commandOf([], { GITHUB_ACTIONS: 'true' })).toBeUndefined()
    expect(await ran(read())).toEqual({ code: 2, out: '', err: expect.stringContaining(usage) })
  })

  test('check takes its options as inputs of the action', () => {
    expect(read('check', '--base', 'origin/main', '--staged', '--json', '--fail-on=warning', '--no-lint')).toEqual({
      kind: 'check',
      inputs: { base: 'origin/main', 'fail-on': 'warning', lint: 'false' },
      state: 'index',
      json: true
    })
    expect(read('check')).toEqual({ kind: 'check', inputs: {}, state: 'working tree', json: false })
    expect(read('check', '--commit', 'topic')).toMatchObject({ state: { commit: 'topic' } })
  })

  test('every option that becomes an input is one of action.yml', () => {
    const path = join(import.meta.dirname, '..', '..', 'migration-guard', 'action.yml')
    const { inputs } = parse(readFileSync(path, 'utf8')) as { inputs: Record<string, unknown> }
    const values = ['base', 'sarif', 'config', 'path', 'fail-on', 'profile', 'postgres'].flatMap((name) => [
      `--${name}`,
      'x'
    ])
    const command = read('check', ...values, '--lint')
    expect(Object.keys(command?.kind === 'check' ? command.inputs : {}).filter((name) => !(name in inputs))).toEqual([])
    for (const [option] of usage.matchAll(/--[a-z-]+/g)) {
      const known = ['check', 'mix-guard', 'manifest'].some((word) => !told(read(word, option)).includes('no option'))
      expect({ option, known }).toEqual({ option, known: true })
    }
  })

  const told = (command: Command | undefined): string => (command?.kind === 'usage' ? command.message : '')

  test.each([
    [['chekc'], 'no command "chekc"'],
    [['check', '--stagged'], 'no option "--stagged"'],
    [['check', 'main'], 'takes no "main"'],
    [['check', '--base'], '--base needs a value'],
    [['check', '--base', '--staged'], '--base needs a value'],
    [['check', '--base='], '--base needs a value'],
    [['check', '--json=yes'], 'takes no value'],
    [['check', '--base', 'a', '--base', 'b'], 'given twice'],
    [['check', '--staged', '--commit', 'a'], 'not both'],
    [['check', '--commit', 'a..b'], 'names no commit'],
    [['mix-guard'], 'needs --repo'],
    [['mix-guard', '--repo', `x'"""`], 'no name of a repository'],
    [['manifest'], 'takes one folder'],
    [['manifest', 'a', 'b'], 'takes one folder']
  ])('%j is told what is wrong, with the usage, and ends with 2', async (argv, expected) => {
    const { code, out, err } = await ran(read(...argv))
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err.split('\n')[0]).toContain(expected)
    expect(err).toContain('Exit codes')
  })

  test.each([['help'], ['--help'], ['-h'], ['check', '--help'], ['manifest', '-h']])(
    '%s %s explains',
    async (...argv) => {
      expect(await ran(read(...argv))).toEqual({ code: 0, out: usage, err: '' })
    }
  )

  test('mix-guard prints the snippet with the name of the repository', async () => {
    const { code, out } = await ran(read('mix-guard', '--repo', 'acme/diwa-agent'))
    expect(code).toBe(0)
    expect(out).toContain("[SAFETY BLOCK] Database migrations in 'diwa-agent' are restricted")
  })

  test('manifest prints the manifest', async () => {
    expect(read('manifest', 'priv/repo/migrations', '--ref', 'v1')).toEqual({
      kind: 'manifest',
      folder: 'priv/repo/migrations',
      ref: 'v1',
      path: '.'
    })
    expect((await ran(read('manifest', 'priv'))).out).toBe('manifest of priv\n')
  })
})

describe('check', () => {
  const check = (verdict: Verdict, ...options: readonly string[]): ReturnType<typeof ran> =>
    ran(read('check', ...options), () => Promise.resolve(verdict))

  test('ends with 0 or 1 by the verdict, and with 2 where it could not judge', async () => {
    expect((await check(verdictOf([]))).code).toBe(0)
    expect((await check(verdictOf([indexFinding]))).code).toBe(1)
    const problem = { code: 'not-a-checkout', message: 'This is no checkout.', hint: 'Go into one.' }
    expect(await ran(read('check'), () => Promise.reject(new ActionError([problem])))).toEqual({
      code: 2,
      out: '',
      err: 'This is no checkout.\n  → Go into one. (not-a-checkout)\n'
    })
  })

  test('tells a finding as a compiler does, with lock, way out and recipe below', async () => {
    const { out } = await check(verdictOf([indexFinding]))
    expect(out.split('\n').slice(0, 8)).toEqual([
      'priv/repo/migrations/20260101000000_add_index.exs:5:5: error[index-not-concurrent] orders: the index is built while writes wait.',
      '  SHARE on orders: blocks writes for the whole build of the index; no rewrite of the table',
      '  → Build it with `concurrently: true` in a migration of its own.',
      '      @disable_ddl_transaction true',
      '      @disable_migration_lock true',
      '',
      '      create index(:orders, [:number], concurrently: true)',
      ''
    ])
    expect(out).toMatch(
      /\nmigration-guard: 1 error\n3 changed files, 2 migrations among them; from aaaaaaa to bbbbbbb, read from git\.\n$/
    )
  })

  test('--json prints nothing but JSON', async () => {
    const { out, err } = await check(verdictOf([indexFinding]), '--json')
    expect(JSON.parse(out)).toMatchObject({ status: 'failed', findings: [indexFinding] })
    expect(err).toBe('')
  })

  test.each(hostile)('nothing of %j moves the cursor, or gives a command to a runner that reads along', (text) => {
    const out = terminalText(hostileVerdict(text))
    // eslint-disable-next-line no-control-regex -- looked for
    expect(out).not.toMatch(/[\u001b\u0007\u202e\u2066]|^\s*::|##\[/m)
    expect(out.split('\n').filter((line) => line.includes('error[index-not-concurrent]'))).toHaveLength(1)
  })

  test('the log at a terminal is quiet about progress and hides secrets', async () => {
    let err = ''
    const secrets = createSecrets(() => undefined)
    secrets.add('hunter22')
    const log = terminalLog(secrets, { err: (text) => (err += text) })
    await log.group('Inspect', () => {
      log.info('reading')
      log.warning('token hunter22 is old\n::error::x')
      return Promise.resolve()
    })
    expect(err).toBe('token *** is old\n| ::error::x\n')
  })
})
