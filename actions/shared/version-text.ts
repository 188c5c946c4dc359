import { comparePep440, parsePep440, pep440Words } from './pep440.ts'
import type { Pep440Version } from './pep440.ts'

/**
 * How sure a release is of itself, from the least public to the most. A pre-release whose label names no channel
 * (`-canary.1`, `-nightly`, `-1`) is `dev`, the most private one.
 */
export type Channel = 'dev' | 'alpha' | 'beta' | 'rc' | 'stable' | 'post'

/**
 * Numbers, labels after the first hyphen and build after the plus: what SemVer (three numbers) and NuGet (one to four)
 * see in a version. Leading zeros of the numbers are gone, labels are as written.
 */
export interface HyphenatedVersion {
  readonly numbers: readonly bigint[]
  readonly labels: readonly string[]
  readonly build: readonly string[]
}

/** One version as its text can be read: in PEP 440, hyphenated, or both. */
export type VersionText = { readonly text: string; readonly channel: Channel } & (
  | { readonly pep440: Pep440Version; readonly hyphenated: HyphenatedVersion | undefined; readonly ambiguous: false }
  | {
      readonly pep440: undefined
      readonly hyphenated: HyphenatedVersion
      /** `1.2.3-1`: before 1.2.3 for SemVer and NuGet, after it for PEP 440, which calls it `1.2.3.post1`. */
      readonly ambiguous: boolean
    }
)

/**
 * Reads a version without `v` or any other prefix, as SemVer, PEP 440 or NuGet.
 *
 * @returns undefined when the text is a version in none of them
 */
export function readVersion(text: string): VersionText | undefined {
  if (!startsWithDigitAndHoldsNoSpace.test(text)) return undefined
  const hyphenated = readHyphenated(text)
  const ambiguous = hyphenated !== undefined && pep440Words(text)?.implicitPost === true
  const pep440 = ambiguous ? undefined : parsePep440(text)
  if (pep440 !== undefined) return { text, hyphenated, pep440, ambiguous: false, channel: channelOfPep440(pep440) }
  // `1-canary` is a version for NuGet alone and looks far more like a name.
  if (hyphenated === undefined || hyphenated.numbers.length < 2) return undefined
  return { text, hyphenated, pep440, ambiguous, channel: channelOfLabels(hyphenated.labels) }
}

/**
 * Whether two texts are spellings of one version, for whoever looks for a changelog heading or a file's version.
 *
 * - By value in PEP 440 where both can be read so: `0.2.0-beta.1` = `0.2.0b1`, `1.0` = `1.0.0`, `2024.01.05` = `2024.1.5`.
 * - Two hyphenated texts keep SemVer's difference between `preview`, `pre` and `rc`, which PEP 440 calls all `rc`:
 *   .NET has both 9.0.0-preview.1 and 9.0.0-rc.1.
 * - Otherwise by numbers and labels, case aside (NuGet): `1.2.3-Canary.1` = `1.2.3-canary.1`. An ambiguous `1.2.3-1` equals
 *   neither `1.2.3.post1` nor anything else but itself.
 * - Build and local parts count: `1.0.0+a` ≠ `1.0.0+b` ≠ `1.0.0`; numbers in them by value, as PEP 440 has it.
 * - One number alone (`1`) equals no version with more: `v1` is mostly a tag that moves along 1.x.
 */
export function sameVersionText(a: VersionText, b: VersionText): boolean {
  if ((numbersOf(a).length === 1) !== (numbersOf(b).length === 1)) return false
  const bothHyphenated = a.hyphenated !== undefined && b.hyphenated !== undefined
  if (a.pep440 !== undefined && b.pep440 !== undefined) {
    if (comparePep440(a.pep440, b.pep440) !== 0) return false
    return !bothHyphenated || preWordOf(a) === preWordOf(b)
  }
  return (
    bothHyphenated &&
    sameLabels(significant(a.hyphenated.numbers), significant(b.hyphenated.numbers)) &&
    sameLabels(a.hyphenated.labels, b.hyphenated.labels) &&
    sameLabels(a.hyphenated.build, b.hyphenated.build)
  )
}

const startsWithDigitAndHoldsNoSpace = /^[0-9][!-~]*$/

// Labels by SemVer section 9: never empty, no leading zero in a numeric one. NuGet has the same rule.
const label = '(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)'
const hyphenatedPattern = new RegExp(
  '^(?<numbers>[0-9]+(?:\\.[0-9]+){0,3})' +
    `(?:-(?<labels>${label}(?:\\.${label})*))?` +
    '(?:\\+(?<build>[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*))?$'
)

function readHyphenated(text: string): HyphenatedVersion | undefined {
  const groups = hyphenatedPattern.exec(text)?.groups
  if (groups === undefined) return undefined
  const { numbers = '', labels, build } = groups
  return {
    numbers: numbers.split('.').map(BigInt),
    labels: labels?.split('.') ?? [],
    build: build?.split('.') ?? []
  }
}

const channelOfLetter = { a: 'alpha', b: 'beta', rc: 'rc' } as const

/** A development release of anything is `dev`: `1.0rc1.dev2` is not yet the candidate. */
function channelOfPep440({ pre, post, dev }: Pep440Version): Channel {
  if (dev !== undefined) return 'dev'
  if (pre !== undefined) return channelOfLetter[pre.letter]
  return post === undefined ? 'stable' : 'post'
}

const channelOfWord: Readonly<Record<string, Channel>> = {
  a: 'alpha',
  alpha: 'alpha',
  b: 'beta',
  beta: 'beta',
  c: 'rc',
  rc: 'rc',
  pre: 'rc',
  preview: 'rc'
}

/** For labels that PEP 440 cannot say, such as `beta.2.3`; the first word decides, and `dev` anywhere wins. */
function channelOfLabels(labels: readonly string[]): Channel {
  const [first] = labels
  if (first === undefined) return 'stable'
  const words = labels.map((text) => /^([a-z]+)[-_]?[0-9]*$/.exec(text.toLowerCase())?.[1] ?? '')
  return words.includes('dev') ? 'dev' : (channelOfWord[words[0] ?? ''] ?? 'dev')
}

function numbersOf({ pep440, hyphenated }: VersionText): readonly bigint[] {
  return pep440 === undefined ? hyphenated.numbers : pep440.release
}

const canonicalPreWord: Readonly<Record<string, string>> = { alpha: 'a', beta: 'b', c: 'rc' }

function preWordOf({ text }: VersionText): string | undefined {
  const word = pep440Words(text)?.pre
  return word === undefined ? undefined : (canonicalPreWord[word] ?? word)
}

/** Without the trailing zeros that neither PEP 440 nor NuGet counts. */
function significant(numbers: readonly bigint[]): readonly string[] {
  return numbers.slice(0, numbers.findLastIndex((number) => number !== 0n) + 1).map(String)
}

function sameLabels(a: readonly string[], b: readonly string[]): boolean {
  return a.join('.').toLowerCase() === b.join('.').toLowerCase()
}
