// needs: elixir
import { beforeAll, describe, expect, test } from '@jest/globals'
import { readMixLock, type LockEntry } from '../../actions/shared/hex/mix-lock.ts'
import { elixir } from '../support/elixir/elixir.ts'
import { fractionsFrom } from '../support/random.ts'

/** A lock file as Mix wrote it, and its entries as Elixir tells them. */
interface Written {
  readonly text: string
  readonly entries: string
}

const count = 400
let written: readonly Written[]

beforeAll(async () => {
  const answers = await ask(Array.from({ length: count }, (_, seed) => `write ${seed + 1}`))
  written = answers.map((answer) => {
    const [text = '', ...entries] = answer.split(' ')
    return { text: Buffer.from(text, 'hex').toString(), entries: entries.join(' ') }
  })
}, 120_000)

describe('a lock file as Mix writes it', () => {
  test('is read with every entry as Mix meant it', () => {
    const ours = written.map(({ text }) => told(text))
    expect(
      disagreements(
        written.map(({ text }) => text),
        ours,
        written.map(({ entries }) => entries)
      )
    ).toEqual([])
    // All forms came by: with and without fields, git, names and texts that must be quoted.
    const all = written.map(({ text }) => text).join('')
    for (const form of ['{:git, ', 'nil', ':more}', '\\"', ':"with-hyphen"', '\\#{', '<<', '[hex: :'])
      expect(all).toContain(form)
  })

  test('is read the same with the line ends of Windows', () => {
    const ours = written.map(({ text }) => told(text.replaceAll('\n', '\r\n')))
    const texts = written.map(({ text }) => text)
    expect(
      disagreements(
        texts,
        ours,
        written.map(({ entries }) => entries)
      )
    ).toEqual([])
  })
})

test('a lock file that was changed by hand is read as Elixir evaluates it, or not at all', async () => {
  const random = fractionsFrom(14)
  const texts = written.flatMap(({ text }) => Array.from({ length: 5 }, () => spoilt(text, random)))
  const theirs = await ask(texts.map((text) => `eval ${Buffer.from(text).toString('hex')}`))
  const rows = texts.map((text, index) => ({ text, ours: read(text), theirs: theirs[index] ?? '' }))
  // What we do not understand is told as such: as a problem of the file, or as an entry of an unknown kind.
  const wrong = rows.filter(({ ours, theirs: evaluated }) => {
    if (ours === undefined) return false
    const understood = ours.filter((entry) => !entry.endsWith('=other'))
    // We are more patient with what is no Elixir at all, such as a line that begins with a comma.
    if (evaluated === 'none') return false
    const known = new Set(evaluated.split(' '))
    return understood.some((entry) => !known.has(entry))
  })
  expect(wrong.slice(0, 3)).toEqual([])
  const same = rows.filter(({ ours, theirs: evaluated }) => ours?.join(' ') === evaluated).length
  expect(same).toBeGreaterThan(texts.length / 10)
  expect(rows.filter(({ theirs: evaluated }) => evaluated === 'none').length).toBeGreaterThan(texts.length / 10)
}, 120_000)

async function ask(questions: readonly string[]): Promise<readonly string[]> {
  const answers = (await elixir('locks.exs', questions.map((question) => `${question}\n`).join('')))
    .split('\n')
    .slice(0, -1)
  expect(answers).toHaveLength(questions.length)
  return answers
}

/** The entries as locks.exs tells them; undefined where the file is refused. */
function read(text: string): readonly string[] | undefined {
  const result = readMixLock(text, 'mix.lock')
  return 'problems' in result ? undefined : [...result.lock.values()].map(tell).toSorted()
}

function told(text: string): string {
  return read(text)?.join(' ') ?? 'refused'
}

function tell(entry: LockEntry): string {
  return `${hex(entry.app)}=${fieldsOf(entry)}`
}

function fieldsOf(entry: LockEntry): string {
  if (entry.kind === 'other') return 'other'
  if (entry.kind === 'git') return ['git', hex(entry.url), hex(entry.revision), listed(entry.options)].join(':')
  const dependencies = entry.dependencies?.map((each) =>
    [hex(each.app), hex(each.requirement), hex(each.package), hex(each.repository), String(each.optional)].join('/')
  )
  return [
    'hex',
    hex(entry.package),
    hex(entry.version),
    hex(entry.innerChecksum),
    listed(entry.managers),
    dependencies?.join(',') ?? 'nil',
    hex(entry.repository),
    hex(entry.outerChecksum),
    String(entry.newer)
  ].join(':')
}

function listed(names: readonly string[] | undefined): string {
  return names?.map(hex).join(',') ?? 'nil'
}

function hex(text: string | undefined): string {
  return text === undefined ? 'nil' : Buffer.from(text).toString('hex')
}

function disagreements(texts: readonly string[], ours: readonly string[], theirs: readonly string[]): unknown[] {
  return texts
    .map((text, index) => ({ text, ours: ours[index], theirs: theirs[index] }))
    .filter((row) => row.ours !== row.theirs)
    .slice(0, 2)
}

/** With one to three small changes, at any place. */
function spoilt(text: string, random: () => number): string {
  const changes = [
    '',
    ' ',
    '"',
    ',',
    ':',
    '{',
    '}',
    '[',
    ']',
    '\\',
    '#',
    '\n',
    'nil',
    '~',
    '%',
    '|',
    '+',
    "'",
    '?',
    '1',
    'a',
    '#{1}',
    '#{"x"}',
    '<<1>>',
    '~s(a)',
    ', a: 1',
    '@',
    '-',
    '.',
    '\t'
  ]
  let changed = text
  for (let n = 1 + Math.floor(random() * 3); n > 0; n--) {
    const at = Math.floor(random() * (changed.length + 1))
    const change = changes[Math.floor(random() * changes.length)] ?? ''
    changed = changed.slice(0, at) + change + changed.slice(at + (random() < 0.5 ? 1 : 0))
  }
  return changed
}
