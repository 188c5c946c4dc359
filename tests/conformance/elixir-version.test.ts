// needs: elixir
import { describe, expect, test } from '@jest/globals'
import { formatSemver } from '../../actions/shared/semver.ts'
import {
  compareElixirVersions,
  isElixirRequirement,
  matchesRequirement,
  parseElixirVersion
} from '../../actions/shared/hex/elixir-version.ts'
import { elixir } from '../support/elixir/elixir.ts'
import { createVersionTexts } from '../support/version-texts.ts'
import { fractionsFrom } from '../support/random.ts'

const texts = createVersionTexts(1114)
const random = fractionsFrom(1114)
const below = (limit: number): number => Math.floor(random() * limit)
const pick = <T>(items: readonly [T, ...T[]]): T => items[below(items.length)] ?? items[0]

describe("Elixir's Version module", () => {
  test('reads the same versions', async () => {
    const sample = [...texts.semver(4_000), ...texts.nearly(texts.semver(4_000)), ...odd]
    const theirs = await ask(sample.map((version) => ['parse', hex(version)]))
    const ours = sample.map((version) => {
      const parsed = parseElixirVersion(version)
      return parsed === undefined ? 'none' : formatSemver(parsed)
    })
    const valid = theirs.filter((answer) => answer !== 'none').length
    expect(valid).toBeGreaterThan(4_000)
    expect(sample.length - valid).toBeGreaterThan(1_000)
    expect(disagreements(sample, ours, theirs)).toEqual([])
  }, 120_000)

  test('puts versions in the same order', async () => {
    const pairs = Array.from({ length: 12_000 }, () => [closeVersion(), closeVersion()] as const)
    const theirs = await ask(pairs.map(([a, b]) => ['compare', hex(a), hex(b)]))
    const ours = pairs.map(([a, b]) => {
      const order = compareElixirVersions(version(a), version(b))
      return order < 0 ? 'lt' : order > 0 ? 'gt' : 'eq'
    })
    expect(new Set(theirs)).toEqual(new Set(['lt', 'gt', 'eq']))
    expect(disagreements(pairs, ours, theirs)).toEqual([])
  }, 120_000)

  test('takes the same requirements, and matches the same versions with them', async () => {
    const questions = Array.from({ length: 30_000 }, () => {
      const requirement = closeRequirement()
      return [closeVersion(), random() < 0.25 ? spoilt(requirement) : requirement, random() < 0.5] as const
    })
    const theirs = await ask(questions.map(([v, r, allowPre]) => ['match', hex(v), hex(r), String(allowPre)]))
    const ours = questions.map(([v, requirement, allowPre]) =>
      isElixirRequirement(requirement) ? String(matchesRequirement(version(v), requirement, { allowPre })) : 'none'
    )
    const counts = ['true', 'false', 'none'].map((word) => theirs.filter((answer) => answer === word).length)
    expect(Math.min(...counts)).toBeGreaterThan(2_000)
    expect(disagreements(questions, ours, theirs)).toEqual([])
  }, 120_000)
})

const odd = ['', ' 1.0.0', '1.0.0\n', '1.0.0-', '1.0.0+', '1.0.0+a..b', '1.0.0-é', '1.0.0-a+b+c', '1.0', 'v1.0.0']

/** Few different numbers and labels, so that two of them meet often. */
function closeVersion(): string {
  const number = (): string => pick(['0', '1', '1', '2', '10'])
  return `${number()}.${number()}.${number()}${labels()}${random() < 0.1 ? `+${pick(['1', 'b.2'])}` : ''}`
}

function labels(): string {
  if (random() < 0.6) return ''
  const label = (): string => pick(['0', '1', '2', '10', 'a', 'rc', 'B', 'dev', 'a-b', '-', '1a'])
  return `-${Array.from({ length: 1 + below(3) }, label).join('.')}`
}

function closeRequirement(): string {
  const operator = (): string =>
    pick(['', '== ', '!= ', '> ', '>= ', '< ', '<= ', '~> ', '~> ', '~> ', '! ', '>=', '~>'])
  const operand = (): string =>
    random() < 0.3 ? `${pick(['0', '1', '2'])}.${pick(['0', '1'])}${labels()}` : closeVersion()
  const parts = Array.from({ length: pick([1, 1, 1, 2, 2, 3, 4]) }, () => `${operator()}${operand()}`)
  return parts.reduce((text, part) => `${text}${pick([' and ', ' or ', ' and ', ' or ', '  or '])}${part}`)
}

/** With one small change, at any place. */
function spoilt(text: string): string {
  const at = below(text.length + 1)
  const change = pick([
    '',
    ' ',
    '.',
    '-',
    '+',
    '0',
    '=',
    '!',
    '>',
    '~',
    ' or ',
    ' and',
    'and ',
    '~>',
    '\t',
    '\n',
    'é',
    '1.0.0'
  ])
  return text.slice(0, at) + change + text.slice(at + (random() < 0.5 ? 1 : 0))
}

async function ask(questions: readonly (readonly string[])[]): Promise<readonly string[]> {
  const output = await elixir('versions.exs', questions.map((question) => `${question.join(' ')}\n`).join(''))
  const answers = output.split('\n').slice(0, -1)
  expect(answers).toHaveLength(questions.length)
  return answers
}

function disagreements(questions: readonly unknown[], ours: readonly string[], theirs: readonly string[]): unknown[] {
  return questions
    .map((question, index) => ({ question, ours: ours[index], theirs: theirs[index] }))
    .filter((row) => row.ours !== row.theirs)
    .slice(0, 10)
}

function version(text: string): NonNullable<ReturnType<typeof parseElixirVersion>> {
  const parsed = parseElixirVersion(text)
  if (parsed === undefined) throw new Error(`${text} is no version`)
  return parsed
}

const hex = (text: string): string => Buffer.from(text).toString('hex')
