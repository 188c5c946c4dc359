/** A version by Semantic Versioning 2.0.0. Numbers are bigint: the specification sets no limit. */
export interface Semver {
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  /** Dot-separated identifiers after the hyphen, as written; empty for a release. */
  readonly prerelease: readonly string[]
  /** Dot-separated identifiers after the plus, as written; they say nothing about the order. */
  readonly build: readonly string[]
}

/**
 * Reads a version strictly: exactly three numbers, no leading zeros, no `v`, no whitespace.
 *
 * @returns undefined when the text is no SemVer 2.0 version
 * @see https://semver.org/spec/v2.0.0.html
 */
export function parseSemver(text: string): Semver | undefined {
  const groups = pattern.exec(text)?.groups
  if (groups === undefined) return undefined
  const { major = '', minor = '', patch = '', prerelease, build } = groups
  return {
    major: BigInt(major),
    minor: BigInt(minor),
    patch: BigInt(patch),
    prerelease: prerelease?.split('.') ?? [],
    build: build?.split('.') ?? []
  }
}

/** The version as text; the inverse of {@link parseSemver}. */
export function formatSemver({ major, minor, patch, prerelease, build }: Semver): string {
  const hyphen = prerelease.length === 0 ? '' : `-${prerelease.join('.')}`
  const plus = build.length === 0 ? '' : `+${build.join('.')}`
  return `${major}.${minor}.${patch}${hyphen}${plus}`
}

/**
 * Precedence of two versions (SemVer section 11). Build metadata is ignored, so 0 does not mean the same text.
 *
 * @returns negative, 0 or positive, for `Array.prototype.sort`
 */
export function compareSemver(a: Semver, b: Semver): number {
  return (
    compareValues(a.major, b.major) ||
    compareValues(a.minor, b.minor) ||
    compareValues(a.patch, b.patch) ||
    comparePrereleases(a.prerelease, b.prerelease)
  )
}

const number = '(?:0|[1-9][0-9]*)'
const identifier = `(?:${number}|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)`
const pattern = new RegExp(
  `^(?<major>${number})\\.(?<minor>${number})\\.(?<patch>${number})` +
    `(?:-(?<prerelease>${identifier}(?:\\.${identifier})*))?` +
    '(?:\\+(?<build>[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*))?$'
)

/** A version without identifiers is the release itself, which comes after all its pre-releases. */
function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length
  for (const [index, x] of a.entries()) {
    const y = b[index]
    if (y === undefined) return 1
    const order = compareIdentifiers(x, y)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Numbers by value and before every word; words by their ASCII order. */
function compareIdentifiers(a: string, b: string): number {
  const numeric = [a, b].map((identifier) => /^[0-9]+$/.test(identifier))
  if (numeric[0] !== numeric[1]) return numeric[0] === true ? -1 : 1
  return numeric[0] === true ? compareValues(BigInt(a), BigInt(b)) : compareValues(a, b)
}

function compareValues(a: bigint | string, b: bigint | string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
