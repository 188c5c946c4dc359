/** A place in a text: 1-based line and column as editors and the runner's annotations count them (UTF-16 units). */
export interface Position {
  readonly line: number
  readonly column: number
}

/** From the first character to the one behind the last. */
export interface Span {
  readonly start: Position
  readonly end: Position
}
