import { describe, expect, test } from '@jest/globals'
import { readMixLock, type LockEntry } from '../../../actions/shared/hex/mix-lock.ts'
import { innerChecksum, lockedEntry, lockOf, outerChecksum } from '../../support/hex-consumer.ts'

function entry(text: string, app = 'diwa_schema'): LockEntry | undefined {
  const read = readMixLock(text, 'mix.lock')
  if ('problems' in read) throw new Error(read.problems.map(({ message }) => message).join('\n'))
  return read.lock.get(app)
}

function problems(text: string): readonly (readonly [code: string, line: number | undefined])[] {
  const read = readMixLock(text, 'apps/shop/mix.lock')
  return 'problems' in read ? read.problems.map(({ code, line }) => [code, line]) : []
}

describe('an entry of Hex', () => {
  test('is read with all eight fields', () => {
    const text = lockOf(
      `"diwa_schema": {:hex, :diwa_schema, "0.1.0", "${innerChecksum}", [:mix], [{:ecto_sql, "~> 3.0", [hex: :ecto_sql, repo: "hexpm", optional: true]}], "hexpm:acme", "${outerChecksum}"}`
    )
    expect(entry(text)).toEqual({
      kind: 'hex',
      app: 'diwa_schema',
      line: 2,
      package: 'diwa_schema',
      version: '0.1.0',
      innerChecksum,
      managers: ['mix'],
      dependencies: [
        { app: 'ecto_sql', requirement: '~> 3.0', package: 'ecto_sql', repository: 'hexpm', optional: true }
      ],
      repository: 'hexpm:acme',
      outerChecksum,
      newer: false
    })
  })

  test.each([
    ['three', '{:hex, :diwa_schema, "0.1.0"}', { innerChecksum: undefined, repository: 'hexpm' }],
    ['four', `{:hex, :diwa_schema, "0.1.0", "${innerChecksum}"}`, { innerChecksum, managers: undefined }],
    ['six', `{:hex, :diwa_schema, "0.1.0", "${innerChecksum}", [], []}`, { managers: [], dependencies: [] }],
    [
      'seven',
      `{:hex, :diwa_schema, "0.1.0", "${innerChecksum}", [:mix], [], "mirror"}`,
      { repository: 'mirror', outerChecksum: undefined }
    ],
    [
      'nine',
      `{:hex, :diwa_schema, "0.1.0", nil, nil, nil, nil, "${outerChecksum}", %{new: 1}}`,
      { newer: true, outerChecksum }
    ]
  ])('of %s fields is read', (_, text, fields) => {
    expect(entry(lockOf(`"diwa_schema": ${text}`))).toMatchObject({ kind: 'hex', version: '0.1.0', ...fields })
  })

  test('that holds something to run is none, and is not run', () => {
    for (const text of [
      '{:hex, :a, System.halt()}',
      '{:hex, :a, "1.0.0", File.read!("x")}',
      '{:hex, :a, "1.0.0", nil, nil, [{:b, "~> 1.0", [hex: :b, more: f()]}]}',
      '{:hex, :a, "#{1}.0.0"}',
      'f()',
      '{:hex, :a, "1" <> ".0.0"}'
    ]) {
      expect(entry(`%{"a": ${text}}`, 'a')?.kind).toBe('other')
    }
  })
})

test('an entry of git, and of a source that nobody knows, are told apart', () => {
  const text = lockOf('"a": {:git, "https://example.com/a.git", "abc", [branch: "main"]}', '"b": {:path, "x"}')
  expect(entry(text, 'a')).toMatchObject({ kind: 'git', revision: 'abc', options: ['branch'] })
  expect(entry(text, 'b')).toMatchObject({ kind: 'other', why: 'an entry of the source path' })
})

test('an empty file holds nothing, and a file with the line ends of Windows the same as without', () => {
  expect(entry('')).toBeUndefined()
  expect(entry('%{\r\n}\r\n')).toBeUndefined()
  expect(entry(lockOf(lockedEntry()).replaceAll('\n', '\r\n'))).toEqual(entry(lockOf(lockedEntry())))
})

describe('a file that is none as Mix writes it', () => {
  test.each([
    [
      'has merge conflicts',
      '%{\n<<<<<<< HEAD\n  "a": {},\n=======\n>>>>>>> b\n}',
      [
        ['mix-lock-conflict', 2],
        ['mix-lock-conflict', 4],
        ['mix-lock-conflict', 5]
      ]
    ],
    [
      'has two entries for one application',
      lockOf(lockedEntry(), lockedEntry({ version: '0.2.0' })),
      [['mix-lock-unreadable', 3]]
    ],
    ['begins with a byte order mark', `\ufeff${lockOf()}`, [['mix-lock-unreadable', 1]]],
    ['is a list', '[ "a": {:git, "x", "y", []} ]', [['mix-lock-unreadable', 1]]],
    ['is no map', 'File.read!("mix.lock")', [['mix-lock-unreadable', 1]]],
    ['has a key that is no application', '%{"a" => {:hex, :a, "1.0.0"}}', [['mix-lock-unreadable', 1]]],
    ['does not end', '%{\n  "a": {:hex, :a, "1.0', [['mix-lock-unreadable', 2]]],
    ['closes what is not open', '%{}}', [['mix-lock-unreadable', 1]]]
  ])('is told when it %s', (_, text, found) => {
    expect(problems(text)).toEqual(found)
  })
})

test.each([
  ['brackets', '['.repeat(200_000)],
  ['backslashes', `%{"a": "${'\\'.repeat(200_000)}`],
  ['interpolations', '"#{'.repeat(50_000)],
  ['conditions', 'if a, do: '.repeat(50_000)],
  ['sums', 'a ++ '.repeat(100_000)],
  ['heredocs', '"""\n'.repeat(50_000)],
  ['colons', ':'.repeat(200_000)],
  ['digits', `%{"a": ${'9'.repeat(1_000_000)}}`],
  [
    'entries',
    lockOf(...Array.from({ length: 8_000 }, (_, index) => lockedEntry().replaceAll('diwa_schema', `a${index}`)))
  ]
])('a file of nothing but %s is read in no time', (_, text) => {
  const start = performance.now()
  readMixLock(text, 'mix.lock')
  expect(performance.now() - start).toBeLessThan(2_000)
})
