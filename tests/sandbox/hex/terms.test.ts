import { describe, expect, test } from '@jest/globals'
import { decodeTerm, encodeTerm } from '../../../sandbox/hex/external-terms.ts'
import { readTerms, TermsRefused, type ErlangTerm } from '../../../sandbox/hex/erlang-terms.ts'

/** A term in short: binaries as text, strings as their characters. */
function short(term: ErlangTerm | undefined): unknown {
  switch (term?.kind) {
    case 'binary':
      return term.bytes.toString('utf8')
    case 'integer':
      return term.value
    case 'atom':
      return `:${term.name}`
    case 'list':
      return term.items.map(short)
    case 'tuple':
      return { tuple: term.items.map(short) }
    case 'map':
      return { map: term.entries.map(([key, value]) => [short(key), short(value)]) }
    case undefined:
      return undefined
  }
}

const read = (text: string): unknown => short(readTerms(Buffer.from(text))[0])

describe('a file of terms', () => {
  test.each([
    ['<<"abc">>.', 'abc'],
    ['<<"dö"/utf8>>.', 'dö'],
    ['<<84,97,98>>.', 'Tab'],
    ['<<"a",98,"c"/utf8>>.', 'abc'],
    ['<<"a" "b">>.', 'ab'],
    ['<<>>.', ''],
    ['<<"">>.', ''],
    [String.raw`<<"\n\s\x\101\^A\"\\">>.`, '\n xA\x01"\\'],
    ['"ab".', [97, 98]],
    ['-5.', -5],
    ['+5.', 5],
    ["'true'.", ':true'],
    ['{<<"k">>,[1,{2,3},[]]}.', { tuple: ['k', [1, { tuple: [2, 3] }, []]] }],
    ['#{<<"k">> => false}.', { map: [['k', ':false']] }],
    [' \n {1}\t.\n\n', { tuple: [1] }]
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  test('has terms one after the other, and dots inside text', () => {
    expect(readTerms(Buffer.from('{<<"a.b">>}.\n1.')).map(short)).toEqual([{ tuple: ['a.b'] }, 1])
  })

  test('that is not UTF-8 is read as Latin-1', () => {
    const bytes = Buffer.concat([Buffer.from('<<"d'), Buffer.from([0xf6]), Buffer.from('"/utf8>>.')])
    expect(short(readTerms(bytes)[0])).toBe('dö')
  })

  test.each([
    ['', 'invalid terms'],
    ['1', 'invalid terms'],
    ['{1,2', 'invalid terms'],
    ['{1,,2}.', 'invalid terms'],
    ['{1 2}.', 'invalid terms'],
    ['1 2.', 'invalid terms'],
    ['<<"a">.', 'illegal characters'],
    ['[1|2].', 'illegal characters'],
    ['% a comment\n1.', 'illegal characters'],
    ['Variable.', 'illegal characters'],
    ['some_atom.', 'illegal atom some_atom'],
    ["'Some Atom'.", 'illegal atom Some Atom'],
    ['<<true>>.', 'invalid terms'],
    ['"open.', 'illegal characters']
  ])('%j is refused', (text, message) => {
    const refused = (): unknown => read(text)
    expect(refused).toThrow(TermsRefused)
    expect(refused).toThrow(message)
  })
})

describe('Erlang’s external term format', () => {
  test('carries what answers are made of', () => {
    const value = {
      text: 'schön',
      none: null,
      yes: true,
      no: false,
      small: 255,
      number: 65_536,
      negative: -1,
      large: 1_795_266_000_000,
      list: ['a', { b: [] }]
    }
    expect(decodeTerm(encodeTerm(value))).toEqual(value)
  })

  test('is written as term_to_binary writes it', () => {
    // term_to_binary(#{<<"a">> => [1, nil]}) of OTP 26.
    expect(encodeTerm({ a: [1, null] })).toEqual(
      Buffer.from([131, 116, 0, 0, 0, 1, 109, 0, 0, 0, 1, 97, 108, 0, 0, 0, 2, 97, 1, 119, 3, 110, 105, 108, 106])
    )
  })

  test('is read with the atoms of older Erlang, strings and tuples', () => {
    // #{<<"a">> => nil, b => {1, "xy"}} with ATOM_EXT, as OTP 25 writes it.
    const bytes = [
      ...[131, 116, 0, 0, 0, 2, 109, 0, 0, 0, 1, 97, 100, 0, 3, 110, 105, 108],
      ...[100, 0, 1, 98, 104, 2, 97, 1, 107, 0, 2, 120, 121]
    ]
    expect(decodeTerm(Buffer.from(bytes))).toEqual({ a: null, b: [1, [120, 121]] })
  })

  test.each([
    ['nothing', []],
    ['another version', [130, 106]],
    ['a compressed term', [131, 80, 0, 0, 0, 1, 120]],
    ['a term that ends too early', [131, 109, 0, 0, 0, 9, 97]],
    ['a term with something behind it', [131, 106, 106]],
    ['a function', [131, 112, 0]],
    ['a list longer than memory', [131, 108, 255, 255, 255, 255]]
  ])('%s is refused', (_, bytes) => {
    expect(decodeTerm(Buffer.from(bytes))).toBeUndefined()
  })
})
