import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { readInputs } from '../../actions/db-deploy/read-inputs.ts'
import type { Inputs } from '../../actions/db-deploy/inputs.ts'
import { unhidden } from '../../actions/db-deploy/read-urls.ts'
import { createInputReader } from '../../actions/shared/inputs.ts'
import type { Problem } from '../../actions/shared/problem.ts'
import { readRunContext } from '../../actions/shared/run-context.ts'
import { createSecrets } from '../../actions/shared/secrets.ts'
import { runnerEnvironment, temporaryFolder } from '../support/run-action.ts'

const url = 'postgresql://deployer:correct-horse@db.example.org/app'

interface Given {
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** The event's payload. */
  readonly payload?: unknown
}

/** What the inputs come to, with staging as environment where none is given. */
function read({ inputs = {}, env = {}, payload }: Given): {
  readonly inputs: Inputs
  readonly problems: readonly Problem[]
  readonly hidden: readonly string[]
} {
  const folder = temporaryFolder('inputs')
  const event = join(folder, 'event.json')
  writeFileSync(event, JSON.stringify(payload ?? {}))
  const given = Object.entries({ environment: 'staging', ...inputs }).map(([name, value]) => [
    `INPUT_${name.toUpperCase()}`,
    value
  ])
  const whole: Record<string, string> = {
    ...runnerEnvironment(folder, folder),
    GITHUB_EVENT_PATH: event,
    ...env,
    ...(Object.fromEntries(given) as Record<string, string>)
  }
  const hidden: string[] = []
  const reader = createInputReader(
    whole,
    createSecrets((value) => {
      hidden.push(value)
    })
  )
  const result = readInputs(reader, readRunContext(whole), whole)
  return { inputs: result, problems: reader.problems, hidden }
}

function codes(given: Given): readonly string[] {
  return read(given).problems.map(({ code }) => code)
}

describe('the address of the database', () => {
  test('is the input, and the variable where there is none', () => {
    const env = { DATABASE_URL: 'postgresql://x:abcdef@other/elsewhere' }
    expect(read({ inputs: { 'database-url': url }, env }).inputs.urls.database?.database).toBe('app')
    expect(read({ env }).inputs.urls.database?.database).toBe('elsewhere')
  })

  test('is missing where neither says it, and the message shows how to write it', () => {
    const [problem] = read({}).problems
    expect(problem?.code).toBe('deploy-no-database')
    expect(problem?.hint).toContain('secrets.DATABASE_URL')
  })

  test('leads to the direct one where no other is given', () => {
    const { inputs } = read({ inputs: { 'database-url': url } })
    expect(inputs.urls.direct).toEqual(inputs.urls.database)
    const direct = read({ inputs: { 'database-url': url }, env: { DIRECT_URL: url.replace('/app', '/direct') } })
    expect(direct.inputs.urls.direct?.database).toBe('direct')
    expect(direct.inputs.urls.smoke?.database).toBe('app')
  })

  test('is hidden, with its password alone, wherever it comes from', () => {
    for (const given of [{ inputs: { 'database-url': url } }, { env: { DATABASE_URL: url } }]) {
      expect(read(given).hidden).toEqual(expect.arrayContaining([url, 'correct-horse', 'deployer:correct-horse']))
    }
  })

  test('with a password that cannot be hidden changes no production, and is warned of elsewhere', () => {
    const inputs = { 'database-url': 'postgresql://deployer:hq7!@db.example.org/app', confirm: 'deploy app' }
    const staging = read({ inputs })
    expect(staging.problems).toEqual([])
    expect(unhidden(staging.inputs.urls)).toMatchObject({ level: 'warning', problem: { code: 'secret-too-short' } })
    expect(JSON.stringify(unhidden(staging.inputs.urls))).not.toContain('hq7!')
    const env = { GITHUB_REF: 'refs/tags/v1' }
    expect(codes({ inputs: { ...inputs, environment: 'production' }, env })).toEqual(['secret-too-short'])
    expect(codes({ inputs: { ...inputs, environment: 'production', command: 'status' }, env })).toEqual([])
    expect(unhidden(read({ inputs: { 'database-url': url } }).inputs.urls)).toBeUndefined()
  })

  test('that cannot be read is a problem without the password', () => {
    const { problems } = read({ inputs: { 'database-url': 'postgres//deployer:correct-horse@db/app' } })
    expect(problems.length).toBeGreaterThan(0)
    expect(JSON.stringify(problems)).not.toContain('correct-horse')
  })

  test('of another database is none of PostgreSQL, and is named', () => {
    const { inputs, problems, hidden } = read({ inputs: { 'database-url': 'mysql://root:correct%21horse@db/app' } })
    expect(problems).toEqual([])
    expect(inputs.urls).toMatchObject({ database: undefined, other: { other: 'mysql', name: 'app' } })
    expect(hidden).toEqual(expect.arrayContaining(['correct%21horse', 'correct!horse']))
  })

  test('of another database is refused with what nobody would look at there', () => {
    const inputs = { 'database-url': 'mysql://root:correct-horse@db/app', 'expect-rows': 'users>=1' }
    const [problem, ...more] = read({ inputs: { ...inputs, seed: 'true', 'verify-commands': 'true' } }).problems
    expect(problem).toMatchObject({ code: 'deploy-other-database' })
    expect(problem?.message).toContain('inputs expect-rows, verify-commands, seed do nothing there')
    expect(more).toEqual([])
    const { problems } = read({ inputs: { ...inputs, 'expect-rows': '', 'expect-current': '20260101' } })
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('input expect-current does nothing')
    ])
  })

  test.each([
    ['file:./prisma/dev.db', 'dev.db', []],
    ['mysql://root:pa/ss-word@db', '', ['pa/ss-word']],
    ['mysql://root:hunter22@db', '', ['hunter22']],
    ['sqlserver://db:1433;database=shop;user=sa;password=hunter22;encrypt=true', 'shop', ['hunter22']]
  ])('of another database has a name that is no part of a password: %s', (address, name, secrets) => {
    const { inputs, hidden } = read({ inputs: { 'database-url': address } })
    expect(inputs.urls.other?.name).toBe(name)
    expect(hidden).toEqual(expect.arrayContaining(secrets))
  })
})

describe('production', () => {
  const confirmed = { environment: '', 'database-url': url, confirm: 'deploy app' }

  test('is what an empty environment is', () => {
    expect(read({ inputs: { ...confirmed, confirm: '' } }).inputs.production.production).toBe(true)
    expect(codes({ inputs: { ...confirmed, confirm: '' } })).toEqual(['deploy-not-confirmed'])
  })

  test('is what an input makes it, whatever its name is', () => {
    expect(read({ inputs: { 'database-url': url, production: 'true' } }).inputs.production.production).toBe(true)
  })

  test('takes the default branch from the event', () => {
    const env = { GITHUB_REF: 'refs/heads/trunk', GITHUB_EVENT_NAME: 'workflow_dispatch' }
    const payload = { repository: { default_branch: 'trunk' } }
    expect(codes({ inputs: confirmed, env, payload })).toEqual([])
    expect(codes({ inputs: confirmed, env, payload: { repository: { default_branch: 'main' } } })).toEqual([
      'deploy-ref'
    ])
    expect(codes({ inputs: confirmed, env })).toEqual(['deploy-ref'])
  })

  test('has its scratch databases on another server', () => {
    const given = { environment: '', 'database-url': url, 'scratch-url': url.replace('/app', '/scratch') }
    expect(codes({ inputs: { ...given, command: 'drift' } })).toEqual(['deploy-scratch-production'])
    expect(codes({ inputs: { ...given, command: 'plan', prove: 'idempotent' } })).toEqual(['deploy-scratch-production'])
    expect(codes({ inputs: { ...given, command: 'status' } })).toEqual([])
    expect(codes({ inputs: { ...given, command: 'drift', environment: 'staging' } })).toEqual([])
    expect(codes({ inputs: { ...given, command: 'drift', 'scratch-url': url.replace('org', 'net') } })).toEqual([])
  })

  test('is asked nothing of by a dry run', () => {
    expect(codes({ inputs: { 'database-url': url, environment: '', 'dry-run': 'true' } })).toEqual([])
    expect(codes({ inputs: { 'database-url': url, environment: '', command: 'plan' } })).toEqual([])
    expect(read({ inputs: { 'database-url': url, command: 'plan' } }).inputs.dryRun).toBe(true)
  })
})

describe('other inputs', () => {
  const good = { 'database-url': url }

  test('have the values that the front door promises', () => {
    const { inputs, problems } = read({ inputs: good })
    expect(problems).toEqual([])
    expect(inputs).toMatchObject({
      command: 'deploy',
      lock: { wait: 600_000, lockTimeout: 5_000, statementTimeout: 0, retries: 5 },
      backup: { when: 'auto', verify: 'read', timeout: 900_000 },
      verification: { smoke: 'models', exactCountLimit: 100_000 },
      tool: { tool: 'auto', timeout: 900_000, validate: 'pending' },
      seed: { seed: false, inProduction: false }
    })
    expect([...inputs.failOn]).toEqual(['drift'])
    expect(inputs.telemetry.warnAfter).toEqual(
      new Map([
        ['migrate', 600_000],
        ['seed', 30_000]
      ])
    )
  })

  test.each([
    ['command', 'deplyo', 'input-not-a-choice'],
    ['lock-wait', '10 minutes', 'deploy-input'],
    ['timeout', '0', 'deploy-input'],
    ['retries', '-1', 'deploy-input'],
    ['steps', '0', 'deploy-input'],
    ['to', 'latest', 'deploy-input'],
    ['fail-on', 'drift, everything', 'deploy-input'],
    ['prove', 'magic', 'deploy-input'],
    ['seed', 'yes', 'input-not-boolean']
  ])('%s: %s is a problem that names both', (name, value, code) => {
    const { problems } = read({ inputs: { ...good, [name]: value } })
    expect(problems.map((problem) => problem.code)).toEqual([code])
    expect(problems[0]?.message).toContain(name)
    expect(problems[0]?.message).toContain(value.split(', ').at(-1))
  })

  test('are all judged at once', () => {
    expect(
      codes({
        inputs: { 'lock-wait': 'x', retries: 'y', 'backup-recipient': 'age1x', 'backup-passphrase': 'horse-staple' }
      })
    ).toEqual(expect.arrayContaining(['deploy-no-database', 'deploy-input', 'deploy-input', 'deploy-input']))
  })

  test('may be lists by lines or commas', () => {
    const { inputs } = read({ inputs: { ...good, extensions: 'vector>=0.8.0, uuid-ossp', 'fail-on': 'none' } })
    expect(inputs.verification.extensions).toEqual(['vector>=0.8.0', 'uuid-ossp'])
    expect(inputs.failOn.size).toBe(0)
  })

  test('hide every credential', () => {
    const secrets = {
      'slack-webhook-url': 'https://hooks.slack.com/services/T0/B0/abcdefgh',
      'backup-passphrase': 'battery-staple',
      'restore-identity': 'AGE-SECRET-KEY-1ABCDEF',
      'github-token': 'ghs_0123456789'
    }
    expect(read({ inputs: { ...good, ...secrets } }).hidden).toEqual(expect.arrayContaining(Object.values(secrets)))
  })

  test.each([
    [{ smoke: 'off', 'expect-rows': 'users>=1' }, 'expect-rows is users>=1: nobody would count'],
    [{ smoke: 'off', command: 'smoke' }, 'the test that is asked for would not be made']
  ])('leave nothing that is expected unread: %j', (inputs, told) => {
    const { problems } = read({ inputs: { ...good, ...inputs } })
    expect(problems.map(({ code }) => code)).toEqual(['deploy-input'])
    expect(problems[0]?.message).toContain(told)
  })

  test('give each run sessions of its own name', () => {
    const names = [read({ inputs: good }), read({ inputs: good })].map(({ inputs }) => inputs.sessions.tool)
    expect(names[0]).toMatch(/^release-actions\/db-deploy 1000 [0-9a-f]{6} migrate$/)
    expect(names[0]).not.toBe(names[1])
    expect(Buffer.byteLength(names[0] ?? '')).toBeLessThanOrEqual(63)
  })
})
