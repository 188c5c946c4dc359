import { parsePep440 } from '../shared/pep440.ts'

/** One clause of a version specifier, `>=3.9`. */
export interface Specifier {
  readonly operator: Operator
  /** As written: a version, a version with `.*`, or anything at all after `===`. */
  readonly version: string
}

export const operators = ['===', '==', '~=', '!=', '<=', '>=', '<', '>'] as const
export type Operator = (typeof operators)[number]

/**
 * Reads a set of specifiers, `>=3.9,!=3.9.1`, by the rules of `packaging.specifiers.SpecifierSet`: empty clauses are
 * passed over, an empty set is valid.
 * @returns the clauses, or what is wrong in words
 * @see https://packaging.python.org/en/latest/specifications/version-specifiers/
 */
export function parseSpecifierSet(text: string): readonly Specifier[] | { readonly wrong: string } {
  const found: Specifier[] = []
  for (const clause of text.split(',').map((part) => part.trim())) {
    if (clause === '') continue
    const specifier = parseSpecifier(clause)
    if ('wrong' in specifier) return specifier
    found.push(specifier)
  }
  return found
}

function parseSpecifier(clause: string): Specifier | { readonly wrong: string } {
  const operator = operators.find((each) => clause.startsWith(each))
  if (operator === undefined) return { wrong: `"${clause}" does not begin with one of ${operators.join(' ')}` }
  const version = clause.slice(operator.length).trim()
  const wrong = wrongVersion(operator, version)
  return wrong === undefined ? { operator, version } : { wrong: `in "${clause}", ${wrong}` }
}

function wrongVersion(operator: Operator, version: string): string | undefined {
  // The escape hatch: compared as text, so nearly anything may stand here.
  if (operator === '===') return /^[^\s;)]*$/.test(version) ? undefined : 'there is a space, ";" or ")" in the version'
  const equality = operator === '==' || operator === '!='
  const wildcard = version.endsWith('.*')
  if (wildcard && !equality) return '".*" goes only with == and !='
  const parsed = parsePep440(wildcard ? version.slice(0, -2) : version)
  if (parsed === undefined || /\s/.test(version)) return `"${version}" is no PEP 440 version`
  const plain =
    parsed.pre === undefined && parsed.post === undefined && parsed.dev === undefined && parsed.local === undefined
  if (wildcard && !plain) return '".*" cannot follow a pre-, post-, dev- or local version'
  if (parsed.local !== undefined && !equality) return 'a local version ("+…") goes only with == and !='
  if (operator === '~=' && parsed.release.length < 2) return '~= needs at least two numbers, such as ~=1.0'
  return undefined
}
