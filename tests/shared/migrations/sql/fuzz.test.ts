import { describe, expect, test } from '@jest/globals'
import { readSql } from '../../../support/sql-migration.ts'
import { prismaHistory } from '../../../support/migration-history.ts'
import { randomFrom } from '../../../support/random.ts'

const seeds = Array.from({ length: 8 }, (_, seed) => seed + 1)
const lineAndColumn = (place: { readonly line: number; readonly column: number }) =>
  place.line * 1_000_000 + place.column

/** Whatever the text: an answer, and places that are in the text and in order. */
async function expectAnAnswer(text: string): Promise<void> {
  const { statements, notAnalysed, syntaxError } = await readSql(text)
  const lines = text.split('\n').length
  const spans = [...statements, ...notAnalysed, ...(syntaxError === undefined ? [] : [syntaxError])].map(
    ({ span }) => span
  )
  for (const { start, end } of spans) {
    expect(start.line).toBeGreaterThanOrEqual(1)
    expect(end.line).toBeLessThanOrEqual(lines)
    expect(lineAndColumn(start)).toBeLessThanOrEqual(lineAndColumn(end))
  }
}

describe('any text', () => {
  test.each(seeds)('mutations of migrations, seed %i', async (seed) => {
    const random = randomFrom(seed)
    const texts = prismaHistory(seed, 30).map(({ sql }) => sql)
    for (const text of texts) {
      expect((await readSql(text)).syntaxError).toBeUndefined()
      for (let time = 0; time < 6; time += 1) await expectAnAnswer(mutated(text, random))
    }
  })

  test.each(seeds)('random characters, seed %i', async (seed) => {
    const random = randomFrom(seed)
    for (let time = 0; time < 60; time += 1) {
      const characters = Array.from({ length: random(200) }, () => String.fromCodePoint(random(0x300)))
      await expectAnAnswer(characters.join(''))
    }
  })

  test('every beginning of a migration', async () => {
    const [first] = prismaHistory(3, 1)
    const sql = first?.sql ?? ''
    for (let length = 0; length < Math.min(sql.length, 600); length += 1) await expectAnAnswer(sql.slice(0, length))
  })
})

const pieces = [
  "'",
  '"',
  '$$',
  '$a$',
  '/*',
  '*/',
  '--',
  ';',
  '(',
  ')',
  '\\',
  '\n\\x ',
  "E'",
  '🐘',
  '\uFEFF',
  '\0',
  '\r\n',
  ' DO ',
  ' BEGIN ',
  ' END ',
  'COPY a FROM stdin;\n',
  'U&"',
  '::',
  'ARRAY['
]

function mutated(text: string, random: (below: number) => number): string {
  const at = random(text.length + 1)
  const to = Math.min(text.length, at + random(40))
  const piece = pieces[random(pieces.length)] ?? ''
  const mutations = [
    () => text.slice(0, at),
    () => text.slice(0, at) + text.slice(to),
    () => text.slice(0, at) + piece + text.slice(at),
    () => text.slice(0, at) + text.slice(at, to).repeat(random(20)) + text.slice(to),
    () => text.slice(at) + text.slice(0, at)
  ]
  return mutations[random(mutations.length)]?.() ?? text
}
