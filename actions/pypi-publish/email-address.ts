import { domainToASCII } from 'node:url'

/**
 * What is wrong with an `Author-email` or `Maintainer-email`, or `undefined`. PyPI looks at a field that holds a single
 * address, `Name <user@host>` or `user@host`; a list of several is taken as it is (Python's `email.utils.parseaddr`
 * gives nothing for a list), and so is a value without any address.
 */
export function wrongEmailField(field: string): string | undefined {
  const entries = splitList(field)
  if (entries.length !== 1) return undefined
  const entry = entries[0] ?? ''
  const angle = /<([^<>]*)>\s*$/.exec(entry)
  const address = (angle?.[1] ?? entry).trim()
  // Quoted names, comments and a second @ are beyond this reader, and mostly beyond `parseaddr`, which then gives nothing.
  return address === '' || /["()]|@.*@/.test(entry) ? undefined : wrongAddress(address)
}

/** Splits at commas that stand outside quotes, comments and angle brackets. */
function splitList(text: string): readonly string[] {
  const parts: string[] = ['']
  let quoted = false
  let depth = 0
  for (const character of text) {
    if (character === '"') quoted = !quoted
    else if (!quoted && (character === '(' || character === '<')) depth++
    else if (!quoted && (character === ')' || character === '>')) depth--
    if (character === ',' && !quoted && depth === 0) parts.push('')
    else parts.push((parts.pop() ?? '') + character)
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

/** The rules of the `email-validator` library that PyPI calls, without looking the domain up. */
function wrongAddress(address: string): string | undefined {
  const at = address.lastIndexOf('@')
  if (at < 0) return 'there is no @'
  const local = address.slice(0, at)
  const domain = address.slice(at + 1)
  if (!/^[^\s"(),:;<>@[\\\]\p{Cc}.]+(?:\.[^\s"(),:;<>@[\\\]\p{Cc}.]+)*$/u.test(local))
    return `"${local}" cannot stand before the @`
  const ascii = domainToASCII(domain)
  const labels = ascii.split('.')
  if (labels.some((label) => !/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(label)))
    return `"${domain}" is no domain name`
  if (labels.length < 2) return `the domain "${domain}" has no dot`
  const last = labels.at(-1)?.toLowerCase() ?? ''
  if (!/[a-z]$/.test(last)) return `the domain "${domain}" does not end in a top-level domain`
  if (specialUse.has(last)) return `".${last}" is no domain of the public internet`
  if (ascii.length > 253 || local.length + ascii.length + 1 > 254) return 'the address is too long'
  return undefined
}

/** Reserved names that email-validator refuses (RFC 6761, 6762, 7686, 8375). */
const specialUse = new Set(['arpa', 'invalid', 'local', 'localhost', 'onion', 'test'])
