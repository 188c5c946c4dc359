import { isPythonString } from './python-text.ts'
import { specifierPattern } from './specifier.ts'

/** A dependency specifier as far as an index looks at it. */
export type Requirement = { readonly name: string; readonly url?: string } | { readonly problem: string }

/**
 * Reads a dependency specifier by the grammar of PEP 508.
 *
 * @returns the name, and the address of a direct reference; or the problem in the words of the `packaging` library,
 *   with the source and a marker below it
 * @see https://packaging.python.org/en/latest/specifications/dependency-specifiers/#complete-grammar
 */
export function parseRequirement(source: string): Requirement {
  const reader = readerOf(source)
  try {
    return requirement(reader)
  } catch (error) {
    if (error instanceof SyntaxFault) return { problem: error.describe(source) }
    throw error
  }
}

class SyntaxFault extends Error {
  readonly start: number
  readonly end: number

  constructor(message: string, start: number, end = start) {
    super(message)
    this.start = start
    this.end = end
  }

  describe(source: string): string {
    // Python counts characters, not UTF-16 units.
    const length = (from: number, to: number): number => Array.from(source.slice(from, to)).length
    const mark = ' '.repeat(length(0, this.start)) + '~'.repeat(length(this.start, this.end)) + '^'
    return `${this.message}\n    ${source}\n    ${mark}`
  }
}

/** Python's `\b`: words have letters and digits of every script. */
const word = String.raw`[\p{L}\p{N}_]`
const edge = `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`

function bounded(pattern: string): RegExp {
  return new RegExp(`${edge}(?:${pattern})${edge}`, 'uy')
}

const tokens = {
  space: /[ \t]+/y,
  identifier: bounded('[a-zA-Z0-9][a-zA-Z0-9._\\-]*'),
  url: /[^ \t]+/y,
  specifier: new RegExp(`(?:${specifierPattern})`, 'iy'),
  prefixTrail: /\.\*/y,
  localTrail: /\+[a-z0-9]+(?:[-_.][a-z0-9]+)*/y,
  string: /'[^']*'|"[^"]*"/y,
  variable: bounded(
    'python_version|python_full_version|os[._]name|sys[._]platform|platform_(?:release|system)|' +
      'platform[._](?:version|machine|python_implementation)|python_implementation|implementation_(?:name|version)|' +
      'extras?|dependency_groups'
  ),
  comparison: /===|==|~=|!=|<=|>=|<|>/y,
  boolean: bounded('or|and'),
  in: bounded('in'),
  not: bounded('not')
} as const

interface Reader {
  readonly position: () => number
  readonly atEnd: () => boolean
  readonly next: (text: string) => boolean
  /** Takes the text when it is next. */
  readonly takeText: (text: string) => boolean
  readonly take: (token: keyof typeof tokens) => string | undefined
  readonly peek: (token: keyof typeof tokens) => boolean
}

function readerOf(source: string): Reader {
  let position = 0
  const match = (token: keyof typeof tokens): string | undefined => {
    const pattern = tokens[token]
    pattern.lastIndex = position
    return pattern.exec(source)?.[0]
  }
  return {
    position: () => position,
    atEnd: () => position === source.length,
    next: (text) => source.startsWith(text, position),
    takeText(text) {
      if (!source.startsWith(text, position)) return false
      position += text.length
      return true
    },
    take(token) {
      const text = match(token)
      position += text?.length ?? 0
      return text
    },
    peek: (token) => match(token) !== undefined
  }
}

function requirement(reader: Reader): Requirement {
  reader.take('space')
  const name = expect(reader, 'identifier', 'package name at the start of dependency specifier')
  reader.take('space')
  enclosed(reader, '[', ']', 'LEFT_BRACKET', 'RIGHT_BRACKET', 'extras', () => {
    extras(reader)
  })
  reader.take('space')
  if (reader.takeText('@')) {
    reader.take('space')
    const start = reader.position()
    const url = expect(reader, 'url', 'URL after @')
    if (reader.atEnd()) return { name, url }
    expect(reader, 'space', 'whitespace after URL')
    if (!reader.atEnd()) marker(reader, start, 'semicolon (after URL and whitespace)')
    expectEnd(reader)
    return { name, url }
  }
  const start = reader.position()
  const specified = enclosed(reader, '(', ')', 'LEFT_PARENTHESIS', 'RIGHT_PARENTHESIS', 'version specifier', () =>
    specifiers(reader)
  )
  reader.take('space')
  if (reader.atEnd()) return { name }
  const wanted = specified
    ? 'comma (within version specifier), semicolon (after version specifier)'
    : 'semicolon (after name with no version specifier)'
  marker(reader, start, wanted)
  expectEnd(reader)
  return { name }
}

function extras(reader: Reader): void {
  reader.take('space')
  if (reader.take('identifier') !== undefined)
    for (;;) {
      reader.take('space')
      if (reader.peek('identifier')) throw new SyntaxFault('Expected comma between extra names', reader.position())
      if (!reader.takeText(',')) break
      reader.take('space')
      expect(reader, 'identifier', 'extra name after comma')
    }
  reader.take('space')
}

/** Gives whether there was any. */
function specifiers(reader: Reader): boolean {
  reader.take('space')
  let any = false
  for (;;) {
    const start = reader.position()
    const specifier = reader.take('specifier')
    if (specifier === undefined) break
    any = true
    if (reader.peek('prefixTrail')) {
      const takesPrefix = /^(?:!=|==(?!=))/.test(specifier)
      const fault = takesPrefix
        ? '.* suffix cannot be used with pre-release, post-release, dev or local versions'
        : '.* suffix can only be used with `==` or `!=` operators'
      throw new SyntaxFault(fault, start, reader.position() + 1)
    }
    if (reader.peek('localTrail'))
      throw new SyntaxFault(
        'Local version label can only be used with `==` or `!=` operators',
        start,
        reader.position()
      )
    reader.take('space')
    if (!reader.takeText(',')) break
    reader.take('space')
  }
  reader.take('space')
  return any
}

function marker(reader: Reader, start: number, wanted: string): void {
  if (!reader.takeText(';')) throw new SyntaxFault(`Expected ${wanted} or end`, start, reader.position())
  markerExpression(reader)
  reader.take('space')
}

function markerExpression(reader: Reader): void {
  do markerAtom(reader)
  while (reader.take('boolean') !== undefined)
}

function markerAtom(reader: Reader): void {
  reader.take('space')
  if (reader.next('('))
    enclosed(reader, '(', ')', 'LEFT_PARENTHESIS', 'RIGHT_PARENTHESIS', 'marker expression', () => {
      reader.take('space')
      markerExpression(reader)
      reader.take('space')
    })
  else {
    markerValue(reader)
    markerOperator(reader)
    markerValue(reader)
  }
  reader.take('space')
}

function markerValue(reader: Reader): void {
  reader.take('space')
  if (reader.take('variable') === undefined) {
    const start = reader.position()
    const text = reader.take('string')
    if (text === undefined) throw new SyntaxFault('Expected a marker variable or quoted string', start)
    if (!isPythonString(text)) throw new SyntaxFault('Invalid quoted string', start, reader.position())
  }
  reader.take('space')
}

function markerOperator(reader: Reader): void {
  if (reader.take('in') !== undefined || reader.take('comparison') !== undefined) return
  if (reader.take('not') === undefined)
    throw new SyntaxFault(
      'Expected marker operator, one of <=, <, !=, ==, >=, >, ~=, ===, in, not in',
      reader.position()
    )
  expect(reader, 'space', "whitespace after 'not'")
  expect(reader, 'in', "'in' after 'not'")
}

function enclosed<T>(
  reader: Reader,
  open: string,
  close: string,
  openName: string,
  closeName: string,
  around: string,
  inside: () => T
): T | undefined {
  const start = reader.position()
  const opened = reader.takeText(open)
  if (!opened && open === '[') return undefined
  const result = inside()
  if (opened && !reader.takeText(close))
    throw new SyntaxFault(`Expected matching ${closeName} for ${openName}, after ${around}`, start, reader.position())
  return result
}

function expect(reader: Reader, token: keyof typeof tokens, wanted: string): string {
  const text = reader.take(token)
  if (text === undefined) throw new SyntaxFault(`Expected ${wanted}`, reader.position())
  return text
}

function expectEnd(reader: Reader): void {
  if (!reader.atEnd()) throw new SyntaxFault('Expected end of dependency specifier', reader.position())
}
