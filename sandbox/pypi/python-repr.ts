const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A string as Python's `repr` writes it, which is how PyPI's messages quote what was sent. */
export function pythonRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll(/[\\\p{C}\p{Zl}\p{Zp}]/gu, escapeCharacter)
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote
}

/** A list of strings as Python's `repr` writes it. */
export function pythonReprList(texts: readonly string[]): string {
  return `[${texts.map(pythonRepr).join(', ')}]`
}

function escapeCharacter(character: string): string {
  const known = escapes[character]
  if (known !== undefined) return known
  const hex = (character.codePointAt(0) ?? 0).toString(16)
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
