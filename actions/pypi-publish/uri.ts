/**
 * True for what PyPI takes as a link: an http or https URI. PyPI asks for the grammar of RFC 3986 too, but the library
 * it asks lets nearly all pass (spaces, letters of any kind), and what PyPI takes is not refused here; only the port
 * must be one.
 * @see https://github.com/pypi/warehouse/blob/main/warehouse/utils/http.py `is_valid_uri`
 */
export function isLinkUri(text: string): boolean {
  // RFC 3986, appendix B: splits every string into scheme, authority and the rest.
  const [, scheme, authority = ''] = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?/.exec(text) ?? []
  if (scheme === undefined || !/^https?$/i.test(scheme)) return false
  const port = /^(?:[^@]*@)?[A-Za-z0-9._~!$&'()*+,;=-]*:(\d{1,5})$/.exec(authority)?.[1]
  return port === undefined || Number(port) <= 65_535
}
