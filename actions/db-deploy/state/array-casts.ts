/**
 * An expression with each cast of an array taken to its elements: `(ARRAY['a'::character varying])::text[]` becomes
 * `ARRAY[('a'::character varying)::text]`. PostgreSQL writes the first of `status IN ('a', 'b')` on a varchar, and makes the
 * second of it when it reads it again (parse_expr.c, transformTypeCast: the type is passed down to an ARRAY[…]): so the same
 * constraint is another text after pg_dump and pg_restore. What is in quotes stays as it is.
 *
 * @param text as the pg_get_… functions write it
 */
export function castsOfElements(text: string): string {
  let written = ''
  for (let at = 0; at < text.length;) {
    const cast = castAt(text, at)
    const piece = cast?.written ?? quotedAt(text, at) ?? text.charAt(at)
    written += piece
    at += cast?.length ?? piece.length
  }
  return written
}

/** With brackets around what is cast; pg_get_statisticsobjdef leaves out those that need not be. */
const opening = /(?<![\w"$])\(?ARRAY\[/y
/** A type as format_type has it: `character varying(10)`, `timestamp(3) without time zone`, `public."Mood"`. */
const type = /\](\)?)::((?:"(?:[^"]|"")*"|[\w$. ]|\(\d+(?:,\d+)?\))+)\[\]/y

interface Cast {
  /** Of what it stands for. */
  readonly length: number
  readonly written: string
}

function castAt(text: string, at: number): Cast | undefined {
  const begin = endOf(opening, text, at)
  if (begin === undefined) return undefined
  const elements = elementsFrom(text, begin)
  type.lastIndex = elements.end
  const [whole, closing, name] = type.exec(text) ?? []
  const bracketed = text.charAt(at) === '('
  if (whole === undefined || name === undefined || bracketed !== (closing === ')')) return undefined
  const cast = (element: string): string => {
    const written = castsOfElements(element)
    return bracketed ? `(${written})::${name}` : `${written}::${name}`
  }
  return { length: elements.end + whole.length - at, written: castAll(elements.texts, cast) }
}

/** An array in the array is cast in its elements, too. */
function castAll(elements: readonly string[], cast: (element: string) => string): string {
  const written = elements.map((element) => {
    const inner = element.startsWith('ARRAY[') ? elementsFrom(element, 'ARRAY['.length) : undefined
    return inner?.end === element.length - 1 ? castAll(inner.texts, cast) : cast(element)
  })
  return `ARRAY[${written.join(', ')}]`
}

/** What stands between the commas up to the bracket that ends them, and where that bracket is. */
function elementsFrom(text: string, begin: number): { readonly texts: readonly string[]; readonly end: number } {
  const texts: string[] = []
  let depth = 0
  let from = begin
  let at = begin
  for (; at < text.length; at += quotedAt(text, at)?.length ?? 1) {
    const sign = text.charAt(at)
    if (depth === 0 && sign === ']') break
    if (sign === '(' || sign === '[') depth += 1
    if (sign === ')' || sign === ']') depth -= 1
    if (depth === 0 && sign === ',') {
      texts.push(text.slice(from, at).trim())
      from = at + 1
    }
  }
  texts.push(text.slice(from, at).trim())
  return { texts: texts.filter((each) => each !== ''), end: at }
}

/** `E'…'` needs no rule of its own: pg_get_… doubles a quote in it, too. */
const quoted = /'(?:[^']|'')*'|"(?:[^"]|"")*"/y

function quotedAt(text: string, at: number): string | undefined {
  const end = endOf(quoted, text, at)
  return end === undefined ? undefined : text.slice(at, end)
}

function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}
