import { describe, expect, test } from '@jest/globals'
import { createMask, oneLine, safeLines } from '../../rehearse/masking.ts'

describe('what is shown', () => {
  test('hides values that come later, and every line of a long one', () => {
    const mask = createMask(['secret'])
    mask.add('-----BEGIN KEY-----\nabcdefgh\n-----END KEY-----')
    expect(mask.hide('a secret and abcdefgh')).toBe('a *** and ***')
  })

  test('hides the longer of two values that overlap', () => {
    expect(createMask(['abc', 'abcdef']).hide('abcdef')).toBe('***')
  })

  test('cannot move the cursor, colour the terminal or set its title', () => {
    const escape = '\u001b'
    expect(oneLine(`${escape}[31mred${escape}[0m ${escape}]0;title\u0007done\r\nnext\u0000`)).toBe(
      'red done next\u{fffd}'
    )
    expect(safeLines(`a\r${escape}[2Kb\nc\td\u202ee`)).toBe('a\nb\nc    d\u{fffd}e')
  })

  test('leaves text in any language alone', () => {
    expect(oneLine('Überraschung 発行 ✓ naïve')).toBe('Überraschung 発行 ✓ naïve')
  })
})
