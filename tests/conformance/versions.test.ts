// needs: python3
import { spawn, execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import semver from 'semver'
import {
  baseVersion,
  comparePep440,
  formatPep440,
  isDevrelease,
  isPostrelease,
  isPrerelease,
  parsePep440,
  publicVersion
} from '../../actions/shared/pep440.ts'
import type { Pep440Version } from '../../actions/shared/pep440.ts'
import { parseReleaseTag } from '../../actions/shared/release-tag.ts'
import type { ReleaseTag } from '../../actions/shared/release-tag.ts'
import { compareSemver, formatSemver, parseSemver } from '../../actions/shared/semver.ts'
import { pythonWith } from '../support/python.ts'
import { createVersionTexts } from '../support/version-texts.ts'

// `packaging` is the reference of PEP 440: pip and PyPI both use it. Its tests come with its sdist.
const packaging = 'packaging==26.3'
const script = join(import.meta.dirname, '..', 'support', 'python', 'packaging_versions.py')
const run = promisify(execFile)

let python: string
let folder: string

beforeAll(async () => {
  python = await pythonWith([packaging, 'pytest==9.0.2'])
  folder = await mkdtemp(join(tmpdir(), 'packaging-'))
}, 120_000)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe("packaging's own tables", () => {
  type Pairs = readonly (readonly [string, string])[]
  interface Tables {
    readonly versions: readonly string[]
    readonly invalid: readonly string[]
    readonly normalized: Pairs
    readonly str: Pairs
    readonly public: Pairs
    readonly base: Pairs
    readonly epoch: Pairs
    readonly release: readonly (readonly [string, readonly string[]])[]
    readonly local: readonly (readonly [string, string | null])[]
    readonly pre: readonly (readonly [string, readonly [string, string] | null])[]
    readonly post: readonly (readonly [string, string | null])[]
    readonly dev: readonly (readonly [string, string | null])[]
    readonly prerelease: readonly (readonly [string, boolean])[]
    readonly postrelease: readonly (readonly [string, boolean])[]
    readonly devrelease: readonly (readonly [string, boolean])[]
    readonly comparisonTrue: readonly (readonly [string, string, Operator])[]
    readonly comparisonFalse: readonly (readonly [string, string, Operator])[]
  }
  type Operator = 'lt' | 'le' | 'eq' | 'ne' | 'ge' | 'gt'
  const holds: Readonly<Record<Operator, (order: number) => boolean>> = {
    lt: (order) => order < 0,
    le: (order) => order <= 0,
    eq: (order) => order === 0,
    ne: (order) => order !== 0,
    ge: (order) => order >= 0,
    gt: (order) => order > 0
  }
  let tables: Tables

  beforeAll(async () => {
    const download = [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--no-binary',
      ':all:',
      packaging
    ]
    await run(python, [...download, '--dest', folder])
    const [sdist = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tar.gz'))
    await run(python, ['-m', 'tarfile', '--extract', join(folder, sdist), folder])
    tables = (await ask(['tables', join(folder, sdist.replace('.tar.gz', ''), 'tests', 'test_version.py')])) as Tables
  }, 120_000)

  test('are the ones we know, not an empty module', () => {
    const sizes = Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, (rows as unknown[]).length]))
    expect(sizes['versions']).toBeGreaterThanOrEqual(92)
    expect(sizes['invalid']).toBeGreaterThanOrEqual(20)
    expect(sizes['normalized']).toBeGreaterThanOrEqual(100)
    expect(sizes['comparisonTrue']).toBeGreaterThanOrEqual(25_000)
    expect(Object.entries(sizes).filter(([, size]) => size < 5)).toEqual([])
  })

  test('invalid versions are refused', () => {
    expect(tables.invalid.filter((text) => parsePep440(text) !== undefined)).toEqual([])
  })

  const texts: readonly (readonly [keyof Tables, (version: Pep440Version) => unknown])[] = [
    ['normalized', formatPep440],
    ['str', formatPep440],
    ['public', publicVersion],
    ['base', baseVersion],
    ['epoch', ({ epoch }) => String(epoch)],
    ['release', ({ release }) => release.map(String)],
    ['local', ({ local }) => local?.join('.') ?? null],
    ['pre', ({ pre }) => (pre === undefined ? null : [pre.letter, String(pre.number)])],
    ['post', ({ post }) => post?.toString() ?? null],
    ['dev', ({ dev }) => dev?.toString() ?? null],
    ['prerelease', isPrerelease],
    ['postrelease', isPostrelease],
    ['devrelease', isDevrelease]
  ]
  test.each(texts)('every row of "%s" comes out as packaging expects', (name, part) => {
    const rows = tables[name] as readonly (readonly [string, unknown])[]
    expect(rows.map(([text]) => [text, part(pep440(text))])).toEqual(rows)
  })

  test('every comparison holds, and every false one does not', () => {
    const order = (left: string, right: string) => comparePep440(pep440(left), pep440(right))
    expect(tables.comparisonTrue.filter(([left, right, operator]) => !holds[operator](order(left, right)))).toEqual([])
    expect(tables.comparisonFalse.filter(([left, right, operator]) => holds[operator](order(left, right)))).toEqual([])
  })
})

describe('generated PEP 440 versions', () => {
  interface Parts {
    readonly normal: string
    readonly public: string
    readonly base: string
    readonly prerelease: boolean
    readonly postrelease: boolean
    readonly devrelease: boolean
  }
  const texts = createVersionTexts(440)

  test('are valid or invalid as packaging says, with the same normal form and parts', async () => {
    const sample = [...texts.pep440(6_000), ...texts.nearly(texts.pep440(6_000))]
    const theirs = (await ask(['read'], sample)) as readonly (Parts | null)[]
    const ours = sample.map((text) => partsOf(parsePep440(text)))
    const valid = theirs.filter((parts) => parts !== null).length
    expect(valid).toBeGreaterThan(6_000)
    expect(sample.length - valid).toBeGreaterThan(2_000)
    expect(
      disagreements(
        sample,
        ours,
        theirs.map((parts) => parts && pick(parts))
      )
    ).toEqual([])
  }, 60_000)

  test('stand in the same order, pair by pair', async () => {
    const sample = texts.pep440(500)
    const rows = (await ask(['order'], sample)) as readonly string[]
    const versions = sample.map(pep440)
    const ours = versions.map((a, index) =>
      versions
        .slice(index + 1)
        .map((b) => sign(comparePep440(a, b)))
        .join('')
    )
    expect(new Set(rows.join(''))).toEqual(new Set(['<', '=', '>']))
    expect(disagreements(sample, ours, rows)).toEqual([])
  }, 60_000)

  function partsOf(version: Pep440Version | undefined): Parts | null {
    return version === undefined
      ? null
      : {
          normal: formatPep440(version),
          public: publicVersion(version),
          base: baseVersion(version),
          prerelease: isPrerelease(version),
          postrelease: isPostrelease(version),
          devrelease: isDevrelease(version)
        }
  }

  function pick({ normal, public: shown, base, prerelease, postrelease, devrelease }: Parts): Parts {
    return { normal, public: shown, base, prerelease, postrelease, devrelease }
  }
})

describe('generated SemVer versions', () => {
  const texts = createVersionTexts(200)

  test('are valid or invalid as node-semver says, and come out as they went in', () => {
    const sample = [...texts.semver(6_000), ...texts.nearly(texts.semver(6_000))]
    // node-semver trims, drops a `v`, and stops at 2^53 in the three numbers; the specification does none of these.
    const strict = sample.filter((text) => !/^v|\d{16}/.test(text) && text.trim() === text)
    const theirs = strict.map((text) => semver.parse(text)?.raw ?? null)
    const ours = strict.map((text) => {
      const version = parseSemver(text)
      return version === undefined ? null : formatSemver(version)
    })
    expect(theirs.filter((text) => text !== null).length).toBeGreaterThan(5_000)
    expect(theirs.filter((text) => text === null).length).toBeGreaterThan(2_000)
    expect(disagreements(strict, ours, theirs)).toEqual([])
  })

  test('stand in the same order, pair by pair', () => {
    const sample = texts.semver(600).filter((text) => !/\d{16}/.test(text))
    const versions = sample.map((text) => parseSemver(text)!)
    const theirs = sample.map((a, index) =>
      sample
        .slice(index + 1)
        .map((b) => sign(semver.compare(a, b)))
        .join('')
    )
    const ours = versions.map((a, index) =>
      versions
        .slice(index + 1)
        .map((b) => sign(compareSemver(a, b)))
        .join('')
    )
    expect(new Set(theirs.join(''))).toEqual(new Set(['<', '=', '>']))
    expect(disagreements(sample, ours, theirs)).toEqual([])
  })

  test('of any size are ordered by value, as packaging orders the same numbers', async () => {
    const sample = texts.semver(300).map((text) => /^[0-9.]+/.exec(text)![0])
    expect(sample.some((text) => /\d{20}/.test(text))).toBe(true)
    const rows = (await ask(['order'], sample)) as readonly string[]
    const versions = sample.map((text) => parseSemver(text)!)
    const ours = versions.map((a, index) =>
      versions
        .slice(index + 1)
        .map((b) => sign(compareSemver(a, b)))
        .join('')
    )
    expect(disagreements(sample, ours, rows)).toEqual([])
  })
})

describe('the spellings of generated tags', () => {
  const texts = createVersionTexts(7)
  const tags = [...texts.pep440(3_000), ...texts.semver(3_000)]
    .map((text) => parseReleaseTag(`v${text.trim().replace(/^v/i, '')}`))
    .flatMap((result) => ('tag' in result ? [result.tag] : []))

  test('are normal forms for packaging', async () => {
    const versions = spelled(tags, 'pep440')
    const theirs = (await ask(['read'], versions)) as readonly ({ normal: string } | null)[]
    expect(versions.length).toBeGreaterThan(3_000)
    expect(
      disagreements(
        versions,
        versions,
        theirs.map((parts) => parts?.normal ?? null)
      )
    ).toEqual([])
  })

  test('are what npm would publish', () => {
    const versions = spelled(tags, 'npm')
    expect(versions.length).toBeGreaterThan(1_000)
    expect(
      disagreements(
        versions,
        versions,
        versions.map((text) => semver.clean(text))
      )
    ).toEqual([])
  })

  test('keep the order of alpha, beta, candidate and release from SemVer to PEP 440', () => {
    const numbers = [0, 1, 2, 9, 10, 11]
    const raws = numbers.flatMap((patch) => [
      `v1.0.${patch}`,
      ...['alpha', 'beta', 'rc'].flatMap((label) => numbers.map((n) => `v1.0.${patch}-${label}.${n}`))
    ])
    const pairs = raws
      .map((raw) => parseReleaseTag(raw))
      .flatMap((result) => ('tag' in result ? [bothOf(result.tag)] : []))
    const inversions = pairs.flatMap((a) =>
      pairs
        .filter(
          (b) => sign(semver.compare(a.semver, b.semver)) !== sign(comparePep440(pep440(a.pep440), pep440(b.pep440)))
        )
        .map((b) => [a, b])
    )
    expect(pairs).toHaveLength(raws.length)
    expect(inversions).toEqual([])
  })

  function spelled(from: readonly ReleaseTag[], registry: 'pep440' | 'npm'): readonly string[] {
    return from.flatMap(({ spellings }) => ('version' in spellings[registry] ? [spellings[registry].version] : []))
  }

  function bothOf({ raw, spellings }: ReleaseTag): { readonly semver: string; readonly pep440: string } {
    if (!('version' in spellings.semver) || !('version' in spellings.pep440)) throw new Error(`${raw} lacks a spelling`)
    return { semver: spellings.semver.version, pep440: spellings.pep440.version }
  }
})

/** Runs the Python script with `input` as JSON on its standard input and gives its JSON answer. */
async function ask(parameters: readonly string[], input?: readonly string[]): Promise<unknown> {
  const child = spawn(python, [script, ...parameters], { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  child.stdin.end(JSON.stringify(input ?? []))
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code !== 0) throw new Error(`${parameters.join(' ')} ended with ${String(code)}: ${errors}`)
  return JSON.parse(output) as unknown
}

function pep440(text: string): Pep440Version {
  const version = parsePep440(text)
  if (version === undefined) throw new Error(`${JSON.stringify(text)} was refused`)
  return version
}

function sign(order: number): '<' | '=' | '>' {
  return order < 0 ? '<' : order > 0 ? '>' : '='
}

/** The first disagreements, so that a failure shows the texts and not a wall. */
function disagreements(texts: readonly string[], ours: readonly unknown[], theirs: readonly unknown[]) {
  expect([ours.length, theirs.length]).toEqual([texts.length, texts.length])
  return texts
    .map((text, index) => ({ text, ours: ours[index], theirs: theirs[index] }))
    .filter(({ ours: a, theirs: b }) => JSON.stringify(a) !== JSON.stringify(b))
    .slice(0, 10)
}
