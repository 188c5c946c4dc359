/** A version as Elixir's `Version` reads it: SemVer, with three numbers always. */
export interface ElixirVersion {
  readonly numbers: readonly [major: number, minor: number, patch: number]
  /** Identifiers of the pre-release; numeric ones as numbers. */
  readonly pre: readonly (number | string)[]
  readonly build: string | undefined
}

/** `Version.parse/1`; `undefined` for what is no version. */
export function parseVersion(text: string): ElixirVersion | undefined {
  const found = versionForm.exec(text)
  if (found === null) return undefined
  const [, major = '', minor = '', patch = '', pre, build] = found
  return {
    numbers: [Number(major), Number(minor), Number(patch)],
    pre: pre?.split('.').map((each) => (/^\d+$/.test(each) ? Number(each) : each)) ?? [],
    build
  }
}

const identifiers = String.raw`(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)`
const number = String.raw`(0|[1-9]\d*)`
const pre = String.raw`(?:-(${identifiers}(?:\.${identifiers})*))?`
const build = String.raw`(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?`
const versionForm = new RegExp(String.raw`^${number}\.${number}\.${number}${pre}${build}$`)
/** After `~>` the last number may be left out. */
const approximateForm = new RegExp(String.raw`^${number}\.${number}(?:\.${number})?${pre}${build}$`)

/** Negative, zero or positive, as `Version.compare/2`: a pre-release comes before its release, the build is ignored. */
export function compareVersions(left: string, right: string): number {
  const a = parseVersion(left)
  const b = parseVersion(right)
  if (a === undefined || b === undefined) throw new Error(`no version: ${a === undefined ? left : right}`)
  for (const [index, one] of a.numbers.entries()) {
    const difference = one - (b.numbers[index] ?? 0)
    if (difference !== 0) return difference
  }
  if (a.pre.length === 0 || b.pre.length === 0) return b.pre.length - a.pre.length
  return comparePre(a.pre, b.pre)
}

function comparePre(a: ElixirVersion['pre'], b: ElixirVersion['pre']): number {
  for (const [index, one] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    if (one === other) continue
    // Numbers come before words (SemVer 2.0, 11.4.3).
    if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1
    return one < other ? -1 : 1
  }
  return a.length - b.length
}

/**
 * Whether `Version.parse_requirement/1` takes it. Elixir's lexer drops spaces, so only ` and ` and ` or ` need theirs,
 * and a version without an operator is `==`.
 */
export function isRequirement(text: string): boolean {
  const conditions = text.split(/ (?:and|or) /)
  return conditions.every((condition) => {
    const found = /^(>=|<=|~>|>|<|==|!=|!)?(.*)$/s.exec(condition.replaceAll(' ', ''))
    const [, operator, version = ''] = found ?? []
    return (operator === '~>' ? approximateForm : versionForm).test(version)
  })
}
