/** A `Description-Content-Type`, or what is wrong with it. */
export type DescriptionType =
  { readonly type: 'text/plain' | 'text/x-rst' | 'text/markdown' } | { readonly wrong: string }

/**
 * Reads a description's content type as PyPI accepts it: one of three types, charset UTF-8, Markdown variant GFM or
 * CommonMark (core metadata, "Description-Content-Type").
 */
export function parseDescriptionType(text: string): DescriptionType {
  const [first = '', ...rest] = text.split(';')
  const type = types.find((each) => each === first.trim().toLowerCase())
  if (type === undefined) return { wrong: `must be one of ${types.join(', ')}` }
  const parameters = new Map<string, string>()
  for (const parameter of rest) {
    const match = /^\s*([^\s=;"'()<>@,:\\/[\]?]+)\s*=\s*(?:"([^"\\]*)"|([^\s=;"()<>@,:\\/[\]?]+))\s*$/.exec(parameter)
    if (match === null) return { wrong: `the parameter "${parameter.trim()}" is not of the form name=value` }
    const name = (match[1] ?? '').toLowerCase()
    if (parameters.has(name)) return { wrong: `the parameter "${name}" stands twice` }
    parameters.set(name, match[2] ?? match[3] ?? '')
  }
  const charset = parameters.get('charset')
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') return { wrong: 'the only charset allowed is UTF-8' }
  const variant = parameters.get('variant')
  if (type === 'text/markdown' && variant !== undefined && variant !== 'GFM' && variant !== 'CommonMark') {
    return { wrong: 'the Markdown variant is neither GFM nor CommonMark' }
  }
  return { type }
}

const types = ['text/plain', 'text/x-rst', 'text/markdown'] as const
