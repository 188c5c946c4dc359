/** A string of a migration, with the way back to where each of its characters was written. */
export interface Text {
  readonly value: string
  readonly pieces: readonly Piece[]
  /** Interpolations whose value is not known; a placeholder stands for each in `value`. */
  readonly computed: readonly Computed[]
}

interface Piece {
  /** Offset in the value. */
  readonly at: number
  /** Offset in the file. */
  readonly source: number
  /** Written character by character as in the file; otherwise all of it stands at `source`: `\n`, `#{@table}`. */
  readonly verbatim: boolean
}

export interface Computed {
  readonly placeholder: string
  /** As written between the braces. */
  readonly expression: string
}

export function textAt(value: string, source: number): Text {
  return { value, pieces: [{ at: 0, source, verbatim: false }], computed: [] }
}

/** The same text, all of it at one place. */
export function movedTo(text: Text, source: number): Text {
  return { ...text, pieces: [{ at: 0, source, verbatim: false }] }
}

export function placeholderAt(computed: Computed, source: number): Text {
  return { ...textAt(computed.placeholder, source), computed: [computed] }
}

export function verbatimText(value: string, source: number): Text {
  return { value, pieces: [{ at: 0, source, verbatim: true }], computed: [] }
}

export function joinTexts(texts: readonly Text[]): Text {
  let length = 0
  const pieces: Piece[] = []
  for (const text of texts) {
    for (const piece of text.pieces) pieces.push({ ...piece, at: piece.at + length })
    length += text.value.length
  }
  return { value: texts.map((text) => text.value).join(''), pieces, computed: texts.flatMap((text) => text.computed) }
}

/** The same text where each placeholder is written otherwise. */
export function withPlaceholders(text: Text, placeholder: string): Text {
  const parts: Text[] = []
  let rest = 0
  const push = (end: number): void => {
    if (end > rest) parts.push(sliceText(text, rest, end))
    rest = end
  }
  for (const computed of text.computed) {
    const at = text.value.indexOf(computed.placeholder, rest)
    if (at < 0) continue
    push(at)
    parts.push(placeholderAt({ ...computed, placeholder }, sourceOffset(text, at)))
    rest = at + computed.placeholder.length
  }
  push(text.value.length)
  return joinTexts(parts)
}

function sliceText(text: Text, start: number, end: number): Text {
  const pieces: Piece[] = [{ at: 0, source: sourceOffset(text, start), verbatim: verbatimAt(text, start) }]
  for (const piece of text.pieces) {
    if (piece.at > start && piece.at < end) pieces.push({ ...piece, at: piece.at - start })
  }
  return { value: text.value.slice(start, end), pieces, computed: [] }
}

/** Where in the file the character stands that is at this offset of the value. */
export function sourceOffset(text: Text, offset: number): number {
  const piece = pieceAt(text, offset)
  if (piece === undefined) return 0
  return piece.verbatim ? piece.source + offset - piece.at : piece.source
}

function verbatimAt(text: Text, offset: number): boolean {
  return pieceAt(text, offset)?.verbatim ?? false
}

function pieceAt(text: Text, offset: number): Piece | undefined {
  let low = 0
  let high = text.pieces.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((text.pieces[middle]?.at ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return text.pieces[low]
}
