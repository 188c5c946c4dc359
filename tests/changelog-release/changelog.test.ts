import { describe, expect, test } from '@jest/globals'
import { findSection, readChangelog } from '../../actions/changelog-release/changelog.ts'
import { parseReleaseTag } from '../../actions/shared/release-tag.ts'

function search(text: string, tag: string, prefix?: string): ReturnType<typeof findSection> {
  const parsed = parseReleaseTag(tag, { prefix })
  if ('problems' in parsed) throw new Error(`no tag: ${tag}`)
  return findSection(readChangelog('CHANGELOG.md', text), parsed.tag)
}

function notes(text: string, tag: string): string {
  const found = search(text, tag)
  if ('problems' in found) throw new Error(found.problems.map(({ message }) => message).join('\n'))
  return found.section.markdown
}

function problem(text: string, tag: string): { code: string; message: string; line: number | undefined } {
  const found = search(text, tag)
  if (!('problems' in found)) throw new Error(`found: ${found.section.markdown}`)
  const [first] = found.problems
  return { code: first?.code ?? '', message: first?.message ?? '', line: first?.line }
}

function warnings(text: string, tag: string): readonly string[] {
  const found = search(text, tag)
  return 'warnings' in found ? found.warnings.map(({ code }) => code) : []
}

const keepAChangelog = `# Changelog

All notable changes.

## [Unreleased]

### Added

- later

## [1.1.0] - 2026-02-03

### Added

- new [thing][t] of [#12]

## [1.0.0] - 2026-01-02

- first

[Unreleased]: https://example.org/compare/v1.1.0...HEAD
[1.1.0]: https://example.org/compare/v1.0.0...v1.1.0
[1.0.0]: https://example.org/releases/v1.0.0
[T]: https://example.org/thing "Thing"
[#12]: https://example.org/12
[#13]: https://example.org/13
`

describe('a section is found', () => {
  test('in a Keep a Changelog file, with only the link definitions it uses', () => {
    expect(notes(keepAChangelog, 'v1.1.0')).toBe(
      '### Added\n\n- new [thing][t] of [#12]\n\n[T]: https://example.org/thing "Thing"\n[#12]: https://example.org/12'
    )
    expect(notes(keepAChangelog, 'v1.0.0')).toBe('- first')
  })

  test.each([
    '## 1.2.3',
    '# v1.2.3',
    '### V1.2.3 ###',
    '#### 1.2.3 - 2026-01-31',
    '## [1.2.3](https://example.org/compare/1.2.2...1.2.3) (2026-01-31)',
    '## [v1.2.3] 2026-01-31',
    '## 1.2.3 / 2026-01-31',
    '## 1.2.3 (31 January 2026)',
    '## 1.2.3 January 31st, 2026',
    '## v1.2.3 [2026-01-31]',
    '## \\[1.2.3]',
    '## <small>[1.2.3](https://example.org) (2026-01-31)</small>',
    '<a name="1.2.3"></a>\n\n## 1.2.3',
    '## 1.2.3: A name with 9.9.9 in it',
    '## Version 1.2.3',
    '## Release v1.2.3',
    '## Release notes for v1.2.3',
    '## mdBook 1.2.3',
    '## 2026-01-31, Version 1.2.3 (Stable), @someone',
    '## 2026.01.31, Version 1.2.3',
    '## 🎉 1.2.3',
    '## `1.2.3`',
    '## **1.2.3**',
    '## 1.2.3 and 1.1.9',
    '## 1.3.0, 1.2.3',
    '## 1.2.{2,3}',
    '## 1.2.3 Release notes (2026-01-31)',
    '1.2.3 (2026-01-31)\n==================',
    '1.2.3\n-----',
    '  ## 1.2.3'
  ])('under %j', (heading) => {
    const file = `# Changelog\n\n## 1.2.30\n\nwrong\n\n${heading}\n\n- right\n\n## 1.2.2\n\n- older\n`
    expect(notes(file, 'v1.2.3').replace(/\n*<a.*$/s, '')).toBe('- right')
  })

  test.each([
    ['0.2.0b1', 'v0.2.0-beta.1'],
    ['v0.2.0-beta.1', '0.2.0b1'],
    ['0.2.0-BETA.1', 'v0.2.0-beta.1'],
    ['1.7', 'v1.7.0'],
    ['2026.07.01', '2026.7.1'],
    ['1.2.3+build.5', 'v1.2.3+build.5']
  ])('%j for the tag %j', (version, tag) => {
    expect(notes(`## ${version}\n\n- right\n\n## 0.1.0\n\n- older\n`, tag)).toBe('- right')
  })

  test.each([
    ['math-v1.2.3', '## [math/v1.2.3](https://example.org)'],
    ['@scope/name@1.2.3', '## @scope/name 1.2.3'],
    ['@scope/name@1.2.3', '## name@1.2.3'],
    ['core-v1.2.3', '## Release lib 1.0.0 / core 1.2.3'],
    ['core-v1.2.3', '## 1.2.3']
  ])('for the package of the tag %j under %j', (tag, heading) => {
    expect(notes(`# Changelog\n\n## other 1.2.3\n\n- wrong\n\n${heading}\n\n- right\n`, tag)).toBe('- right')
  })

  test('with CRLF, a byte order mark and front matter', () => {
    const file = '\uFEFF---\r\nversion: 9.9.9\r\n---\r\n# 1.0.0\r\n\r\n- a\r\n  b\r\n\r\n# 0.9.0\r\n\r\n- old\r\n'
    expect(notes(file, '1.0.0')).toBe('- a\n  b')
    expect(notes('\uFEFF## 1.0.0\n\n- a\n', '1.0.0')).toBe('- a')
  })

  test('in a file whose headings are plain lines', () => {
    const file = 'v2.0.0 - August 21, 2026\n\n* new\n\nv1.0.0 - May 1, 2026\n\n* old\n'
    expect(notes(file, 'v2.0.0')).toBe('* new')
  })

  test('by the exact spelling before an equivalent one', () => {
    expect(notes('# Changelog for Lib v1.20\n\nintro\n\n## v1.20.0\n\n- right\n', 'v1.20.0')).toBe('- right')
    expect(notes('## 1.7.0\n\n- seven zero\n\n## 1.7\n\n- seven\n', '1.7')).toBe('- seven')
  })
})

describe('a heading is no release', () => {
  test('in fenced or indented code, a comment, a quotation or a list', () => {
    const file =
      '## 2.0.0\n\n```md\n## 1.0.0\n\n- wrong\n```\n\n~~~\n# 1.0.0\n~~~\n\n    ## 1.0.0\n\n<!--\n## 1.0.0\n- wrong\n-->\n\n' +
      '> ## 1.0.0\n> wrong\n\n- item\n\n  ## 1.0.0\n\n## 1.0.0\n\n- right\n'
    expect(notes(file, '1.0.0')).toBe('- right')
    expect(notes(file, '2.0.0')).toContain('> ## 1.0.0')
  })

  test('when it speaks of another version inside a section', () => {
    const inside =
      '### What’s new in 2.0\n\n- a\n\n### Upgrade to 1.0.0\n\n- b\n\n### poetry-core ([1.0.0](https://example.org))\n\n- c\n\n' +
      '### Python 3.13\n\n- d\n\n### 2.0 migration guide\n\n- e'
    expect(notes(`## 2.0.0\n\n${inside}\n\n## 1.0.0\n\n- old\n`, '2.0.0')).toBe(inside)
    expect(notes(`## 2.0.0\n\n${inside}\n\n## 1.0.0\n\n- old\n`, '1.0.0')).toBe('- old')
  })
})

describe('a section ends', () => {
  test('at the next version of any level, not at the next heading of its own', () => {
    const file = "## 3.0.0\n\n## What's Changed\n\n- a\n\n### 2.9.1\n\n### Fixed\n\n- b\n\n## 2.9.0\n\n- c\n"
    expect(notes(file, '3.0.0')).toBe("## What's Changed\n\n- a")
    expect(notes(file, '2.9.1')).toBe('### Fixed\n\n- b')
  })

  test('not at versions listed below a heading of its own', () => {
    const file =
      '## 8.0.0\n\n- big\n\n### Beta Changelogs\n\n#### 8.0.0-beta.2\n\nSee there.\n\n#### 8.0.0-beta.1\n\nAnd there.\n\n## 7.0.0\n\n- old\n'
    expect(notes(file, '8.0.0')).toBe(
      '- big\n\n### Beta Changelogs\n\n#### 8.0.0-beta.2\n\nSee there.\n\n#### 8.0.0-beta.1\n\nAnd there.'
    )
    expect(notes(file, '8.0.0-beta.2')).toBe('See there.')
    expect(notes(file, '8.0.0-beta.1')).toBe('And there.')
  })

  test('not at the packages of a release that has a version of its own', () => {
    const inside = '## @scope/cli@0.27.0\n\n- a\n\n## @scope/core@1.5.0\n\n- b'
    const file = `# Release v1.30.0\n\n${inside}\n\n# Release v1.29.0\n\n- old\n`
    expect(notes(file, 'v1.30.0')).toBe(inside)
    expect(notes(file, '@scope/core@1.5.0')).toBe('- b')
    expect(notes('### 2026.07.30\n\n#### @std/cache 0.2.4 (patch)\n\n- a\n\n### 2026.07.20\n', '2026.07.30')).toBe(
      '#### @std/cache 0.2.4 (patch)\n\n- a'
    )
  })

  test('not at other products, in a file where every release bears the project’s name', () => {
    const file = '# lib 2.0.0\n\n## Rust 1.56\n\n- a\n\n## other 3.0\n\n- b\n\n# lib 1.0.0\n\n- c\n'
    expect(notes(file, 'v2.0.0')).toBe('## Rust 1.56\n\n- a\n\n## other 3.0\n\n- b')
    expect(notes('## Swift 6.0\n\n- six\n\n## Swift 5.9\n\n- five\n', '6.0')).toBe('- six')
  })

  test('at a higher heading, and where what is unreleased begins', () => {
    expect(notes('# Lib\n\n## 1.0.0\n\n- a\n\n# Licence\n\nMIT\n', '1.0.0')).toBe('- a')
    expect(notes('## 1.0.0\n\n- a\n\n## Unreleased\n\n- b\n', '1.0.0')).toBe('- a')
  })

  test('before rules, anchors, definitions and comments that stand between sections', () => {
    const tail = '\n\n[x]: https://example.org\n\n<!-- end -->\n\n---\n\n<a name="0.9.0"></a>\n'
    expect(notes(`## 1.0.0\n\n- a\n\n---\n\n- b${tail}\n## 0.9.0\n\n- c\n`, '1.0.0')).toBe('- a\n\n---\n\n- b')
  })

  test('where a list is followed by a rule, which makes no heading of it', () => {
    expect(notes('## 1.0.0\n\n- item\n---\n\n| a | b |\n---\n\nend\n\n## 0.9.0\n\n- c\n', '1.0.0')).toBe(
      '- item\n---\n\n| a | b |\n---\n\nend'
    )
  })
})

describe('the text of a section', () => {
  test('is byte for byte that of the file', () => {
    const body =
      'Line with a break  \nnext\t tab\n\n\n\n* a\n\n      deep\n\n```js\nconst a = `<!-- kept -->`  \n```\n\n    code <!-- kept -->'
    expect(notes(`## 1.0.0\n${body}\n\n## 0.9.0\n`, '1.0.0')).toBe(body)
  })

  test('has no comments outside code', () => {
    const file =
      '## 1.0.0\n\n<!-- top -->\n\n- a <!-- in -->line `<!-- kept -->`\n\n<!-- a\n\nlong one -->\n\nb\n<!-- between -->\nc\n\n## 0.9.0\n'
    expect(notes(file, '1.0.0')).toBe('- a line `<!-- kept -->`\n\nb\n\nc')
  })

  test('keeps the comment that keeps two lists apart', () => {
    expect(notes('## 1.0.0\n\n- a\n\n<!-- -->\n\n- b\n', '1.0.0')).toBe('- a\n\n<!-- -->\n\n- b')
  })

  test('resolves labels as the whole file does: first definition, any case, any place', () => {
    const file =
      '[ONE]: https://example.org/first\n\n## 1.0.0\n\n[one], ![pic][two], [ẞ], [none] and `[code]`\n\n[one]: https://example.org/second\n\nend\n\n## 0.9.0\n\n' +
      '> [two]: https://example.org/2\n\n[SS]: https://example.org/ss\n[code]: https://example.org/no\n'
    expect(notes(file, '1.0.0')).toBe(
      '[one], ![pic][two], [ẞ], [none] and `[code]`\n\nend\n\n[ONE]: https://example.org/first\n[two]: https://example.org/2\n[SS]: https://example.org/ss'
    )
  })

  test('keeps definitions where they stand when more text follows them', () => {
    const body = '- [a]\n\n[a]: https://example.org/a\n\nThanks to all.'
    expect(notes(`## 1.0.0\n\n${body}\n\n## 0.9.0\n`, '1.0.0')).toBe(body)
  })
})

describe('there is no section to publish', () => {
  test('when the version is missing: the nearest ones are named with their lines', () => {
    const { code, message } = problem(keepAChangelog, 'v1.1.1')
    expect(code).toBe('changelog-section-missing')
    expect(message).toContain('1.1.0 (line 11), 1.0.0 (line 17)')
    expect(problem('## 1.7.1\n\n- a\n', '1.7').code).toBe('changelog-section-missing')
    expect(problem('## 1.0.0\n\n- a\n', '1.0.0-rc.1').code).toBe('changelog-section-missing')
    expect(problem('## 1.0.0 beta 1\n\n- a\n', '1.0.0').code).toBe('changelog-section-missing')
    expect(problem('## other 1.0.0\n\n- a\n\n## third 1.0.0\n\n- b\n', 'lib-v1.0.0').code).toBe(
      'changelog-section-missing'
    )
  })

  test.each([
    ['server-v1.2.0', 'server-v'],
    ['server@1.2.0', 'server@'],
    ['server/v1.2.0', 'server/v'],
    ['server-v1.2.0', undefined]
  ])('when only another package has the version: tag %j with prefix %j', (tag, prefix) => {
    const foreign = search('## client 1.2.0\n\n- client\n', tag, prefix)
    expect(foreign).toMatchObject({ problems: [{ code: 'changelog-section-missing' }] })
    expect('problems' in foreign ? foreign.problems[0]?.message : '').toContain('client 1.2.0 (line 1)')
    const both = search('## client 1.2.0\n\n- client\n\n## server 1.2.0\n\n- server\n', tag, prefix)
    expect(both).toMatchObject({ section: { markdown: '- server' } })
    expect(search('## 1.2.0\n\n- plain\n', tag, prefix)).toMatchObject({ section: { markdown: '- plain' } })
  })

  test.each(['release-v', 'v', 'version/'])('but the prefix %j names no package', (prefix) => {
    expect(search('## mdBook 1.2.0\n\n- own\n', `${prefix}1.2.0`, prefix)).toMatchObject({
      section: { markdown: '- own' }
    })
  })

  test('when no heading names a version', () => {
    expect(problem('# Changelog\n\n- a change\n', 'v1.0.0').code).toBe('changelog-without-versions')
    expect(problem('', 'v1.0.0').code).toBe('changelog-without-versions')
  })

  test.each([
    '## 1.0.0 (Unreleased)',
    '## [1.0.0] - UNRELEASED',
    '## Unreleased (1.0.0)',
    '## 1.0.0 - not yet released',
    '## 1.0.0 — WIP',
    '## 1.0.0 (unreleased, in May)',
    '## 1.0.0 Unreleased',
    '## 1.0.0 / unreleased',
    '## 1.0.0 [*Unreleased*] TBD',
    '## Upcoming release 1.0.0'
  ])('when it is still marked as unreleased: %j', (heading) => {
    expect(problem(`# Changelog\n\n${heading}\n\n- a\n`, 'v1.0.0')).toMatchObject({
      code: 'changelog-section-unreleased',
      line: 3
    })
  })

  test.each([
    '## 1.0.0 - 2026-01-01: work in progress indicator',
    '## 1.0.0 - 2026-01-01 - frees unreleased locks',
    '## 1.0.0 — WIP support'
  ])('but words of a title are no such mark: %j', (heading) => {
    expect(notes(`${heading}\n\n- a\n`, 'v1.0.0')).toBe('- a')
  })

  test('when it is a template with nothing filled in', () => {
    const template = '## 1.0.0\n\n### Added\n\n<!-- list them -->\n\n### Fixed\n\n## 0.9.0\n\n- a\n'
    expect(problem(template, '1.0.0')).toMatchObject({ code: 'changelog-section-empty', line: 1 })
    expect(notes('## 1.0.0\n\n### Added\n\n### Fixed\n\n- a\n', '1.0.0')).toBe('### Added\n\n### Fixed\n\n- a')
    expect(notes('## 1.0.0\n\n### The cache is faster\n', '1.0.0')).toBe('### The cache is faster')
  })

  test('when it is empty, or has nothing but a comment', () => {
    expect(problem('## 1.0.0\n\n<!-- todo -->\n\n## 0.9.0\n\n- a\n', '1.0.0')).toMatchObject({
      code: 'changelog-section-empty',
      line: 1
    })
  })
})

test('a version with two headings is taken from the first, with a warning', () => {
  const file = '## 1.0.0\n\n- first\n\n## 1.0.0\n\n- second\n'
  expect(notes(file, '1.0.0')).toBe('- first')
  expect(warnings(file, '1.0.0')).toEqual(['changelog-section-duplicate'])
})

test('a yanked section and a placeholder for the date are told', () => {
  expect(warnings('## [1.0.0] - 2026-01-01 [YANKED]\n\n- a\n', '1.0.0')).toEqual(['changelog-section-yanked'])
  expect(warnings('## 1.0.0 - YYYY-MM-DD\n\n- a\n', '1.0.0')).toEqual(['changelog-section-undated'])
  expect(warnings('## 1.0.0 - 2026-01-01\n\n- a\n', '1.0.0')).toEqual([])
})
