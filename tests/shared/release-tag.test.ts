import { describe, expect, test } from '@jest/globals'
import { parseReleaseTag, sameVersion } from '../../actions/shared/release-tag.ts'
import type { Registry, ReleaseTag } from '../../actions/shared/release-tag.ts'
import { createVersionTexts } from '../support/version-texts.ts'

function tagOf(raw: string, prefix?: string): ReleaseTag {
  const result = parseReleaseTag(raw, { prefix })
  if ('problems' in result) throw new Error(result.problems.map((problem) => problem.message).join('\n'))
  return result.tag
}

function problemOf(raw: string, prefix?: string) {
  const result = parseReleaseTag(raw, { prefix })
  if ('tag' in result) throw new Error(`${JSON.stringify(raw)} was read as ${result.tag.version}`)
  expect(result.problems).toHaveLength(1)
  return result.problems[0]!
}

describe('a tag is split into prefix, package and version', () => {
  test.each([
    // raw, prefix, package, version
    ['1.2.3', '', undefined, '1.2.3'],
    ['v1.2.3', 'v', undefined, '1.2.3'],
    ['V1.2.3', 'V', undefined, '1.2.3'],
    ['refs/tags/v1.2.3', 'v', undefined, '1.2.3'],
    ['v1', 'v', undefined, '1'],
    ['v2024.01.05', 'v', undefined, '2024.01.05'],
    ['v1.2.3.4-canary.1', 'v', undefined, '1.2.3.4-canary.1'],
    ['tauri-v2.0.6', 'tauri-v', 'tauri', '2.0.6'],
    ['crossbeam-channel-0.5.15', 'crossbeam-channel-', 'crossbeam-channel', '0.5.15'],
    ['jq-1.7', 'jq-', 'jq', '1.7'],
    ['boost-1.80.0.beta1', 'boost-', 'boost', '1.80.0.beta1'],
    ['name_1.2.3', 'name_', 'name', '1.2.3'],
    ['name@1.2.3', 'name@', 'name', '1.2.3'],
    ['@changesets/cli@2.29.7', '@changesets/cli@', '@changesets/cli', '2.29.7'],
    ['@scope/name@v1.2.3-beta.1', '@scope/name@v', '@scope/name', '1.2.3-beta.1'],
    ['sdk/go/v1.2.3', 'sdk/go/v', 'sdk/go', '1.2.3'],
    ['dir/name-v1.2.3', 'dir/name-v', 'dir/name', '1.2.3'],
    ['lib-2-1.0.0', 'lib-2-', 'lib-2', '1.0.0'],
    ['my-v2-lib-v1.0.0', 'my-v2-lib-v', 'my-v2-lib', '1.0.0'],
    ['my-1.0-lib-2.0', 'my-1.0-lib-', 'my-1.0-lib', '2.0'],
    ['name-1.0.0-rc-2', 'name-', 'name', '1.0.0-rc-2'],
    ['7zip-v24.9', '7zip-v', '7zip', '24.9'],
    ['größe-v1.0.0', 'größe-v', 'größe', '1.0.0'],
    ['release-1.2.3', 'release-', undefined, '1.2.3'],
    ['release/v1.2.3', 'release/v', undefined, '1.2.3'],
    ['v-1.2.3', 'v-', undefined, '1.2.3']
  ])('%s', (raw, prefix, packageName, version) => {
    const tag = tagOf(raw)
    expect(tag.prefix).toBe(prefix)
    expect(tag.package).toBe(packageName)
    expect(tag.version).toBe(version)
    expect(tag.prefix + tag.version).toBe(tag.raw)
  })

  test('an explicit prefix says where the version begins, and names no package', () => {
    expect(tagOf('go1.22.3', 'go')).toMatchObject({ prefix: 'go', version: '1.22.3' })
    expect(tagOf('python-3', 'python-')).toMatchObject({ prefix: 'python-', version: '3' })
    expect(tagOf('name-v1.0.0', 'name-')).toMatchObject({ prefix: 'name-v', version: '1.0.0' })
    expect(tagOf('name-v1.0.0', 'name-')).not.toHaveProperty('package')
    expect(tagOf('v1.0.0', '')).toMatchObject({ prefix: 'v', version: '1.0.0' })
    expect(problemOf('vv1.0.0', 'v').code).toBe('tag-without-version')
  })

  test('a tag with another prefix is told with both', () => {
    const problem = problemOf('web-v1.0.0', 'api-')
    expect(problem.code).toBe('tag-prefix-mismatch')
    expect(problem.message).toContain('"web-v1.0.0"')
    expect(problem.message).toContain('"api-"')
  })
})

describe('the channel', () => {
  test.each([
    ['v1.2.3', 'stable'],
    ['v1.2.3+build.5', 'stable'],
    ['v1.2.3+a--b', 'stable'],
    ['v0.0.1-alpha', 'alpha'],
    ['v1.2.3-a.1', 'alpha'],
    ['v1.2.3-alpha.beta', 'alpha'],
    ['v0.2.0b1', 'beta'],
    ['v1.2.3-BETA.2', 'beta'],
    ['v1.2.3-beta.2.3', 'beta'],
    ['v1.2.3-rc.1', 'rc'],
    ['v1.2.3c1', 'rc'],
    ['v1.2.3-preview.1', 'rc'],
    ['v1.2.3-pre', 'rc'],
    ['v1.2.3.post1', 'post'],
    ['v1.2.3-post.1', 'post'],
    ['v1.2.3-r1', 'post'],
    ['v1.2.3.dev5', 'dev'],
    ['v1.2.3-dev.5', 'dev'],
    ['v1.2.3rc1.dev2', 'dev'],
    ['v1.2.3-alpha.1.dev.gabc', 'dev'],
    ['v1.2.3-canary.1', 'dev'],
    ['v1.2.3-SNAPSHOT', 'dev'],
    ['v1.2.3-pre-alpha.1', 'dev'],
    ['v1.2.3-alphabet', 'dev'],
    ['v1.2.3-1', 'dev']
  ])('of %s is %s', (raw, channel) => {
    const tag = tagOf(raw)
    expect(tag.channel).toBe(channel)
    expect(tag.prerelease).toBe(!['stable', 'post'].includes(channel))
  })
})

describe('the spelling in each registry', () => {
  type Row = Readonly<Partial<Record<Registry, string | RegExp>>>
  const same = (version: string): Row => ({
    semver: version,
    pep440: version,
    hex: version,
    npm: version,
    nuget: version,
    docker: version
  })
  const hyphenated = (version: string): Row => ({
    semver: version,
    hex: version,
    npm: version,
    nuget: version,
    docker: version
  })
  const noHyphenated = (reason: RegExp): Row => ({ semver: reason, hex: reason, npm: reason, nuget: reason })
  const rows: readonly (readonly [string, Row])[] = [
    ['v1.2.3', same('1.2.3')],
    ['v2024.01.05', same('2024.1.5')],
    ['v1.2', { ...same('1.2.0'), pep440: '1.2' }],
    ['v1', { ...noHyphenated(/one number/), pep440: '1', docker: '1' }],
    ['v1.2.3.0', { ...same('1.2.3'), pep440: '1.2.3.0' }],
    [
      'v1.2.3.4',
      { ...noHyphenated(/more than the 3 numbers/), pep440: '1.2.3.4', nuget: '1.2.3.4', docker: '1.2.3.4' }
    ],
    [
      'v1.2.3.4.5',
      {
        ...noHyphenated(/more than the 3 numbers/),
        pep440: '1.2.3.4.5',
        nuget: /more than the 4 numbers/,
        docker: '1.2.3.4.5'
      }
    ],
    ['v0.0.1-alpha', { ...hyphenated('0.0.1-alpha'), pep440: '0.0.1a0' }],
    ['v0.2.0b1', { ...hyphenated('0.2.0-beta.1'), pep440: '0.2.0b1' }],
    ['v0.2.0.beta1', { ...hyphenated('0.2.0-beta.1'), pep440: '0.2.0b1' }],
    ['v1.2.3-beta.01', { ...hyphenated('1.2.3-beta.1'), pep440: '1.2.3b1' }],
    ['v1.2.3.4b1', { ...noHyphenated(/3 numbers/), pep440: '1.2.3.4b1', nuget: '1.2.3.4-beta.1', docker: '1.2.3.4b1' }],
    ['v1.2.3-preview.2', { ...hyphenated('1.2.3-preview.2'), pep440: '1.2.3rc2' }],
    ['v1.2.3.dev5', { ...hyphenated('1.2.3-dev.5'), pep440: '1.2.3.dev5' }],
    ['v1.2.3rc1.post2', { ...hyphenated('1.2.3-rc.1.post.2'), pep440: '1.2.3rc1.post2' }],
    ['v1.2.3rc1.dev2', { ...noHyphenated(/before its pre-release/), pep440: '1.2.3rc1.dev2', docker: '1.2.3rc1.dev2' }],
    ['v1.2.3.post1', { ...noHyphenated(/post-release/), pep440: '1.2.3.post1', docker: '1.2.3.post1' }],
    ['v1.2.3-post.1', { ...noHyphenated(/post-release/), pep440: '1.2.3.post1', docker: '1.2.3.post1' }],
    ['1!2.0', { ...noHyphenated(/epoch/), pep440: '1!2.0', docker: /no image tag/ }],
    ['v1.2.3-canary.1', { ...hyphenated('1.2.3-canary.1'), pep440: /1\.2\.3-canary\.1.*a, b, rc, dev and post/ }],
    ['v1.2.3-beta.2.3', { ...hyphenated('1.2.3-beta.2.3'), pep440: /each with one number/ }],
    ['v1.2.3-5', { ...hyphenated('1.2.3-5'), pep440: /ambiguous.*1\.2\.3\.post5 or 1\.2\.3-rc\.5/ }],
    ['v1.2-canary.1', { ...hyphenated('1.2.0-canary.1'), pep440: /PEP 440/ }],
    [
      'v1.2.3+build.5',
      {
        semver: '1.2.3+build.5',
        pep440: '1.2.3+build.5',
        hex: /refuses build/,
        npm: /publish 1\.2\.3\./,
        nuget: /publish 1\.2\.3\./,
        docker: /no image tag/
      }
    ],
    [
      'v1.2.3b1+cu118',
      {
        semver: '1.2.3-beta.1+cu118',
        pep440: '1.2.3b1+cu118',
        hex: /build/,
        npm: /1\.2\.3-beta\.1\./,
        nuget: /1\.2\.3-beta\.1\./,
        docker: /\+/
      }
    ],
    ['v2147483648.0.0', { ...same('2147483648.0.0'), nuget: /2147483647/ }],
    ['v99999999999999.0.0', { ...same('99999999999999.0.0'), nuget: /2147483647/ }],
    ['v100000000000000.0.0', { ...same('100000000000000.0.0'), hex: /99999999999999\b/, nuget: /2147483647/ }],
    ['v9007199254740992.0.0', { ...same('9007199254740992.0.0'), hex: /Hex/, npm: /9007199254740991/, nuget: /NuGet/ }],
    ['v1.0.0-dev.20260819123456', { ...hyphenated('1.0.0-dev.20260819123456'), pep440: '1.0.0.dev20260819123456' }],
    [
      'v1.0.0-dev.202608191234567',
      { ...hyphenated('1.0.0-dev.202608191234567'), pep440: '1.0.0.dev202608191234567', hex: /Hex takes no number/ }
    ],
    [`v1.0.0-${'x'.repeat(64)}`, { ...hyphenated(`1.0.0-${'x'.repeat(64)}`), pep440: /PEP 440/ }],
    [`v1.0.0-${'x'.repeat(65)}`, { ...hyphenated(`1.0.0-${'x'.repeat(65)}`), pep440: /PEP 440/, hex: /64 characters/ }],
    [`v1.0.0-${'x'.repeat(122)}`, { ...hyphenated(`1.0.0-${'x'.repeat(122)}`), pep440: /PEP 440/, hex: /64/ }],
    [
      `v1.0.0-${'x'.repeat(123)}`,
      { ...hyphenated(`1.0.0-${'x'.repeat(123)}`), pep440: /PEP 440/, hex: /64/, docker: /128/ }
    ]
  ]
  test('for npm has at most the length that node-semver reads', () => {
    const npm = (raw: string) => tagOf(raw).spellings.npm
    expect(npm(`1.2.3-${'x'.repeat(248)}`)).toHaveProperty('version')
    expect(npm(`1.2.3-${'x'.repeat(249)}`)).toHaveProperty('reason')
    expect(npm(`1.2-a.${'x'.repeat(248)}`)).toHaveProperty('version')
    expect(npm(`1.2-aa.${'x'.repeat(248)}`)).toHaveProperty('reason')
  })

  test.each(rows)('of %s', (raw, expected) => {
    const { spellings } = tagOf(raw)
    for (const [registry, spelling] of Object.entries(spellings)) {
      const wanted = Object.entries(expected).find(([name]) => name === registry)?.[1]
      if (wanted instanceof RegExp) expect(spelling).toEqual({ reason: expect.stringMatching(wanted) })
      else expect({ [registry]: spelling }).toEqual({ [registry]: { version: wanted } })
    }
  })
})

describe('a text names the version of a tag', () => {
  test.each([
    ['v0.2.0-beta.1', '0.2.0-beta.1'],
    ['v0.2.0-beta.1', 'v0.2.0b1'],
    ['v0.2.0-beta.1', '0.2.0.beta1'],
    ['v0.2.0-beta.1', '0.2.0-beta1'],
    ['v0.2.0-beta.1', 'V0.2.0-BETA.01'],
    ['v0.2.0b1', '0.2.0-beta.1'],
    ['v0.0.1-alpha', '0.0.1a0'],
    ['v0.0.1-alpha', '0.0.1-alpha'],
    ['v1.0', '1.0.0'],
    ['v1.0.0', ' 1.0\n'],
    ['v2024.01.05', '2024.1.5'],
    ['v1', '1'],
    ['v1.2.3.post1', '1.2.3-post.1'],
    ['v1.2.3-preview.1', '1.2.3rc1'],
    ['v1.2.3-rc.1', '1.2.3-c1'],
    ['v1.2.3-1', '1.2.3-1'],
    ['v1.2.3-Canary.1', '1.2.3-canary.1'],
    ['v1.2-canary.1', '1.2.0-canary.1'],
    ['v1.2.3+Build.5', '1.2.3+build.5'],
    ['v1.2.3+001', '1.2.3+1'],
    ['v1.2.3rc1.dev2', '1.2.3-rc.1.dev.2'],
    ['jq-1.7', '1.7'],
    ['jq-1.7', 'jq-1.7.0'],
    ['jq-1.7', 'jq@v1.7'],
    ['@scope/name@1.0.0', '@scope/name@1.0.0'],
    ['release-1.2.3', 'version-1.2.3']
  ])('%s: %j', (raw, text) => {
    expect(sameVersion(tagOf(raw), text)).toBe(true)
  })

  test.each([
    ['v1.7.0', '1.7.1', 'another number'],
    ['v1.7', '1.7.1', 'a line is not its second release'],
    ['v1.7.1', '1.7', 'nor the second release its line'],
    ['v1', '1.0.0', 'v1 moves along 1.x'],
    ['v1.0.0', '1', 'and 1 may be any of it'],
    ['v1.0.0+a', '1.0.0+b', 'builds differ'],
    ['v1.0.0+a', '1.0.0', 'a build is not the release'],
    ['v1.2.3-1', '1.2.3.post1', '-1 is ambiguous'],
    ['v1.2.3.post1', '1.2.3-1', '-1 is ambiguous'],
    ['v1.2.3-1', '1.2.3', 'a pre-release is not the release'],
    ['v9.0.0-preview.1', '9.0.0-rc.1', '.NET has both'],
    ['v9.0.0-pre.1', '9.0.0-preview.1', 'two labels'],
    ['v1.2.3-canary.1', '1.2.3-canary.2', 'another number of a label'],
    ['v1.2.3-canary.1', '1.2.3-nightly.1', 'another label'],
    ['v1.2.3-alpha.1', '1.2.3-beta.1', 'another channel'],
    ['v1.2.3', '1!1.2.3', 'another epoch'],
    ['v1.2.3', 'vv1.2.3', 'no such version'],
    ['jq-1.7', 'yq-1.7', 'another package'],
    ['v1.7.0', 'jq-1.7.0', 'a package for a tag that names none'],
    ['v1.7.0', 'Unreleased', 'no version'],
    ['v1.7.0', '', 'nothing'],
    ['v1.7.0', '1.7.0 and 1.6.9', 'more than a version']
  ])('%s is not %j (%s)', (raw, text) => {
    expect(sameVersion(tagOf(raw), text)).toBe(false)
  })

  test.each([
    'v1.2.3',
    'v0.0.1-alpha',
    'v0.2.0b1',
    'v1.2',
    'v1',
    'v1.2.3.4b1',
    'v1.2.3-canary.1',
    'v1.2.3-5',
    'v1.2.3b1+cu118',
    'v1.2.3rc1.post2',
    'v2024.01.05',
    'a-v1.2.3-dev'
  ])('each of its own spellings names %s', (raw) => {
    const tag = tagOf(raw)
    const versions = Object.values(tag.spellings).flatMap((spelling) =>
      'version' in spelling ? [spelling.version] : []
    )
    expect(versions.length).toBeGreaterThan(1)
    expect(versions.filter((version) => !sameVersion(tag, version))).toEqual([])
  })

  test('whatever the tag, its own spellings name it, and are of its channel as tags', () => {
    const texts = createVersionTexts(3)
    const tags = [...texts.pep440(1_000), ...texts.semver(1_000)]
      .map((text) => parseReleaseTag(text.trim()))
      .flatMap((result) => ('tag' in result ? [result.tag] : []))
    expect(tags.length).toBeGreaterThan(1_500)
    for (const tag of tags) {
      for (const spelling of Object.values(tag.spellings)) {
        if (!('version' in spelling)) continue
        const again = tagOf(spelling.version)
        expect([tag.raw, spelling.version, again.channel]).toEqual([tag.raw, spelling.version, tag.channel])
        expect([tag.raw, spelling.version, sameVersion(tag, spelling.version)]).toEqual([
          tag.raw,
          spelling.version,
          true
        ])
        expect([tag.raw, spelling.version, sameVersion(again, tag.raw)]).toEqual([tag.raw, spelling.version, true])
      }
    }
  })
})

describe('a tag that names no release is a problem', () => {
  test.each([
    ['', 'tag-missing'],
    ['refs/heads/main', 'tag-is-another-ref'],
    ['latest', 'tag-without-version'],
    ['2024-01-15', 'tag-without-version'],
    ['release-20240115', 'tag-without-version'],
    ['v1.2.3.4.5-canary-1.0', 'tag-without-version'],
    ['v1.2.3.Final', 'tag-without-version'],
    ['python-3', 'tag-without-version'],
    ['name-1.2-canary.1', 'tag-without-version'],
    ['@1.2.3', 'tag-without-version'],
    ['v1.0.0$(touch x)', 'tag-not-a-ref-name'],
    ['v1.0.0$(touch${IFS}x)', 'tag-without-version'],
    ['$(x)-v1.0.0', 'tag-without-version'],
    ['a;b-v1.0.0', 'tag-without-version'],
    ['-x-v1.0.0', 'tag-not-a-ref-name'],
    ['../../v1.0.0', 'tag-not-a-ref-name'],
    ['pkg/./v1.0.0', 'tag-not-a-ref-name'],
    ['pkg/.v1.0.0', 'tag-not-a-ref-name'],
    ['.v1.0.0', 'tag-not-a-ref-name'],
    ['/v1.0.0', 'tag-not-a-ref-name'],
    ['v1.0.0/', 'tag-not-a-ref-name'],
    ['v1.0.0.', 'tag-not-a-ref-name'],
    ['v1.0.0-rc.lock', 'tag-not-a-ref-name'],
    ['a.lock/v1.0.0', 'tag-not-a-ref-name'],
    ['v1.0.0\n', 'tag-not-a-ref-name'],
    [' v1.0.0', 'tag-not-a-ref-name'],
    ['v1.0\u{202e}0', 'tag-without-version'],
    ['v' + '1.'.repeat(200) + '0', 'tag-too-long']
  ])('%j: %s', (raw, code) => {
    expect(problemOf(raw).code).toBe(code)
  })

  test('shows the value on one line, so that it can neither end a workflow command nor hide itself', () => {
    const { message } = problemOf('v1.0.0\n::set-output name=x::\r\u001b[2J\u202e"')
    expect(message).toContain('"v1.0.0\\u{a}::set-output name=x::\\u{d}\\u{1b}[2J\\u{202e}\\""')
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  test('proposes the prefix that would make the tag readable', () => {
    expect(problemOf('go1.22.3').hint).toContain("tag-prefix: 'go'")
    expect(problemOf('release-20240115').hint).toContain("tag-prefix: 'release-'")
    expect(problemOf('v1.2.3.Final').hint).not.toContain('tag-prefix')
  })
})
