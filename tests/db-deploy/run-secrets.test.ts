import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startPostgres, type Postgres } from '../support/postgres.ts'
import { playedProject } from '../support/prisma/played-project.ts'
import type { ActionRun } from '../support/run-action.ts'
import { deploys, errorCodes, errorsOf, namesIn, twoMigrations, twoModels } from './deploy-stage.ts'

/** Addresses with everything that may stand in them, and what is never told of them. */

let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => {
  postgres.stop()
})

const punctuation = ' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

/** In the forms that a program could have written it in. */
function isNowhere(secret: string, run: ActionRun): void {
  const forms = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  ]
  for (const form of forms) expect({ form, there: run.everything.includes(form) }).toEqual({ form, there: false })
}

test.each([
  ['punctuation', `pass${punctuation}word`, `role${punctuation}x`, `base${punctuation}x`],
  [
    'what is encoded already, and letters of many alphabets',
    'pa%2Fss%%40 ä€😀 $HOME $(id) `id`',
    'rö%40le 😀',
    'bä%3Fse 😀'
  ],
  ['a line break and a quote first', '\'pa\n"ss\r\tword', "'ro le", '"ba\\\'se']
])(
  'a deploy reaches a database whose address has %s, and shows no password',
  async (_what, password, user, database) => {
    await postgres.createRole(user, '', password)
    await postgres.createDatabase(database)
    await postgres.query(`ALTER DATABASE "${database.replaceAll('"', '""')}" OWNER TO "${user.replaceAll('"', '""')}"`)
    const project = playedProject({ migrations: twoMigrations, schema: twoModels, play: { seed: 'exit 0' } })
    const url = postgres.url(database, { user, password })
    const inputs = {
      seed: 'true',
      ledger: 'true',
      // The address as a program gets it, in one piece and in libpq's.
      'verify-commands':
        'test "$(node -p "decodeURIComponent(new URL(process.env.DATABASE_URL).password) === process.env.PGPASSWORD")" = true'
    }
    const run = await deploys(project, url, inputs)
    expect(errorCodes(run)).toEqual([])
    expect(namesIn(run, 'applied')).toEqual(Object.keys(twoMigrations))
    isNowhere(password, run)
    expect(run.everything).not.toContain(url)

    const again = await deploys(project, url)
    expect(again.outputs['status']).toBe('unchanged')

    // The phrase of production is what a person types: the name itself.
    const plan = await deploys(project, url, { environment: 'production', confirm: `deploy ${database}`, smoke: 'off' })
    expect(errorCodes(plan)).toEqual([])
  }
)

describe('no planted secret is told', () => {
  const planted = {
    'direct-database-url': (database: string) => postgres.url(database, { user: 'direct', password: 'planted-direct' }),
    'smoke-url': (database: string) => postgres.url(database, { user: 'smoke', password: 'planted-smoke' }),
    'scratch-url': () => postgres.url('postgres', { user: 'scratch', password: 'planted-scratch' }),
    'slack-webhook-url': () => 'http://127.0.0.1:9/services/planted-slack',
    'github-token': () => 'ghp_plantedtoken0123456789abcdefghijklmn',
    'backup-passphrase': () => 'planted-passphrase of many words',
    'restore-identity': () => 'AGE-SECRET-KEY-PLANTED'
  } as const
  const words = ['planted', 'PLANTED']

  beforeAll(async () => {
    for (const name of ['app', 'direct', 'smoke', 'scratch'])
      await postgres.createRole(name, 'SUPERUSER', `planted-${name}`)
  })

  function inputsFor(database: string): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.entries(planted).map(([name, value]) => [name, value(database)]))
  }

  const env = { GITHUB_API_URL: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_HEADERS: 'authorization=planted-otlp' }

  /** What a project's own commands print is the project's, and goes through the same log. */
  const talking = 'echo "$DATABASE_URL $PGPASSWORD"'

  test.each([
    ['deploys', {}, {}, 0],
    ['seeds and verifies by commands that print all they have', { seed: 'true', 'verify-commands': talking }, {}, 0],
    ['fails in a migration that tells what it was given', {}, { bad: true }, 1],
    ['may not log in', { 'direct-database-url': 'wrong' }, {}, 1],
    ['is told to prove what it cannot', { prove: 'idempotent' }, {}, undefined],
    ['looks', { command: 'status' }, {}, 0],
    ['drifts', { command: 'drift' }, {}, undefined]
  ] as const)('by one that %s', async (_what, inputs, { bad = false }: { readonly bad?: boolean }, exitCode) => {
    const database = await postgres.createDatabase()
    const project = playedProject({
      migrations: {
        ...twoMigrations,
        ...(bad
          ? {
              '20260103000000_bad':
                "DO $$ BEGIN RAISE EXCEPTION 'cannot reach postgresql://app:planted-app@db and planted-direct'; END $$;\n"
            }
          : {})
      },
      schema: twoModels,
      play: { seed: talking }
    })
    const given: Readonly<Record<string, string>> = { ...inputsFor(database), ...inputs }
    const wrong = postgres.url(database, { user: 'direct', password: 'planted-direct-wrong' })
    const run = await deploys(
      project,
      postgres.url(database, { user: 'app', password: 'planted-app' }),
      { ...given, ...(given['direct-database-url'] === 'wrong' ? { 'direct-database-url': wrong } : {}) },
      { env }
    )
    if (exitCode !== undefined)
      expect([run.exitCode, errorCodes(run)]).toEqual([exitCode, exitCode === 0 ? [] : expect.anything()])
    const told = run.everything.split('\n').filter((line) => words.some((word) => line.includes(word)))
    expect(told).toEqual([])
  })
})

describe('an address that leads nowhere', () => {
  test.each([
    ['database-authentication', { password: 'planted-wrong' }, 'password authentication failed'],
    ['database-authentication', { user: 'nobody', password: 'planted-wrong' }, 'nobody'],
    ['database-missing', {}, 'does not exist']
  ])('is told as %s', async (code, parts, words) => {
    const database = code === 'database-missing' ? 'nowhere' : await postgres.createDatabase()
    const project = playedProject({ migrations: twoMigrations, schema: twoModels })
    const run = await deploys(project, postgres.url(database, parts))
    expect(errorCodes(run)).toEqual([code])
    expect(errorsOf(run)[0]?.message).toContain(words)
    expect(run.exitCode).toBe(1)
    expect(run.outputs['status']).toBe('failed')
    expect(run.everything).not.toContain('planted-wrong')
    expect(run.summary).toContain(words)
  })

  test('is told as one that nobody listens at, with what a job can do about it', async () => {
    const project = playedProject({ migrations: twoMigrations, schema: twoModels })
    const run = await deploys(project, 'postgresql://app:planted-wrong@127.0.0.1:9/app')
    expect(errorCodes(run)).toEqual(['database-unreachable'])
    expect(errorsOf(run)[0]?.message).toContain('ECONNREFUSED')
    expect(errorsOf(run)[0]?.message).toContain('services:')
    expect(run.everything).not.toContain('planted-wrong')
  })
})
