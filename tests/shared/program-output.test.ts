import { describe, expect, test } from '@jest/globals'
import { createOutputLines } from '../../actions/shared/program-output.ts'
import { createSecrets } from '../../actions/shared/secrets.ts'

const key = '5ec2e7badcaf0123456789abcdef4242'

/** What is told of a text that comes in pieces. */
function told(...pieces: readonly string[]): { readonly lines: readonly string[]; readonly output: string } {
  const secrets = createSecrets(() => undefined)
  secrets.add(key)
  const lines: string[] = []
  const output = createOutputLines(secrets, (line) => lines.push(line))
  const take = output.take('output')
  for (const piece of pieces) take(Buffer.from(piece))
  return { ...output.end(), lines }
}

describe('a key is not told', () => {
  test('in the lines of one piece, in pieces, or with an escape sequence in it', () => {
    const within = `${key.slice(0, 9)}\u001b[31m${key.slice(9)}`
    expect(told(`a ${key}\nb\n${within} c\n`, `d ${key.slice(0, 5)}`, `${key.slice(5)}\n\n`).lines).toEqual([
      'a ***',
      'b',
      '*** c',
      'd ***'
    ])
  })

  test.each([0, 1, 7, 31])('where a long line is cut within it, %i characters on', (shift) => {
    const { lines } = told(`${'x'.repeat(shift)}${key.repeat(600)}\n`, `y${key.repeat(600)}`)
    expect(lines).toHaveLength(2)
    for (const line of lines) expect(line).not.toMatch(/[0-9a-f]{6}/)
    expect(lines[0]).toContain('more characters)')
  })
})

test('a long line is told to its beginning, with how much is missing', () => {
  const { lines } = told(`${'x'.repeat(5000)}\n${'y'.repeat(20_000)}\nz\n`)
  expect(lines).toEqual([
    `${'x'.repeat(4096)}… (904 more characters)`,
    `${'y'.repeat(4096)}… (15904 more characters)`,
    'z'
  ])
})

test('half a million short lines take no longer than they take to be told', () => {
  const piece = 'abc\n'.repeat(16_384)
  const started = performance.now()
  const { lines, output } = told(...Array.from({ length: 31 }, () => piece))
  expect(lines).toHaveLength(31 * 16_384)
  expect(output).toHaveLength(65_535)
  expect(performance.now() - started).toBeLessThan(5000)
})
