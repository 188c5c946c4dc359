/**
 * What Python takes for white space in text (`str.isspace`, `\s`), as the inside of a character class. JavaScript's `\s`
 * has the byte order mark and lacks the separators U+001C to U+001F and U+0085.
 */
export const pythonSpace = String.raw`\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`

const edges = new RegExp(`^[${pythonSpace}]+|[${pythonSpace}]+$`, 'g')

/** `str.strip()` */
export function pythonStrip(text: string): string {
  return text.replaceAll(edges, '')
}

/** `str.split()`: words between white space. */
export function pythonSplit(text: string): string[] {
  return text.split(new RegExp(`[${pythonSpace}]+`)).filter((word) => word !== '')
}

/** Whether `ast.literal_eval` reads a text in quotes: one line, and no escape that Python does not finish. */
export function isPythonString(quoted: string): boolean {
  const inside = quoted.slice(1, -1)
  if (/[\n\r\0]/.test(inside) || /(?:^|[^\\])(?:\\\\)*\\$/.test(inside)) return false
  return ![...inside.matchAll(/\\(.)/gs)].some(({ 1: letter = '', index }) => {
    const pattern = escapes[letter]
    return pattern !== undefined && !pattern.test(inside.slice(index + 2))
  })
}

/** What must follow `\x`, `\u`, `\U` and `\N`. */
const escapes: Readonly<Record<string, RegExp>> = {
  x: /^[0-9a-f]{2}/i,
  u: /^[0-9a-f]{4}/i,
  U: /^(?:000[0-9a-f]|0010)[0-9a-f]{4}/i,
  N: /^\{[^}]+\}/
}
