/**
 * True for what PyPI takes as a link: an http or https URI by the grammar of RFC 3986, the host left open. Spaces,
 * quotes and non-ASCII letters must be percent-encoded.
 */
export function isLinkUri(text: string): boolean {
  // RFC 3986, appendix B: splits every string into the five components.
  const match = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#[\s\S]*)?$/.exec(text)
  if (match === null) return false
  const [, scheme, authority, path = '', query = ''] = match
  if (scheme === undefined || !/^https?$/i.test(scheme)) return false
  return (authority === undefined || isAuthority(authority)) && segments.test(path) && queryCharacters.test(query)
}

const segments = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/
const queryCharacters = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*$/
const userinfo = /^(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*$/
const registeredName = /^(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$/

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf('@')
  if (at >= 0 && !userinfo.test(authority.slice(0, at))) return false
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority.slice(at + 1)) ?? [undefined, ' ']
  if (!/^\d*$/.test(port) || Number(port) > 65_535) return false
  return host.startsWith('[') ? /^\[[0-9A-Fa-f:.]+(?:%25[A-Za-z0-9._~-]+)?\]$/.test(host) : registeredName.test(host)
}
