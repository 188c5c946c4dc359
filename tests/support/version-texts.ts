import { fractionsFrom } from './random.ts'
/** Version texts that look alike enough to collide, and odd enough to trip a parser; the same ones for the same seed. */
export interface VersionTexts {
  /** Valid in PEP 440, in every spelling it allows. */
  pep440(count: number): readonly string[]
  /** Valid in SemVer 2.0. */
  semver(count: number): readonly string[]
  /** Each text with one to three small changes: some stay valid, most do not. */
  nearly(texts: readonly string[]): readonly string[]
}

export function createVersionTexts(seed: number): VersionTexts {
  const random = fractionsFrom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const pick = <T>(items: readonly [T, ...T[]]): T => items[below(items.length)] ?? items[0]
  const maybe = (chance: number, text: () => string): string => (random() < chance ? text() : '')
  const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)
  const anyCase = (text: string): string =>
    random() < 0.7 ? text : text.replaceAll(/[a-z]/g, (letter) => pick([letter, letter.toUpperCase()]))

  // Mostly small, so that pairs meet; sometimes a date, a date with time, or beyond what a double can hold.
  const number = (): string =>
    pick([
      '0',
      '0',
      '1',
      '1',
      '2',
      '9',
      '10',
      '11',
      pick(['20260819', '20260819123456', '9007199254740993', `9${below(1e9)}0000000000000000`])
    ])
  const padded = (): string => maybe(0.1, () => pick(['0', '00'])) + number()
  const separator = (): string => pick(['', '', '.', '-', '_'])
  const space = (): string =>
    maybe(0.1, () =>
      pick([
        ' ',
        '\t',
        '\n',
        '\r\n',
        '\v',
        '\f',
        '\x1c',
        '\x1f',
        '\x85',
        '\xa0',
        '\u1680',
        '\u2003',
        '\u2028',
        '\u2029',
        '\u202f',
        '\u205f',
        '\u3000'
      ])
    )

  const pre = (): string =>
    separator() +
    anyCase(pick(['a', 'b', 'c', 'rc', 'alpha', 'beta', 'pre', 'preview'])) +
    separator() +
    maybe(0.8, padded)
  const post = (): string =>
    pick([
      () => `-${padded()}`,
      () => separator() + anyCase(pick(['post', 'rev', 'r'])) + separator() + maybe(0.8, padded)
    ])()
  const dev = (): string => separator() + anyCase('dev') + separator() + maybe(0.8, padded)
  const local = (): string =>
    `+${times(1 + below(3), () => anyCase(pick([padded(), 'abc', 'ab', 'ubuntu', '1a', 'a1', '0']))).reduce((text, part) => text + pick(['.', '-', '_']) + part)}`
  const pep440 = (): string =>
    space() +
    maybe(0.2, () => pick(['v', 'V'])) +
    maybe(0.1, () => `${padded()}!`) +
    times(1 + below(4), padded).join('.') +
    maybe(0.4, pre) +
    maybe(0.25, post) +
    maybe(0.25, dev) +
    maybe(0.2, local) +
    space()

  const identifier = (): string =>
    pick([
      number(),
      number(),
      'alpha',
      'beta',
      'rc',
      'Alpha',
      'x',
      '-',
      'a-b',
      '-1',
      '0a',
      '00a',
      'canary',
      'dev',
      'post',
      'rc1'
    ])
  const semver = (): string =>
    times(3, number).join('.') +
    maybe(0.6, () => `-${times(1 + below(3), identifier).join('.')}`) +
    maybe(0.2, () => `+${times(1 + below(2), () => pick([identifier(), '001', 'build'])).join('.')}`)

  const odd = [
    '.',
    '..',
    '-',
    '_',
    '+',
    '!',
    ' ',
    '0',
    '1',
    'a',
    'b',
    'c',
    'r',
    'rc',
    'v',
    'dev',
    'post',
    'pre',
    '\n',
    '\0',
    '\ufeff',
    '\u200b',
    '١',
    '１',
    'ｖ',
    'İ',
    'ı',
    'ſ',
    'K',
    '²',
    '😀'
  ] as const
  const change = (text: string): string => {
    const at = below(text.length + 1)
    return text.slice(0, at) + maybe(0.7, () => pick(odd)) + text.slice(at + below(2))
  }

  return {
    pep440: (count) => times(count, pep440),
    semver: (count) => times(count, semver),
    nearly: (texts) =>
      texts.map((text) =>
        times(1 + below(3), () => 0)
          .reduce((changed) => change(changed), text)
          .toWellFormed()
      )
  }
}
