import deprecated from 'spdx-license-ids/deprecated.json' with { type: 'json' }
import current from 'spdx-license-ids/index.json' with { type: 'json' }

/** What an SPDX licence expression names, or what is wrong with it. */
export type LicenseExpression =
  | {
      /** Exceptions after WITH. There is no list of them here, so they are not checked. */
      readonly exceptions: readonly string[]
    }
  | { readonly wrong: string }

/**
 * Checks an SPDX expression by the rules of `packaging.licenses`: operators and identifiers in any case, `LicenseRef-…`
 * allowed, `WITH` only after a single licence.
 * @see https://peps.python.org/pep-0639/ and https://spdx.github.io/spdx-spec/v2.2.2/SPDX-license-expressions/
 */
export function parseLicenseExpression(text: string): LicenseExpression {
  const words = text
    .replaceAll(/[()]/g, ' $& ')
    .split(/\s+/)
    .filter((word) => word !== '')
  const exceptions: string[] = []
  let at = 0
  let depth = 0
  let wrong: string | undefined

  const operator = (): string | undefined => {
    const word = words[at]?.toLowerCase()
    return word !== undefined && reserved.has(word) ? word : undefined
  }
  const identifier = (what: string): string | undefined => {
    const word = words[at]
    if (word === undefined || operator() !== undefined) {
      wrong ??= `expected ${what} ${word === undefined ? 'at the end' : `before "${word}"`}`
      return undefined
    }
    at++
    return word
  }
  const license = (): void => {
    const id = identifier('a licence')
    if (id === undefined) return
    wrong ??= wrongLicense(id)
    if (operator() !== 'with') return
    at++
    const exception = identifier('an exception')
    if (exception !== undefined) exceptions.push(exception)
  }
  const term = (): void => {
    if (operator() !== '(') {
      license()
      return
    }
    at++
    if (++depth > 50) wrong ??= 'the parentheses are nested too deep'
    if (wrong === undefined) expression()
    if (operator() === ')') at++
    else wrong ??= 'a ")" is missing'
    depth--
  }
  const expression = (): void => {
    term()
    while (wrong === undefined && (operator() === 'and' || operator() === 'or')) {
      at++
      term()
    }
  }

  expression()
  if (wrong === undefined && at < words.length)
    wrong = `"${words[at] ?? ''}" stands where AND, OR or the end is expected`
  return wrong === undefined ? { exceptions } : { wrong }
}

const reserved = new Set(['and', 'or', 'with', '(', ')'])
const known = new Map([...current, ...deprecated].map((id) => [id.toLowerCase(), id]))

function wrongLicense(id: string): string | undefined {
  if (/^licenseref-/i.test(id)) {
    return /^licenseref-[a-z0-9.-]+$/i.test(id) ? undefined : `"${id}" is no valid LicenseRef`
  }
  const name = id.endsWith('+') ? id.slice(0, -1) : id
  return known.has(name.toLowerCase()) ? undefined : `"${name}" is no SPDX licence identifier`
}
