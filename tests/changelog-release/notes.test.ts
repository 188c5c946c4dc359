import { describe, expect, test } from '@jest/globals'
import { fitNotes, longestNotes } from '../../actions/changelog-release/notes.ts'

const rest = '[The rest](https://example.org/CHANGELOG.md)'

describe('notes that are too long', () => {
  test('are counted in characters: an emoji is one', () => {
    const fits = '🎉'.repeat(longestNotes)
    expect(fitNotes(fits, rest)).toEqual({ body: fits, cut: false })
    const over = `${fits}a`
    const { body, cut } = fitNotes(over, rest)
    expect(cut).toBe(true)
    expect(Array.from(body).length).toBeLessThanOrEqual(longestNotes)
  })

  test('end after the last whole block, with the pointer', () => {
    expect(
      fitNotes(
        'first\n\n## Head\n\n- one\n- two\n  more\n- three three three three three three three three three three\n\nend',
        rest,
        90
      ).body
    ).toBe(`first\n\n## Head\n\n- one\n- two\n  more\n\n${rest}`)
    expect(fitNotes(`first\n\n## Head\n\n${'x'.repeat(80)}`, rest, 80).body).toBe(`first\n\n${rest}`)
  })

  test('never end inside a fence: it is left out, or closed where nothing else would be left', () => {
    const code = `\`\`\`\`js\n${'line\n'.repeat(30)}\`\`\`\``
    expect(fitNotes(`intro ${'x'.repeat(30)}\n\n${code}`, rest, 85).body).toBe(`intro ${'x'.repeat(30)}\n\n${rest}`)
    expect(fitNotes(code, rest, 80).body).toBe(`\`\`\`\`js\n${'line\n'.repeat(4)}\`\`\`\`\n\n${rest}`)
  })

  test('never split a character', () => {
    const { body } = fitNotes(`${'🎉'.repeat(20)} ${'🎉'.repeat(20)} ${'🎉'.repeat(80)}`, rest, 90)
    expect(body).toBe(`${'🎉'.repeat(20)} ${'🎉'.repeat(20)}\n\n${rest}`)
    expect(body.isWellFormed()).toBe(true)
  })

  test('keep the link definitions that are still used, and close what is folded', () => {
    const long = `<details>\n\n[a] text\n\n${'[b] '.repeat(40)}\n\n</details>\n\n[a]: https://example.org/a\n[b]: https://example.org/b`
    expect(fitNotes(long, rest, 140).body).toBe(
      `<details>\n\n[a] text\n\n</details>\n\n${rest}\n\n[a]: https://example.org/a`
    )
  })

  test('are cut in seconds, though the definitions of thousands of links must be made room for', () => {
    const items = Array.from({ length: 4_000 }, (_, n) => `- [l${n}]\n\n`).join('')
    const definitions = Array.from({ length: 4_000 }, (_, n) => `[l${n}]: https://example.org/${n}\n\n`).join('')
    const started = process.threadCpuUsage()
    const { body } = fitNotes(`${items}${definitions}`, rest, 100_000)
    expect(process.threadCpuUsage(started).user).toBeLessThan(5_000_000)
    expect(body.length).toBeLessThanOrEqual(100_000)
    expect(body.length).toBeGreaterThan(99_900)
  }, 60_000)

  test('are only the pointer where not even one line fits', () => {
    expect(fitNotes('x'.repeat(200), rest, 80)).toEqual({ body: rest, cut: true })
  })
})
