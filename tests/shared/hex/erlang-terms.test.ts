import { describe, expect, test } from '@jest/globals'
import {
  ErlangTermFault,
  parseErlangTerms,
  termText,
  type ErlangTerm
} from '../../../actions/shared/hex/erlang-terms.ts'

function terms(text: string | Buffer): readonly ErlangTerm[] {
  return parseErlangTerms(Buffer.from(text))
}

function fault(text: string | Buffer): string {
  try {
    terms(text)
  } catch (error) {
    if (error instanceof ErlangTermFault) return error.message
    throw error
  }
  return 'none'
}

/** The only term of a file that is one form. */
function term(text: string): ErlangTerm {
  const [only, ...others] = terms(`${text}.`)
  if (only === undefined || others.length > 0) throw new Error(`${text} is not one term`)
  return only
}

describe('terms are read', () => {
  const atom = (name: string): ErlangTerm => ({ kind: 'atom', name })
  const integer = (value: number): ErlangTerm => ({ kind: 'integer', value: BigInt(value) })
  const binary = (text: string, encoding: BufferEncoding = 'utf8'): ErlangTerm => ({
    kind: 'binary',
    bytes: Buffer.from(text, encoding)
  })

  test.each<[string, ErlangTerm]>([
    ['true', atom('true')],
    ["'quoted atom'", atom('quoted atom')],
    ["'it\\'s'", atom("it's")],
    ['a1_B@c', atom('a1_B@c')],
    ['0', integer(0)],
    ['007', integer(7)],
    ['-12', integer(-12)],
    ['+ 12', integer(12)],
    ['"text"', { kind: 'string', text: 'text' }],
    ['"one " "two"', { kind: 'string', text: 'one two' }],
    ['[]', { kind: 'list', items: [] }],
    ['{}', { kind: 'tuple', items: [] }],
    ['[1,a]', { kind: 'list', items: [integer(1), atom('a')] }],
    ['{a,{1}}', { kind: 'tuple', items: [atom('a'), { kind: 'tuple', items: [integer(1)] }] }],
    ['#{}', { kind: 'map', entries: [] }],
    [
      '#{a => 1, 2 => b}',
      {
        kind: 'map',
        entries: [
          [atom('a'), integer(1)],
          [integer(2), atom('b')]
        ]
      }
    ],
    ['<<>>', binary('')],
    ['<<"">>', binary('')],
    ['<<"abc">>', binary('abc')],
    ['<<97,98,99>>', binary('abc')],
    ['<<"a",98,"c">>', binary('abc')],
    ['<<"a\n  "\n "b">>', binary('a\n  b')],
    ['<<"Größe"/utf8>>', binary('Größe')],
    ['<<"Größe → "/utf8, "x">>', binary('Größe → x')],
    ['<<"Größe">>', binary('Größe', 'latin1')],
    ['<<195,182>>', binary('ö')]
  ])('%s', (text, expected) => {
    expect(term(text)).toEqual(expected)
  })

  test('with every escape that Erlang has', () => {
    const text = String.raw`"\n\r\t\v\b\f\e\s\d|\101\7|\^A\^[|\"\\\'\q"`
    expect(term(text)).toEqual({ kind: 'string', text: `\n\r\t\v\b\f\x1b \x7f|A7|\x01\x1b|"\\'q` })
  })

  test('with a control character of a quote, which does not end the text', () => {
    expect(term('"a\\^"b"')).toEqual({ kind: 'string', text: 'a\x02b' })
  })

  test('one after the other, wherever the dots stand', () => {
    expect(terms('a.b.\n\n c\t.\x01')).toEqual([atom('a'), atom('b'), atom('c')])
  })

  test('as Latin-1 where a byte is not UTF-8', () => {
    const [read] = terms(Buffer.from('<<"Gr\xf6\xdfe">>.', 'latin1'))
    expect(read && termText(read)).toBe('Größe')
  })

  test('as none in an empty file', () => {
    expect(terms(' \n')).toEqual([])
  })
})

describe('a file is refused', () => {
  test.each([
    ['that ends without a dot', '{a,1}', 'line 1: the end of the file stands where "." is expected'],
    ['with a dot that ends nothing', 'a..', 'line 1: "." stands where a term is expected'],
    ['with a float', '{<<"ratio">>,\n 1.5}.', 'line 2: a number has a decimal point, and Hex reads whole numbers only'],
    [
      'with a comment',
      'a. % b',
      'line 1: the character "%" stands where no term can begin or end, and Hex takes no comments'
    ],
    ['with a variable', 'X.', 'line 1: the character "X" stands where no term can begin or end'],
    ['with a tail of a list', '[1|2].', 'line 1: the character "|" stands where no term can begin or end'],
    ['with a character', '$a.', 'line 1: the character "$" stands where no term can begin or end'],
    ['with a size in a binary', '<<1:8>>.', 'line 1: the character ":" stands where no term can begin or end'],
    ['with another type in a binary', '<<"a"/utf16>>.', 'line 1: the atom "utf16" stands where "utf8" is expected'],
    ['with a number that is no byte', '<<256>>.', 'line 1: a binary has the byte 256'],
    ['with a sum', '1+2.', 'line 1: "+" stands where "." is expected'],
    ['with a record', '#a{}.', 'line 1: the atom "a" stands where "{" is expected'],
    ['with a bracket too few', '[1.', 'line 1: "." stands where "]" is expected'],
    ['with a bracket too many', '{1}}.', 'line 1: "}" stands where "." is expected'],
    ['with a comma too many', '[1,].', 'line 1: "]" stands where a term is expected'],
    ['with a text that has no end', 'a.\n"b\\".', 'line 2: a text in quotes has no end'],
    ['with a byte order mark', '\ufeffa.', 'line 1: the character "\ufeff" stands where no term can begin or end'],
    [
      'with a hundred and one lists in one another',
      `${'['.repeat(101)}${']'.repeat(101)}.`,
      'line 1: more than 100 terms are in one another'
    ],
    [
      'with a number of a thousand and one digits',
      `${'1'.repeat(1001)}.`,
      'line 1: a number has more than 1000 digits'
    ],
    ['of more than 1 MiB', ' '.repeat(1024 * 1024 + 1), 'it has 1048577 bytes, and Hex takes at most 1048576']
  ])('%s', (_, text, message) => {
    expect(fault(text)).toBe(message)
  })
})

test.each([
  ['quotes', '"'.repeat(1024 * 1024)],
  ['escapes without end', `"${'\\^a'.repeat(340_000)}`],
  ['brackets', '['.repeat(1024 * 1024)],
  ['maps', '#{'.repeat(500_000)],
  ['empty lists', `[${'[],'.repeat(340_000)}[]].`],
  ['short texts side by side', `${'"a" '.repeat(260_000)}.`],
  ['bytes', `<<${'1,'.repeat(500_000)}1>>.`],
  ['digits', '9'.repeat(1024 * 1024)],
  ['newlines in a text', `"${'\n'.repeat(1024 * 1024 - 3)}".`],
  ['letters beyond ASCII', `<<"${'ö'.repeat(500_000)}"/utf8>>.`]
])('a mebibyte of %s takes no longer than its length', (_, text) => {
  const started = performance.now()
  fault(text)
  expect(performance.now() - started).toBeLessThan(10_000)
})

test('text is that of a binary, of a list of characters and of an empty list, and of nothing else', () => {
  const texts = ['<<"ö"/utf8>>', '<<246>>', '"ö"', '[]', '[97]', 'a', '1', '{}'].map((text) => termText(term(text)))
  expect(texts).toEqual(['ö', 'ö', 'ö', '', undefined, undefined, undefined, undefined])
})
