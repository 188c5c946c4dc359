import { describe, expect, test } from '@jest/globals'
import type { Files } from '../../support/trees.ts'
import { ecto, judge, listing, migration, prisma, sentences, told, type Given } from './judged-change.ts'

const into = 'priv/repo/migrations'
const at = (name: string): string => `${into}/${name}.exs`
const names = ['20260101000000_a', '20260102000000_b', '20260103000000_c'] as const
const files = (...wanted: readonly string[]): Files =>
  Object.fromEntries(wanted.map((name) => [`${name}.exs`, migration(name)]))

function given(set: 'complete' | 'subset', theirs: Files = files(...names)): Given {
  return {
    configuration: {
      source: { repository: 'acme/diwa-cloud', ref: 'main', path: into, into, set },
      rules: { 'out-of-order': 'off', 'edited-after-merge': 'off' }
    },
    source: listing('acme/diwa-cloud@main', theirs)
  }
}

const [a, b, c] = names

describe('a change of the folder', () => {
  test.each<[string, 'complete' | 'subset', Files, Files, string[]]>([
    ['all of the source', 'complete', ecto(a, b), ecto(a, b, c), []],
    ['some of the source, where that is enough', 'subset', ecto(a), ecto(a, c), []],
    ['some of the source, where all are asked for', 'complete', ecto(a), ecto(a, c), ['error port-set -']],
    [
      'one that the source does not have',
      'subset',
      ecto(a),
      ecto(a, '20260109000000_x'),
      [`error port-set ${at('20260109000000_x')}`]
    ],
    ['other bytes', 'subset', ecto(a), { ...ecto(a), [at(b)]: 'x' }, [`error port-set ${at(b)}`]],
    [
      'the version of the source under another name',
      'subset',
      ecto(a),
      { ...ecto(a), [at('20260102000000_bb')]: 'x' },
      [`error port-set ${at('20260102000000_bb')}`]
    ],
    [
      'the bytes of the source under another version, and so in another order',
      'complete',
      ecto(a, b),
      { ...ecto(a, b), [at('20260101120000_c')]: migration(c) },
      [`error port-set ${at('20260101120000_c')}`]
    ],
    [
      'one that was here before and that the source does not have',
      'subset',
      ecto(a, '20260109000000_x'),
      ecto(a, '20260109000000_x', b),
      [`warning port-set ${at('20260109000000_x')}`]
    ],
    ['deleted, where all are asked for', 'complete', ecto(...names), ecto(a, b), ['error port-set -']],
    ['deleted, where some are enough', 'subset', ecto(...names), ecto(a, b), []]
  ])('%s', async (_, set, base, head, expected) => {
    expect(await told({ base, head }, given(set))).toEqual(expected)
  })

  test('what is missing comes with the commands that port it', async () => {
    const { findings } = await judge(
      { base: ecto(a), head: { ...ecto(a), [`${into}/README.md`]: 'x' } },
      given('complete')
    )
    expect(findings.map(({ message, recipe }) => [message, recipe?.text])).toEqual([
      [
        '2 migrations of acme/diwa-cloud@main are missing here: 20260102000000_b and 20260103000000_c. The set must be complete.',
        [b, c]
          .map(
            (name) =>
              `git fetch https://github.com/acme/diwa-cloud main && git show FETCH_HEAD:${at(name)} > ${at(name)}`
          )
          .join('\n')
      ]
    ])
  })

  test('what is renamed comes with the command that renames it back', async () => {
    const head = { ...ecto(a), [at('20260101120000_c')]: migration(c) }
    expect(await sentences('port-set', { base: ecto(a), head }, given('subset'))).toEqual([
      `20260101120000_c: in acme/diwa-cloud@main it is 20260103000000_c: under another name it runs in another place, or twice. → Run \`git mv ${at('20260101120000_c')} ${at(c)}\`.`
    ])
  })
})

test('a change that leaves the folder alone is told no more than a notice, and the row says what is so', async () => {
  const base = ecto(a)
  const { findings, checks } = await judge({ base, head: { ...base, 'lib/a.ex': 'x' } }, given('complete'))
  expect(findings.map(({ level, rule }) => [level, rule])).toEqual([['notice', 'port-set']])
  expect(checks.find(({ name }) => name === 'Ported migrations')).toEqual({
    name: 'Ported migrations',
    state: 'passed',
    detail: '3 migrations of acme/diwa-cloud@main compared with the 1 here: 2 missing here'
  })
})

test('of a subset, what the source has more is told in the row only', async () => {
  const base = ecto(a)
  const { findings, checks } = await judge({ base, head: { ...base, 'lib/a.ex': 'x' } }, given('subset'))
  expect(findings).toEqual([])
  expect(checks.find(({ name }) => name === 'Ported migrations')?.detail).toBe(
    '3 migrations of acme/diwa-cloud@main compared with the 1 here: 2 not here yet'
  )
})

test('files that are no migrations are not compared', async () => {
  const theirs = { ...files(a, b), 'README.md': 'theirs', '.formatter.exs': '[]' }
  expect(await told({ base: ecto(a), head: ecto(a, b) }, given('complete', theirs))).toEqual([])
})

test("Prisma's folders are ported one by one, and the command makes the folder", async () => {
  const base = prisma('20260101000000_a')
  const configuration = {
    source: {
      repository: 'acme/diwa-cloud',
      ref: 'main',
      path: 'prisma/migrations',
      into: 'prisma/migrations',
      set: 'complete' as const
    }
  }
  const theirs = Object.fromEntries(
    Object.entries(prisma('20260101000000_a', '20260102000000_b')).map(([path, text]) => [
      path.replace('prisma/migrations/', ''),
      text
    ])
  )
  const head = { ...base, 'prisma/migrations/README.md': 'x' }
  expect(
    await sentences('port-set', { base, head }, { configuration, source: listing('acme/diwa-cloud@main', theirs) })
  ).toEqual([
    '1 migration of acme/diwa-cloud@main is missing here: 20260102000000_b. The set must be complete. → Port it: `git fetch https://github.com/acme/diwa-cloud main && mkdir -p prisma/migrations/20260102000000_b && git show FETCH_HEAD:prisma/migrations/20260102000000_b/migration.sql > prisma/migrations/20260102000000_b/migration.sql`.'
  ])
})

describe('the hand-over to the package', () => {
  const configuration = { package: { name: 'diwa_schema', path: into, from: into } }
  const held = (...wanted: readonly string[]): Given => ({
    configuration,
    package: listing('diwa_schema 1.2.0', files(...wanted))
  })

  test.each<[string, Files, Files, Given, string[]]>([
    ['whole', ecto(a, b), { 'mix.exs': '' }, held(a, b), []],
    ['of a part', ecto(a, b, c), ecto(c), held(a, b, c), [`error duplicate-in-package ${at(c)}`]],
    ['of all that the package holds, with one that stays the application’s', ecto(a, b, c), ecto(c), held(a, b), []],
    ['a new migration that the package has', ecto(a), ecto(a, b), held(b), [`error duplicate-in-package ${at(b)}`]],
    [
      'a new migration with the name of one of the package',
      ecto(a),
      ecto(a, '20260109000000_b'),
      held(b),
      [`error duplicate-in-package ${at('20260109000000_b')}`]
    ],
    ['both hold them, and another thing changes', ecto(a), { ...ecto(a), 'lib/a.ex': 'x' }, held(a), []],
    [
      'both hold them, and the lock changes',
      { ...ecto(a), 'mix.lock': '%{}' },
      { ...ecto(a), 'mix.lock': '%{ }' },
      held(a),
      [`warning duplicate-in-package ${at(a)}`]
    ]
  ])('%s', async (_, base, head, facts, expected) => {
    expect(await told({ base, head }, facts)).toEqual(expected)
  })

  test('a part is told with what is left, and the row counts', async () => {
    const { findings, checks } = await judge({ base: ecto(a, b, c), head: ecto(c) }, held(a, b, c))
    expect(findings.map(({ message, hint }) => `${message} → ${hint}`)).toEqual([
      `2 migrations go to diwa_schema 1.2.0, and 1 that it holds too stays: 20260103000000_c. A hand-over is whole, or versions are there twice. → Delete what the package holds: \`git rm -r ${at(c)}\`.`
    ])
    expect(checks.find(({ name }) => name === 'Hand-over to the package')?.detail).toBe(
      '1 migration in priv/repo/migrations, 3 in diwa_schema 1.2.0, 1 in both; 2 handed over by this change'
    )
  })

  test('handed over, they are not missing from the set of the source', async () => {
    const source = given('complete', files(a, b))
    const facts = { ...source, ...held(a, b), configuration: { ...source.configuration, ...configuration } }
    expect(await told({ base: ecto(a, b), head: { 'mix.exs': '' } }, facts)).toEqual([])
  })

  test.each<[string, Files, 'passed' | 'not checked', string]>([
    [
      'nothing is handed over as long as nothing uses the package',
      { ...ecto(a, b), 'lib/a.ex': 'x' },
      'passed',
      '2 migrations in priv/repo/migrations; diwa_schema is not in mix.lock: nothing is handed over to it'
    ],
    ['a migration that goes must be in a package that is locked', ecto(b), 'not checked', 'Not locked.'],
    ['migrations that are all gone are somewhere', { 'mix.exs': '' }, 'not checked', 'Not locked.']
  ])('%s', async (_, head, state, detail) => {
    const facts = { configuration, package: { notAvailable: 'Not locked.', next: 'Lock it.', unused: true as const } }
    const { checks, notChecked } = await judge({ base: ecto(a, b), head }, facts)
    expect(checks).toContainEqual({ name: 'Hand-over to the package', state, detail })
    expect(notChecked).toEqual(state === 'passed' ? [] : ['Which migrations diwa_schema holds: Not locked. Lock it.'])
  })

  test('a package that cannot be read is not checked', async () => {
    const facts = { configuration, package: { notAvailable: 'diwa_schema is not locked.', next: 'Lock it.' } }
    const { notChecked } = await judge({ base: ecto(a), head: ecto(a, b) }, facts)
    expect(notChecked).toContain('Which migrations diwa_schema holds: diwa_schema is not locked. Lock it.')
  })
})
