import type { Position, Span } from '../position.ts'
import { filePlace } from '../sql/source-text.ts'

/** Turns offsets of a text (UTF-16 units) into lines and columns. */
export interface Positions {
  readonly at: (offset: number) => Position
  readonly span: (start: number, end: number) => Span
}

export function positionsOf(text: string): Positions {
  const { at } = filePlace(text)
  return { at, span: (start, end) => ({ start: at(start), end: at(end) }) }
}
