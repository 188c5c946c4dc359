import { compareSemver, parseSemver, type Semver } from '../semver.ts'

/** A version as Elixir's `Version` module has it: SemVer 2.0.0, with numbers of any size. */
export type ElixirVersion = Semver

/**
 * Reads a version as `Version.parse/1` does.
 *
 * @returns undefined when it is none; `1.0` is none
 */
export function parseElixirVersion(text: string): ElixirVersion | undefined {
  return parseSemver(text)
}

/**
 * The order of `Version.compare/2`: SemVer's precedence, build metadata ignored.
 *
 * @returns negative, 0 or positive, for `Array.prototype.sort`
 */
export function compareElixirVersions(a: ElixirVersion, b: ElixirVersion): number {
  return compareSemver(a, b)
}

/** Whether hex.pm takes the text as the version of a release (lib/hexpm/ecto/version.ex of hexpm). */
export function isHexVersion(text: string): boolean {
  const version = parseElixirVersion(text)
  if (version === undefined || version.build.length > 0) return false
  const numbers = [
    version.major,
    version.minor,
    version.patch,
    ...version.prerelease.filter((label) => /^[0-9]+$/.test(label)).map(BigInt)
  ]
  return numbers.every((number) => number <= 99_999_999_999_999n) && version.prerelease.join('.').length <= 64
}

/** Whether the text is a requirement for `Version.parse_requirement/1`. */
export function isElixirRequirement(text: string): boolean {
  return parseRequirement(text) !== undefined
}

/**
 * Whether a version meets a requirement, by the rules of `Version.match?/3`.
 *
 * @param options.allowPre whether a pre-release may match a comparison that names none; Elixir's own default is true,
 *   Hex resolves with false
 * @returns false where the text is no requirement; `isElixirRequirement` tells the two apart
 */
export function matchesRequirement(
  version: ElixirVersion,
  requirement: string,
  { allowPre = true }: { readonly allowPre?: boolean } = {}
): boolean {
  const alternatives = parseRequirement(requirement)
  return alternatives?.some((all) => all.every((comparison) => compares(version, comparison, allowPre))) ?? false
}

type Operator = '==' | '!=' | '>' | '>=' | '<' | '<=' | '~>'

interface Comparison {
  readonly operator: Operator
  readonly operand: ElixirVersion
  /** Whether the operand was written without a patch number, which only `~>` may be. */
  readonly short: boolean
}

type Token = { readonly kind: 'operator'; readonly operator: Operator } | JoinToken | VersionToken
type JoinToken = { readonly kind: 'join'; readonly join: 'and' | 'or' }
type VersionToken = { readonly kind: 'version'; readonly text: string }

// In the order in which Elixir's lexer tries them; `!` alone is its old spelling of `!=`.
const lexemes: readonly (readonly [string, Token])[] = [
  ['>=', { kind: 'operator', operator: '>=' }],
  ['<=', { kind: 'operator', operator: '<=' }],
  ['~>', { kind: 'operator', operator: '~>' }],
  ['>', { kind: 'operator', operator: '>' }],
  ['<', { kind: 'operator', operator: '<' }],
  ['==', { kind: 'operator', operator: '==' }],
  [' or ', { kind: 'join', join: 'or' }],
  [' and ', { kind: 'join', join: 'and' }],
  ['!=', { kind: 'operator', operator: '!=' }],
  ['!', { kind: 'operator', operator: '!=' }]
]

/** Alternatives (`or`) of comparisons that must all hold (`and`, which binds tighter). */
function parseRequirement(text: string): readonly (readonly Comparison[])[] | undefined {
  const tokens = tokensOf(text)
  const alternatives: Comparison[][] = [[]]
  for (let at = 0; ;) {
    const first = tokens[at]
    // A version alone means `==`.
    const operator = first?.kind === 'operator' ? first.operator : '=='
    if (first?.kind === 'operator') at++
    const operand = tokens[at++]
    if (operand?.kind !== 'version') return undefined
    const comparison = comparisonOf(operator, operand.text)
    if (comparison === undefined) return undefined
    alternatives.at(-1)?.push(comparison)
    const join = tokens[at++]
    if (join === undefined) return alternatives
    if (join.kind !== 'join') return undefined
    if (join.join === 'or') alternatives.push([])
  }
}

/** Everything between operators and spaces is a version, whatever it says. */
function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let version = ''
  const endVersion = (): void => {
    if (version !== '') tokens.push({ kind: 'version', text: version })
    version = ''
  }
  for (let at = 0; at < text.length;) {
    const lexeme = lexemes.find(([spelling]) => text.startsWith(spelling, at))
    if (lexeme !== undefined) {
      endVersion()
      tokens.push(lexeme[1])
      at += lexeme[0].length
      continue
    }
    const character = text.charAt(at++)
    if (character === ' ') endVersion()
    else version += character
  }
  endVersion()
  return tokens
}

function comparisonOf(operator: Operator, text: string): Comparison | undefined {
  const whole = parseElixirVersion(text)
  if (whole !== undefined) return { operator, operand: whole, short: false }
  if (operator !== '~>') return undefined
  const filled = parseElixirVersion(text.replace(/^[0-9]+\.[0-9]+(?=[-+]|$)/, '$&.0'))
  return filled === undefined ? undefined : { operator, operand: filled, short: true }
}

function compares(version: ElixirVersion, { operator, operand, short }: Comparison, allowPre: boolean): boolean {
  const order = compareElixirVersions(version, operand)
  // Elixir asks this only where the bound is a lower one: `< 2.0.0` matches 1.0.0-rc.1 with and without allow_pre.
  const preWelcome = allowPre || operand.prerelease.length > 0 || version.prerelease.length === 0
  switch (operator) {
    case '==':
      return order === 0
    case '!=':
      return order !== 0
    case '>':
      return order > 0 && preWelcome
    case '>=':
      return order >= 0 && preWelcome
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '~>':
      return order >= 0 && compareElixirVersions(version, upperBound(operand, short)) < 0 && preWelcome
  }
}

/** The first version that `~>` excludes: even the pre-releases of the next minor or major are beyond it. */
function upperBound({ major, minor }: ElixirVersion, short: boolean): ElixirVersion {
  const next = short ? { major: major + 1n, minor: 0n } : { major, minor: minor + 1n }
  return { ...next, patch: 0n, prerelease: ['0'], build: [] }
}
