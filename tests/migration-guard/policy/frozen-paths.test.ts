import { describe, expect, test } from '@jest/globals'
import type { Condition, Configuration, FrozenPaths } from '../../../actions/migration-guard/configuration.ts'
import { treeOf, type Files } from '../../support/trees.ts'
import { ecto, judge, listing, migration, sentences, told, type Given } from './judged-change.ts'

const at = (name: string): string => `priv/repo/migrations/${name}.exs`
const base: Files = { ...ecto('20260101000000_a'), '.github/workflows/guard.yml': 'on: push\n' }
const a = at('20260101000000_a')
const b = at('20260102000000_b')
const added = { ...base, [b]: migration('20260102000000_b') }

function without(files: Files): Files {
  return Object.fromEntries(Object.entries(files).filter(([path]) => path !== a))
}

function frozen(given: Partial<FrozenPaths>): Partial<Configuration> {
  return {
    frozen: [
      { paths: ['priv/repo/migrations/**'], add: [], edit: [], delete: [], rename: [], builtIn: false, ...given }
    ],
    // What is merged is another rule's.
    rules: { 'edited-after-merge': 'off' }
  }
}

const edited = { ...base, [a]: 'x' }
const gone = without(base)
const renamed = { ...gone, [at('20260101000000_aa')]: base[a] ?? '' }

describe('forbidden', () => {
  const forbidden: readonly Condition[] = ['forbidden']
  test.each<[keyof FrozenPaths, Files, string]>([
    ['add', added, `${b} is frozen and was added. → Take it out of the change: \`git rm --cached ${b}\`.`],
    [
      'edit',
      edited,
      `${a} is frozen and was edited. → Take it out of the change: \`git checkout ${treeOf(base).commit.slice(0, 12)} -- ${a}\`.`
    ],
    [
      'delete',
      gone,
      `${a} is frozen and was deleted. → Take it out of the change: \`git checkout ${treeOf(base).commit.slice(0, 12)} -- ${a}\`.`
    ],
    [
      'rename',
      renamed,
      `${a}, now ${at('20260101000000_aa')}, is frozen and was renamed. → Take it out of the change: \`git mv ${at('20260101000000_aa')} ${a}\`.`
    ]
  ])('%s, and nothing else', async (operation, head, expected) => {
    const bypass = { allowed: false, users: [], teams: [], days: 1 }
    const given: Given = { configuration: { ...frozen({ [operation]: forbidden }), bypass } }
    expect(await sentences('frozen-path', { base, head }, given)).toEqual([expected])
    for (const other of [added, edited, gone, renamed]) {
      if (other !== head) expect(await sentences('frozen-path', { base, head: other }, given)).toEqual([])
    }
  })

  test('where a bypass is allowed, the hint says how', async () => {
    const [sentence = ''] = await sentences(
      'frozen-path',
      { base, head: added },
      { configuration: frozen({ add: forbidden }) }
    )
    expect(sentence).toMatch(
      /reviews the newest commit with the body `ALLOW_CORE_MIGRATION: REASON, until YYYY-MM-DD`\.$/
    )
  })

  test('moved in, it is added; moved out, it is deleted', async () => {
    const configuration = frozen({ add: forbidden, delete: forbidden, rename: [] })
    const outside = { 'old/20260101000000_a.exs': base[a] ?? '' }
    expect(await told({ base: outside, head: base }, { configuration })).toEqual([`error frozen-path ${a}`])
    expect(await told({ base, head: outside }, { configuration })).toEqual([`error frozen-path ${a}`])
  })

  test('what is not frozen passes', async () => {
    expect(
      await told({ base, head: { ...base, 'lib/a.ex': 'x' } }, { configuration: frozen({ add: forbidden }) })
    ).toEqual([])
  })
})

describe('reviewed', () => {
  const configuration = frozen({ add: ['reviewed'] })
  const head = { ...added, ...ecto('20260103000000_c') }

  test('one finding for all, with why and what next', async () => {
    expect(await sentences('review-missing', { base, head }, { configuration })).toEqual([
      `${b} and ${at('20260103000000_c')} need an approving review. Nobody has approved. → Ask ann.`
    ])
  })

  test('an approval on the head is enough', async () => {
    expect(await told({ base, head }, { configuration, approval: { state: 'approved', by: ['ann'] } })).toEqual([])
  })

  test('what could not be found out counts as missing', async () => {
    const approval = { state: 'unknown', why: 'The team cannot be read (404).', next: 'Give team-token.' } as const
    expect(await told({ base, head }, { configuration, approval })).toEqual([`error review-missing ${b}`])
  })

  test.each(['push', 'local'] as const)('a %s knows no reviews, and that is told', async (kind) => {
    const { findings, notChecked } = await judge({ base, head: added, kind }, { configuration, approval: undefined })
    expect(findings).toEqual([])
    expect(notChecked).toContain(
      `${b} needs an approving review: a ${kind === 'push' ? 'push' : 'local run'} knows no reviews.`
    )
  })

  test('a pull request without an answer fails closed', async () => {
    expect(await told({ base, head: added }, { configuration, approval: undefined })).toEqual([
      `error review-missing ${b}`
    ])
  })
})

describe("the guard's own files", () => {
  const own: FrozenPaths = {
    paths: ['.github/workflows/guard.yml'],
    add: ['reviewed'],
    edit: ['reviewed'],
    delete: ['forbidden'],
    rename: ['forbidden'],
    builtIn: true
  }
  const configuration = { frozen: [own] }
  const guard = '.github/workflows/guard.yml'

  test.each<[string, Files, string[]]>([
    ['edited', { ...base, [guard]: 'on: never\n' }, [`error guard-disarmed ${guard}`]],
    ['deleted', ecto('20260101000000_a'), [`error guard-disarmed ${guard}`]],
    ['left alone', added, []]
  ])('%s', async (_, head, expected) => {
    expect(await told({ base, head }, { configuration })).toEqual(expected)
  })

  test('edited with a review, they may be', async () => {
    const head = { ...base, [guard]: 'on: pull_request\n' }
    expect(await told({ base, head }, { configuration, approval: { state: 'approved', by: ['ann'] } })).toEqual([])
  })
})

describe('ported', () => {
  const every: readonly Condition[] = ['ported']
  const source = {
    repository: 'acme/diwa-cloud',
    ref: 'main',
    path: 'apps/core/priv/repo/migrations',
    into: 'priv/repo/migrations',
    set: 'subset' as const
  }
  const theirs = {
    '20260101000000_a.exs': migration('20260101000000_a'),
    '20260102000000_b.exs': migration('20260102000000_b')
  }
  const given = (files: Files = theirs): Given => ({
    configuration: { ...frozen({ add: every, edit: every, delete: every, rename: every }), source },
    source: listing('acme/diwa-cloud@main', files)
  })
  const command = `git fetch https://github.com/acme/diwa-cloud main && git show FETCH_HEAD:apps/core/priv/repo/migrations/20260102000000_b.exs > ${b}`

  test('the same bytes under the same name pass, and the row says what was compared', async () => {
    const { findings, checks } = await judge({ base, head: added }, given())
    expect(findings).toEqual([])
    expect(checks.find(({ name }) => name === 'Ported migrations')).toEqual({
      name: 'Ported migrations',
      state: 'passed',
      detail: '2 migrations of acme/diwa-cloud@main compared with the 2 here'
    })
  })

  test.each<[string, Files, Files, string]>([
    [
      'changed by a byte',
      { ...added, [b]: `${migration('20260102000000_b')} ` },
      theirs,
      `${b} is not what acme/diwa-cloud@main has: its blob is ID, there it is ID. → Port it once more, byte for byte: \`${command}\`.`
    ],
    [
      'with line endings of Windows',
      { ...added, [b]: migration('20260102000000_b').replaceAll('\n', '\r\n') },
      theirs,
      `${b} differs from acme/diwa-cloud@main in line endings only: git or an editor rewrote them (core.autocrlf). → Run \`git config core.autocrlf false\` and port it once more: \`${command}\`.`
    ],
    [
      'not in the source',
      added,
      { '20260101000000_a.exs': migration('20260101000000_a') },
      `acme/diwa-cloud@main has no apps/core/priv/repo/migrations/20260102000000_b.exs: this migration was not ported from there. → Merge it in acme/diwa-cloud first; then port it: \`${command}\`.`
    ],
    [
      'under another version',
      added,
      {
        '20260101000000_a.exs': migration('20260101000000_a'),
        '20260105000000_b.exs': migration('20260102000000_b')
      },
      `acme/diwa-cloud@main has these bytes as 20260105000000_b.exs, not as 20260102000000_b.exs: under another name it is another migration. → Run \`git mv ${b} ${at('20260105000000_b')}\`.`
    ],
    [
      'deleted, and the source has it',
      gone,
      theirs,
      `${a} is gone here, and acme/diwa-cloud@main still has it. → Restore it: \`git checkout ${treeOf(base).commit.slice(0, 12)} -- ${a}\`; or delete it in acme/diwa-cloud first.`
    ]
  ])('%s', async (_, head, files, expected) => {
    const found = await sentences('not-ported', { base, head }, given(files))
    const plain = (text: string): string => text.replaceAll(/(?<=blob is |there it is )[0-9a-f]{12}/g, 'ID')
    expect(found.map(plain)).toEqual([expected])
  })

  test('CRLF is named as the cause where the source has it, too', async () => {
    const crlf = migration('20260102000000_b').replaceAll('\n', '\r\n')
    const [sentence = ''] = await sentences(
      'not-ported',
      { base, head: added },
      given({ ...theirs, '20260102000000_b.exs': crlf })
    )
    expect(sentence).toContain('in line endings only')
  })

  test('a deletion that the source made too is a port', async () => {
    const files = { '20260102000000_b.exs': migration('20260102000000_b') }
    expect(await told({ base, head: gone }, given(files))).toEqual([])
  })

  test('what is not in the mirrored folder cannot be a port', async () => {
    const configuration = { ...given().configuration, ...frozen({ paths: ['**/*.exs'], add: every }) }
    const head = { ...base, 'priv/metrics/migrations/20260102000000_b.exs': migration('20260102000000_b') }
    const [sentence = ''] = await sentences('not-ported', { base, head }, { ...given(), configuration })
    expect(sentence).toContain('lies outside priv/repo/migrations, which mirrors it')
  })

  test('a source that cannot be read fails, and no bypass can silence it', async () => {
    const source404 = { notAvailable: 'acme/diwa-cloud cannot be read (404).', next: 'Give source-token.' }
    const { findings, unread, checks } = await judge({ base, head: added }, { ...given(), source: source404 })
    expect(findings).toEqual([])
    expect(unread.map(({ rule, level, message, hint }) => [rule, level, message, hint])).toEqual([
      [
        'not-ported',
        'error',
        `Whether ${b} is ported cannot be compared: acme/diwa-cloud cannot be read (404).`,
        'Give source-token.'
      ]
    ])
    expect(checks.find(({ name }) => name === 'Frozen paths')?.state).toBe('failed')
    expect(checks.find(({ name }) => name === 'Ported migrations')?.state).toBe('not checked')
  })

  test('a rule that only warns needs its answer all the same', async () => {
    const source = { notAvailable: 'acme/diwa-cloud cannot be read (404).', next: 'Give source-token.' }
    const configuration = { ...given().configuration, rules: { 'not-ported': 'warning' as const } }
    const { unread, checks } = await judge({ base, head: added }, { ...given(), configuration, source })
    expect(unread.map(({ rule, level }) => [rule, level])).toEqual([['not-ported', 'error']])
    expect(checks.find(({ name }) => name === 'Frozen paths')?.state).toBe('failed')
  })
})

describe('packaged', () => {
  const configuration = {
    ...frozen({ delete: ['packaged'] }),
    package: { name: 'diwa_schema', path: 'priv/repo/migrations', from: 'priv/repo/migrations' }
  }
  const command = `git checkout ${treeOf(base).commit.slice(0, 12)} -- ${a}`

  test.each<[string, Files, string[]]>([
    ['the same bytes', { '20260101000000_a.exs': migration('20260101000000_a') }, []],
    [
      'other bytes',
      { '20260101000000_a.exs': 'x' },
      [
        `${a} is gone, and diwa_schema 1.2.0 holds other bytes under its name: blob ID, here it was ID. → Release diwa_schema with the bytes that were here, and lock that release (\`mix deps.update diwa_schema\`); until then restore it: \`${command}\`.`
      ]
    ],
    [
      'nothing of it',
      {},
      [
        `${a} is gone, and diwa_schema 1.2.0 does not hold 20260101000000_a.exs. → Release diwa_schema with it, lock that release (\`mix deps.update diwa_schema\`), and delete it then; until then restore it: \`${command}\`.`
      ]
    ]
  ])('the package holds %s', async (_, files, expected) => {
    const given = { configuration, package: listing('diwa_schema 1.2.0', files) }
    const found = await sentences('frozen-path', { base, head: gone }, given)
    expect(found.map((text) => text.replaceAll(/\b[0-9a-f]{12}\b(?=[,.])/g, 'ID'))).toEqual(expected)
  })

  test('a package that the change itself names proves nothing, until somebody has approved it', async () => {
    const held = listing('vendor/x', { '20260101000000_a.exs': migration('20260101000000_a') })
    const given = {
      configuration: { ...configuration, rules: {} },
      package: { ...held, doubt: 'diwa_schema is taken from a folder.' }
    }
    expect(await told({ base, head: gone }, given)).toEqual([`error frozen-path ${a}`, `error edited-after-merge ${a}`])
    expect(await sentences('frozen-path', { base, head: gone }, given)).toEqual([
      `${a} is gone, and that vendor/x holds it is no proof without a review: diwa_schema is taken from a folder. → Ask ann. Or merge the change of mix.exs and mix.lock first, and hand over then.`
    ])
    const approval = { state: 'approved' as const, by: ['ann'] }
    expect(await told({ base, head: gone }, { ...given, approval })).toEqual([])
    const pushed = await judge({ base, head: gone, kind: 'push' }, { ...given, approval: undefined })
    expect(pushed.findings).toEqual([])
    expect(pushed.notChecked.join()).toContain('Whether diwa_schema may be believed')
  })

  test('a package that cannot be read fails, and no bypass can silence it', async () => {
    const given = { configuration, package: { notAvailable: 'diwa_schema is not locked.', next: 'Lock it.' } }
    const { unread } = await judge({ base, head: gone }, given)
    expect(unread.map(({ rule }) => rule)).toEqual(['frozen-path'])
  })
})
