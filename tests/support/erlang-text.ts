/**
 * A value as it stands in metadata.config: text is a binary, an object a list of pairs, `true` an atom. `undefined`
 * leaves a key out.
 */
export type Term =
  string | number | bigint | boolean | Spelled | readonly Term[] | { readonly [key: string]: Term | undefined }

/** Erlang text that is written as it is. */
export interface Spelled {
  readonly [spelled]: string
}

const spelled = Symbol('Erlang text')

/** Erlang text that is written as it is, for spellings that no writer chooses. */
export function erlang(text: string): Spelled {
  return { [spelled]: text }
}

/** The text as Mix writes it where it has a tab, a newline or another control character: `<<97,98>>`. */
export function byteList(text: string): Spelled {
  return erlang(`<<${[...Buffer.from(text)].join(',')}>>`)
}

/** Pairs in an order, and with keys twice, that an object cannot have. */
export function pairs(...list: readonly (readonly [Term, Term])[]): Spelled {
  return erlang(`[${list.map(([key, value]) => `{${erlangText(key)},${erlangText(value)}}`).join(',')}]`)
}

/** One term of Erlang. */
export function erlangText(term: Term): string {
  if (typeof term === 'string') return binary(term)
  if (isSpelled(term)) return term[spelled]
  if (isList(term)) return `[${term.map(erlangText).join(',')}]`
  if (typeof term !== 'object') return String(term)
  const entries = Object.entries(term).flatMap(([key, value]) =>
    value === undefined ? [] : [`{${binary(key)},${erlangText(value)}}`]
  )
  return `[${entries.join(',')}]`
}

/** metadata.config of these keys, in their order. */
export function erlangForms(metadata: Readonly<Record<string, Term | undefined>>): string {
  return Object.entries(metadata)
    .flatMap(([key, value]) => (value === undefined ? [] : [`{${binary(key)},${erlangText(value)}}.\n`]))
    .join('')
}

function binary(text: string): string {
  if (/\p{Cc}/u.test(text)) return `<<${[...Buffer.from(text)].join(',')}>>`
  const quoted = `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  return /^[\x20-\x7e]*$/.test(text) ? `<<${quoted}>>` : `<<${quoted}/utf8>>`
}

function isSpelled(term: Term): term is Spelled {
  return typeof term === 'object' && spelled in term
}

function isList(term: Term): term is readonly Term[] {
  return Array.isArray(term)
}
