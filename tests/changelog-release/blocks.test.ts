import { describe, expect, test } from '@jest/globals'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { parseBlocks } from '../../actions/changelog-release/blocks.ts'
import { readChangelog } from '../../actions/changelog-release/changelog.ts'
import { ActionError } from '../../actions/shared/problem.ts'

/** The codes and places of the problems that reading throws. */
function problems(text: string): readonly string[] {
  try {
    readChangelog('CHANGES.md', text)
    return []
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    return error.problems.map(({ code, file, line }) => `${code} ${file ?? ''}:${line ?? 0}`)
  }
}

const filler = 'A line of text, as long as such lines are.\n'.repeat(150)

describe('a long text is read piece by piece as it would be at once', () => {
  test.each([
    ['a fence', `~~~\n${`# no heading\n\n`.repeat(2_000)}~~~\n\n# one\n`],
    ['a list with blank lines', `${'- item\n\n  # its heading\n\n'.repeat(500)}\n# one\n`],
    ['a comment', `<!--\n${'# no heading\n\n'.repeat(2_000)}-->\n# one\n`],
    ['labels that are defined far away', `[one]\n\n${filler}\n# [two]\n\n${filler}\n[One]: /1\n[two]: /2\n${filler}`],
    ['definitions without a blank line', Array.from({ length: 900 }, (_, n) => `[l${n}]: /${n}\n`).join('')],
    ['a definition whose title is lines long', `${filler}\n[a]: /a\n"title\n${filler}end"\n\n[a]`],
    ['a definition without its title’s end', `${filler}\n[a]: /a\n"title\n${filler}${filler}end" no\n\n[a]`],
    ['setext headings', `One\n===\n\n${filler}\nTwo\nlines\n---\n${filler}`.repeat(3)],
    ['a line of 20,000 characters', `${'word '.repeat(4_000)}\n\n# one\n`],
    ['indented code and quotations', `    code\n\n> ${filler}\n\n    more\n\n`.repeat(5)]
  ])('%s', (_, text) => {
    expect(parseBlocks(text).children).toEqual(fromMarkdown(text).children)
  })
})

test('twelve thousand short sections take a moment', () => {
  const text = Array.from({ length: 12_000 }, (_, n) => `## 1.0.${n}\n\n- one thing\n\n`).join('')
  const started = process.threadCpuUsage()
  expect(readChangelog('CHANGELOG.md', text).outline).toHaveLength(12_000)
  expect(process.threadCpuUsage(started).user).toBeLessThan(5_000_000)
}, 60_000)

test('quotations in quotations by the thousand are no matter of the stack', () => {
  expect(problems(`# 1.0.0\n\n${'> '.repeat(6_000)}x\n`)).toEqual([])
})

test('what would take minutes is a problem with a place', () => {
  expect(problems(`# 1.0.0\n\n# 0.9.0\n\n${'*a_ '.repeat(60_000)}\n`)).toEqual(['changelog-too-complex CHANGES.md:5'])
}, 60_000)
