/**
 * A Python version: PEP 440 as the `packaging` library reads it, which is what pip and PyPI use.
 * Numbers are bigint, because `20260819123456` and longer are versions that people publish.
 * Absent segments are `undefined`; a segment without a number (`1.0rc`) has the number 0.
 */
export interface Pep440Version {
  readonly epoch: bigint
  /** At least one number, trailing zeros kept: `1.0` and `1.0.0` are spelled apart and compare equal. */
  readonly release: readonly bigint[]
  readonly pre: { readonly letter: PreLetter; readonly number: bigint } | undefined
  readonly post: bigint | undefined
  readonly dev: bigint | undefined
  /** The parts of the local version, lower case; numbers and strings order differently. */
  readonly local: readonly (bigint | string)[] | undefined
}

export type PreLetter = 'a' | 'b' | 'rc'

/**
 * Reads a version the way `packaging.version.Version` does: surrounding whitespace, any case, a `v`, alternate
 * spellings (`alpha`, `c`, `preview`, `rev`, …), separators `.`, `-`, `_` or none, and `1.0-1` for `1.0.post1`.
 *
 * @returns undefined when the text is no PEP 440 version
 * @see https://packaging.python.org/en/latest/specifications/version-specifiers/ (appendix: parsing with regular expressions)
 */
export function parsePep440(text: string): Pep440Version | undefined {
  const groups = match(text)
  if (groups === undefined) return undefined
  const {
    epoch,
    release = '',
    preWord,
    preNumber,
    implicitPost,
    postWord,
    postNumber,
    devWord,
    devNumber,
    local
  } = groups
  return {
    epoch: BigInt(epoch ?? 0),
    release: release.split('.').map(BigInt),
    pre: preWord === undefined ? undefined : { letter: letterOf(preWord), number: BigInt(preNumber ?? 0) },
    post: postWord === undefined && implicitPost === undefined ? undefined : BigInt(implicitPost ?? postNumber ?? 0),
    dev: devWord === undefined ? undefined : BigInt(devNumber ?? 0),
    local: local?.split(/[._-]/).map((part) => (/^[0-9]+$/.test(part) ? BigInt(part) : part.toLowerCase()))
  }
}

/**
 * What the parsed version no longer tells: the word that marks the pre-release, lower case (`preview` and `rc` are one
 * in PEP 440, two in SemVer), and whether a post-release is written as a bare `-1` (which is a pre-release in SemVer).
 *
 * @returns undefined when the text is no PEP 440 version
 */
export function pep440Words(
  text: string
): { readonly pre: string | undefined; readonly implicitPost: boolean } | undefined {
  const groups = match(text)
  return groups && { pre: groups.preWord?.toLowerCase(), implicitPost: groups.implicitPost !== undefined }
}

/** The normal form, equal to `str(packaging.version.Version(text))`: the one that file names and metadata carry. */
export function formatPep440(version: Pep440Version): string {
  const local = version.local === undefined ? '' : `+${version.local.join('.')}`
  return publicVersion(version) + local
}

/** The normal form without the local part: what an index may hold. */
export function publicVersion(version: Pep440Version): string {
  const pre = version.pre === undefined ? '' : `${version.pre.letter}${version.pre.number}`
  const post = version.post === undefined ? '' : `.post${version.post}`
  const dev = version.dev === undefined ? '' : `.dev${version.dev}`
  return baseVersion(version) + pre + post + dev
}

/** Epoch and release numbers only: the version that the pre-, post- and dev-releases belong to. */
export function baseVersion(version: Pep440Version): string {
  const epoch = version.epoch === 0n ? '' : `${version.epoch}!`
  return epoch + version.release.join('.')
}

/** True for alpha, beta, release candidate and any development release: what pip hides unless asked. */
export function isPrerelease(version: Pep440Version): boolean {
  return version.pre !== undefined || version.dev !== undefined
}

/** True for `1.0.post1`, and for `1.0.post1.dev2` too. */
export function isPostrelease(version: Pep440Version): boolean {
  return version.post !== undefined
}

/** True for `1.0.dev1`, `1.0a1.dev2`, `1.0.post1.dev2`. */
export function isDevrelease(version: Pep440Version): boolean {
  return version.dev !== undefined
}

/**
 * Order of two versions; 0 means equal by value, so `1.0`, `1.0.0` and `v1` are equal and `1.0+a` is not.
 *
 * @returns negative, 0 or positive, for `Array.prototype.sort`
 */
export function comparePep440(a: Pep440Version, b: Pep440Version): number {
  return (
    compareValues(a.epoch, b.epoch) ||
    compareLists(withoutTrailingZeros(a.release), withoutTrailingZeros(b.release), compareValues) ||
    compareLists(suffixKey(a), suffixKey(b), compareValues) ||
    compareLists(localKey(a), localKey(b), compareLocalParts)
  )
}

// The pattern of the specification. Only ASCII digits and letters count (no `u` flag: `İ` must not fold into `i`).
// Python's \s is not JavaScript's: it has U+001C to U+001F and U+0085 and lacks U+FEFF.
const whitespace = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*'
const pattern = new RegExp(
  `^${whitespace}v?` +
    '(?:(?<epoch>[0-9]+)!)?' +
    '(?<release>[0-9]+(?:\\.[0-9]+)*)' +
    '(?:[._-]?(?<preWord>alpha|a|beta|b|preview|pre|c|rc)[._-]?(?<preNumber>[0-9]+)?)?' +
    '(?:-(?<implicitPost>[0-9]+)|[._-]?(?<postWord>post|rev|r)[._-]?(?<postNumber>[0-9]+)?)?' +
    '(?:[._-]?(?<devWord>dev)[._-]?(?<devNumber>[0-9]+)?)?' +
    '(?:\\+(?<local>[a-z0-9]+(?:[._-][a-z0-9]+)*))?' +
    `${whitespace}$`,
  'i'
)

type Group =
  | 'epoch'
  | 'release'
  | 'preWord'
  | 'preNumber'
  | 'implicitPost'
  | 'postWord'
  | 'postNumber'
  | 'devWord'
  | 'devNumber'
  | 'local'

function match(text: string): Readonly<Partial<Record<Group, string>>> | undefined {
  return pattern.exec(text)?.groups
}

const letters: Readonly<Record<string, PreLetter>> = { a: 'a', alpha: 'a', b: 'b', beta: 'b' }

/** `c`, `pre` and `preview` are spellings of `rc`. */
function letterOf(word: string): PreLetter {
  return letters[word.toLowerCase()] ?? 'rc'
}

function withoutTrailingZeros(release: readonly bigint[]): readonly bigint[] {
  return release.slice(0, release.findLastIndex((number) => number !== 0n) + 1)
}

const preRank: Readonly<Record<PreLetter, bigint>> = { a: 0n, b: 1n, rc: 2n }

/** Orders dev < a < b < rc < final < post, and inside each of them its own dev and post releases. */
function suffixKey({ pre, post, dev }: Pep440Version): readonly bigint[] {
  const devOnly = pre === undefined && post === undefined && dev !== undefined
  const rank = pre === undefined ? (devOnly ? -1n : 3n) : preRank[pre.letter]
  return [rank, pre?.number ?? 0n, post === undefined ? 0n : 1n, post ?? 0n, dev === undefined ? 1n : 0n, dev ?? 0n]
}

/** No local part is an empty list, which sorts before any other. */
function localKey(version: Pep440Version): readonly (bigint | string)[] {
  return version.local ?? []
}

/** Numbers by value and after every string; strings by their ASCII order. */
function compareLocalParts(a: bigint | string, b: bigint | string): number {
  if (typeof a === typeof b) return compareValues(a, b)
  return typeof a === 'string' ? -1 : 1
}

function compareValues(a: bigint | string, b: bigint | string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function compareLists<T>(a: readonly T[], b: readonly T[], compare: (x: T, y: T) => number): number {
  for (const [index, x] of a.entries()) {
    const y = b[index]
    if (y === undefined) return 1
    const order = compare(x, y)
    if (order !== 0) return order
  }
  return a.length - b.length
}
