import { pythonSpace, pythonStrip } from './python-text.ts'

const space = `[${pythonSpace}]*`
const pre = String.raw`(?:[-_.]?(?:alpha|beta|preview|pre|a|b|c|rc)[-_.]?[0-9]*)?`
const post = String.raw`(?:-[0-9]+|[-_.]?(?:post|rev|r)[-_.]?[0-9]*)?`
const dev = String.raw`(?:[-_.]?dev[-_.]?[0-9]*)?`
const local = String.raw`(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?`
const release = String.raw`${space}v?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*`
const longRelease = String.raw`${space}v?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)+`

/**
 * One version specifier. Arbitrary equality takes nearly anything; `==` and `!=` take `.*` or a local version; `~=`
 * wants two release numbers.
 * @see https://packaging.python.org/en/latest/specifications/version-specifiers/#version-specifiers
 */
export const specifierPattern = [
  `===${space}[^${pythonSpace};)]*`,
  `(?:==|!=)${release}(?:\\.\\*|${pre}${post}${dev}${local})`,
  `~=${longRelease}${pre}${post}${dev}`,
  `(?:<=|>=|<|>)${release}${pre}${post}${dev}`
].join('|')

const wholeSpecifier = new RegExp(`^(?:${specifierPattern})$`, 'i')

/** Whether a text is a comma-separated set of version specifiers; the empty set is one. */
export function isSpecifierSet(text: string): boolean {
  return text
    .split(',')
    .map(pythonStrip)
    .every((specifier) => specifier === '' || wholeSpecifier.test(specifier))
}
