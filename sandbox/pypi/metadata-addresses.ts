/**
 * Whether a text is an address on the web by RFC 3986: http or https, no authority needed, no characters that must be
 * escaped (warehouse/utils/http.py, `is_valid_uri`).
 */
export function isWebAddress(text: string): boolean {
  return /^https?:(?:\/\/(?:[\w.~!$&'()*+,;=:%-]*@)?(?:\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?)?(?:(?:[\w.~!$&'()*+,;=:@/-]|%[0-9a-f]{2})*)(?:\?(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*)?(?:#.*)?$/i.test(
    text
  )
}

/** Local part and domain by the letters that RFC 5321 and IDNA allow; whether the domain exists is not asked. */
export function isEmailAddress(text: string): boolean {
  const at = text.lastIndexOf('@')
  const local = text.slice(0, at)
  const domain = text.slice(at + 1)
  if (at < 1 || local.length > 64 || domain.length > 253) return false
  if (!/^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u.test(local)) return false
  const labels = domain.split('.')
  return labels.length > 1 && labels.every((label) => /^[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u.test(label))
}
