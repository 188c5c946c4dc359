import { describe, expect, test } from '@jest/globals'
import { readBypassLine } from '../../actions/migration-guard/bypass-line.ts'

const right = 'ALLOW_CORE_MIGRATION: production is down for want of this index, until 2026-12-01'

describe('the line of a bypass is found', () => {
  test.each([
    ['alone', right],
    ['with a full stop', `${right}.`],
    ['between other lines', `I looked at it.\n\n${right}\n\nThanks!`],
    ['with Windows line ends', `Hello\r\n${right}\r\n`],
    ['indented by a little', `   ${right}  `],
    ['behind a closed code block', '```sql\nselect 1;\n```\n' + right],
    ['behind code that looks like a block', '```x``` is code\n' + right],
    ['behind a comment in code', 'Write `<!--` there.\n' + right],
    ['behind a quote and an empty line', `> no\n\n${right}`],
    ['behind closed details', `<details>\n\nlong\n\n</details>\n\n${right}`],
    ['behind an address', `See <https://acme.test/x>.<br>\n${right}`],
    ['behind a comment on the line before', `<!-- template -->\n${right}`]
  ])('%s', (_, body) => {
    expect(readBypassLine(body)).toEqual({
      kind: 'written',
      reason: 'production is down for want of this index',
      until: '2026-12-01'
    })
  })

  test('and the last `until` is the one of the date', () => {
    expect(readBypassLine('ALLOW_CORE_MIGRATION: cannot wait until Monday, sadly, until 2026-12-01')).toEqual({
      kind: 'written',
      reason: 'cannot wait until Monday, sadly',
      until: '2026-12-01'
    })
  })

  test('and the right one counts, where one before it is not', () => {
    expect(readBypassLine(`ALLOW_CORE_MIGRATION: hurry\n${right}`)).toMatchObject({ kind: 'written' })
  })
})

describe('no bypass is', () => {
  test.each([
    ['an empty body', ''],
    ['talk about it', 'Nobody should use ALLOW_CORE_MIGRATION: it is dangerous, until 2026-12-01'],
    ['a sentence that begins with it', 'ALLOW_CORE_MIGRATION is not for this'],
    ['a quote', `> ${right}\n\nNo.`],
    ['a line in an HTML comment, which nobody sees', `LGTM <!--\n${right}\n-->`],
    ['a line in an HTML comment that never ends', `LGTM\n<!--\n${right}`],
    ['a code block', '```\n' + right + '\n```'],
    ['a code block with tildes and a fence inside', '~~~\n```\n' + right + '\n~~~'],
    ['a code block that never ends', '```\n' + right],
    ['indented code', `    ${right}`],
    ['another word', `DISALLOW_CORE_MIGRATION: production is down, until 2026-12-01`]
  ])('%s', (_, body) => {
    expect(readBypassLine(body)).toEqual({ kind: 'none' })
  })
})

describe('a line that was meant as one says what is wrong', () => {
  test.each([
    ['ALLOW_CORE_MIGRATION: production is down for want of this index', 'does not say until when'],
    ['ALLOW_CORE_MIGRATION: production is down, until tomorrow', '"tomorrow" is no date of the form YYYY-MM-DD'],
    ['ALLOW_CORE_MIGRATION: production is down, until 01.12.2026', '"01.12.2026" is no date'],
    ['ALLOW_CORE_MIGRATION: production is down, until 2026-02-30', '"2026-02-30" is no date'],
    ['ALLOW_CORE_MIGRATION: production is down, until 2026-13-01', '"2026-13-01" is no date'],
    ['ALLOW_CORE_MIGRATION: hotfix, until 2026-12-01', 'the reason "hotfix" has fewer than 10 characters'],
    ['ALLOW_CORE_MIGRATION: until 2026-12-01', 'the reason "" has fewer than 10 characters'],
    ['ALLOW_CORE_MIGRATION: production is down until 2026-12-01', 'the date must come after `, until `'],
    ['ALLOW_CORE_MIGRATION=true', 'lets a local run pass'],
    ['ALLOW_CORE_MIGRATIONS: production is down, until 2026-12-01', 'does not begin with `ALLOW_CORE_MIGRATION: `'],
    ['allow_core_migration: production is down, until 2026-12-01', 'does not begin with'],
    ['Allow core migration: production is down, until 2026-12-01', 'does not begin with'],
    ['- ALLOW_CORE_MIGRATION: production is down, until 2026-12-01', 'does not begin with'],
    ['`ALLOW_CORE_MIGRATION: production is down, until 2026-12-01`', 'does not begin with'],
    ['**ALLOW_CORE_MIGRATION**: production is down, until 2026-12-01', 'does not begin with'],
    ['ALLOW_CORE_MIGRATION:production is down, until 2026-12-01', 'does not begin with'],
    ['ALLOW_CORE_MIGRATION:', 'does not begin with'],
    [`> quoted\n${right}`, 'stands in a quote, which an empty line would end'],
    [`<pre>\n${right}\n</pre>`, 'stands in `<pre>`'],
    [`<details><summary>more</summary>\n\n${right}\n\n</details>`, 'stands in `<details>`']
  ])('%s', (body, why) => {
    const line = readBypassLine(body)
    expect(line).toMatchObject({ kind: 'unreadable' })
    expect(line.kind === 'unreadable' && line.why).toContain(why)
    expect(line.kind === 'unreadable' && line.why).toContain('`ALLOW_CORE_MIGRATION: reason, until YYYY-MM-DD`')
  })
})

// Anything worse than linear takes minutes with these, and jest gives a test seconds.
test('a long body is read to its end', () => {
  readBypassLine(`ALLOW_CORE_MIGRATION: ${'until , '.repeat(20_000)}`)
  readBypassLine('<!--'.repeat(50_000))
  readBypassLine(`- `.repeat(100_000))
  readBypassLine('<a '.repeat(20_000))
  readBypassLine(Array.from({ length: 350 }, (_, length) => '`'.repeat(length)).join(' '))
  expect(readBypassLine('`'.repeat(100_000)).kind).toBe('none')
})
