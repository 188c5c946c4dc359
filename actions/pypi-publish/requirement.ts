import { parseSpecifierSet, type Specifier } from './specifier.ts'

/** A dependency as PEP 508 writes it: `name[extra] >=1; marker`, or `name @ URL`. */
export interface Requirement {
  readonly name: string
  readonly extras: readonly string[]
  readonly specifiers: readonly Specifier[]
  readonly url: string | undefined
  /** The marker as written, parsed and found well-formed. */
  readonly marker: string | undefined
}

export interface RequirementFault {
  readonly wrong: string
  /** 0-based, in UTF-16 units. */
  readonly position: number
}

/**
 * Reads a dependency specifier by the grammar of `packaging` (dependency specifiers, formerly PEP 508).
 * @see https://packaging.python.org/en/latest/specifications/dependency-specifiers/
 */
export function parseRequirement(source: string): Requirement | RequirementFault {
  const cursor = new Cursor(source)
  try {
    return requirement(cursor)
  } catch (error) {
    if (error instanceof SyntaxFault) return { wrong: error.message, position: error.position }
    throw error
  }
}

// requirement = WS? name WS? extras? WS? ( '@' WS? url (WS marker)? | specifiers WS? marker? ) END
function requirement(cursor: Cursor): Requirement {
  cursor.skip(tokens.space)
  const name = cursor.expect(tokens.identifier, 'a package name at the start')
  cursor.skip(tokens.space)
  const extras = extrasOf(cursor)
  cursor.skip(tokens.space)
  if (cursor.skip(tokens.at)) {
    cursor.skip(tokens.space)
    const url = cursor.expect(tokens.url, 'a URL after @')
    const spaced = cursor.skip(tokens.space)
    if (cursor.ended) return { name, extras, specifiers: [], url, marker: undefined }
    if (!spaced) cursor.fail('expected a space after the URL')
    return { name, extras, specifiers: [], url, marker: markerPart(cursor, 'a semicolon after the URL') }
  }
  const specifiers = specifiersOf(cursor)
  cursor.skip(tokens.space)
  const marker = cursor.ended ? undefined : markerPart(cursor, 'a comma, a semicolon or the end')
  return { name, extras, specifiers, url: undefined, marker }
}

function extrasOf(cursor: Cursor): readonly string[] {
  if (!cursor.skip(tokens.leftBracket)) return []
  const extras: string[] = []
  cursor.skip(tokens.space)
  let extra = cursor.take(tokens.identifier)
  while (extra !== undefined) {
    extras.push(extra)
    cursor.skip(tokens.space)
    if (!cursor.skip(tokens.comma)) break
    cursor.skip(tokens.space)
    extra = cursor.expect(tokens.identifier, 'the name of an extra after the comma')
  }
  cursor.skip(tokens.space)
  cursor.expect(tokens.rightBracket, '"]" or a comma in the extras')
  return extras
}

function specifiersOf(cursor: Cursor): readonly Specifier[] {
  const enclosed = cursor.skip(tokens.leftParenthesis)
  cursor.skip(tokens.space)
  const start = cursor.position
  let text = ''
  let clause = cursor.take(tokens.specifier)
  while (clause !== undefined) {
    text += clause
    cursor.skip(tokens.space)
    if (!cursor.skip(tokens.comma)) break
    text += ','
    cursor.skip(tokens.space)
    clause = cursor.take(tokens.specifier)
  }
  cursor.skip(tokens.space)
  if (enclosed) cursor.expect(tokens.rightParenthesis, '")" after the version specifier')
  const parsed = parseSpecifierSet(text)
  if ('wrong' in parsed) throw new SyntaxFault(parsed.wrong, start)
  return parsed
}

function markerPart(cursor: Cursor, expected: string): string {
  cursor.expect(tokens.semicolon, expected)
  const start = cursor.position
  marker(cursor)
  if (!cursor.ended) cursor.fail('expected "and", "or" or the end of the marker')
  return cursor.source.slice(start).trim()
}

// marker = atom (('and' | 'or') atom)*
function marker(cursor: Cursor): void {
  do atom(cursor)
  while (cursor.skip(tokens.boolean))
}

// atom = WS? ( '(' marker ')' | variable operator variable ) WS?
function atom(cursor: Cursor): void {
  cursor.skip(tokens.space)
  if (cursor.skip(tokens.leftParenthesis)) {
    cursor.nest()
    marker(cursor)
    cursor.expect(tokens.rightParenthesis, '")" in the marker')
    cursor.unnest()
  } else {
    markerVariable(cursor)
    cursor.skip(tokens.space)
    markerOperator(cursor)
    cursor.skip(tokens.space)
    markerVariable(cursor)
  }
  cursor.skip(tokens.space)
}

function markerVariable(cursor: Cursor): void {
  if (cursor.skip(tokens.variable)) return
  const start = cursor.position
  const quoted = cursor.take(tokens.quoted)
  if (quoted === undefined) cursor.fail('expected a marker variable (such as python_version) or a quoted string')
  // `packaging` reads it as a Python string literal.
  if (!isPythonString(quoted)) throw new SyntaxFault('this quoted string is no Python string', start)
}

function markerOperator(cursor: Cursor): void {
  if (cursor.skip(tokens.in) || cursor.skip(tokens.operator)) return
  if (!cursor.skip(tokens.not)) cursor.fail('expected one of <= < != == >= > ~= === in, not in')
  cursor.expect(tokens.space, 'a space after "not"')
  cursor.expect(tokens.in, '"in" after "not"')
}

function isPythonString(quoted: string): boolean {
  const inner = quoted.slice(1, -1)
  return (
    !/[\r\n\0]/.test(inner) &&
    !/(?:^|[^\\])(?:\\\\)*\\(?:$|x(?![0-9a-f]{2})|u(?![0-9a-f]{4})|U(?!000[0-9a-f]{5}|0010[0-9a-f]{4})|N(?!\{))/i.test(
      inner
    )
  )
}

const tokens = {
  space: /[ \t]+/y,
  identifier: /\b[a-zA-Z0-9][a-zA-Z0-9._-]*\b/y,
  at: /@/y,
  url: /[^ \t]+/y,
  comma: /,/y,
  semicolon: /;/y,
  leftBracket: /\[/y,
  rightBracket: /\]/y,
  leftParenthesis: /\(/y,
  rightParenthesis: /\)/y,
  specifier: /===\s*[^\s;)]*|(?:==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.!+*_-]+/y,
  quoted: /'[^']*'|"[^"]*"/y,
  operator: /===|==|~=|!=|<=|>=|<|>/y,
  boolean: /\b(?:or|and)\b/y,
  in: /\bin\b/y,
  not: /\bnot\b/y,
  variable:
    /\b(?:python_version|python_full_version|os[._]name|sys[._]platform|platform_(?:release|system)|platform[._](?:version|machine|python_implementation)|python_implementation|implementation_(?:name|version)|extras?|dependency_groups)\b/y
} as const

class SyntaxFault extends Error {
  readonly position: number
  constructor(message: string, position: number) {
    super(message)
    this.position = position
  }
}

/** Deeper markers than this are nobody's intent and would exhaust the stack. */
const deepest = 50

/** A place in the source that moves forward token by token. */
class Cursor {
  readonly source: string
  position = 0
  private depth = 0

  constructor(source: string) {
    this.source = source
  }

  get ended(): boolean {
    return this.position === this.source.length
  }

  take(token: RegExp): string | undefined {
    token.lastIndex = this.position
    const found = token.exec(this.source)?.[0]
    if (found !== undefined) this.position += found.length
    return found
  }

  skip(token: RegExp): boolean {
    return this.take(token) !== undefined
  }

  expect(token: RegExp, expected: string): string {
    return this.take(token) ?? this.fail(`expected ${expected}`)
  }

  fail(message: string): never {
    throw new SyntaxFault(message, this.position)
  }

  nest(): void {
    if (++this.depth > deepest) this.fail('the parentheses are nested too deep')
  }

  unnest(): void {
    this.depth--
  }
}
