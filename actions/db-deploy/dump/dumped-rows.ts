/** The rows of a dump, as its own data says them. */
export interface DumpedRows {
  /** Rows by table, as SQL writes its name: `public."odd name"`. */
  readonly tables: ReadonlyMap<string, number>
  /** How many tables' data were read to their ends; a table may come in several. */
  readonly blocks: number
  /** Whether the sentence stood at the end by which pg_restore says that it is whole. */
  readonly complete: boolean
}

/**
 * Counts the rows in the script that `pg_restore --data-only` writes, as it comes. A COPY's rows end with a line `\.`; no
 * row looks like that, as COPY writes a backslash twice (PostgreSQL, "COPY", text format).
 */
export function createRowCounter(): { take(piece: Buffer): void; end(): DumpedRows } {
  const tables = new Map<string, number>()
  let blocks = 0
  let complete = false
  /** The table whose rows come now. */
  let table: string | undefined
  let rows = 0
  /** The beginning of a COPY whose names hold a line break. */
  let heading: string | undefined
  /** The beginning of the line that is not at its end yet. */
  let held = Buffer.alloc(0)
  let heldBytes = 0

  const hold = (piece: Buffer): void => {
    heldBytes += piece.length
    const room = (table === undefined ? longestLine : endOfRows.length + 1) - held.length
    if (room > 0) held = Buffer.concat([held, piece.subarray(0, room)])
  }
  const endLine = (): void => {
    if (table !== undefined) {
      if (heldBytes === endOfRows.length && held.equals(endOfRows)) {
        tables.set(table, (tables.get(table) ?? 0) + rows)
        blocks += 1
        table = undefined
      } else {
        rows += 1
      }
    } else {
      readLine(held.toString('utf8'))
    }
    held = Buffer.alloc(0)
    heldBytes = 0
  }
  const readLine = (line: string): void => {
    if (line === '-- PostgreSQL database dump complete') complete = true
    if (heading === undefined && !line.startsWith('COPY ')) return
    heading = heading === undefined ? line : `${heading}\n${line}`
    if (!heading.endsWith(' FROM stdin;')) return
    table = copied.exec(heading)?.[1]
    heading = undefined
    rows = 0
  }
  return {
    take(piece) {
      let from = 0
      for (let at = piece.indexOf(lineFeed); at !== -1; at = piece.indexOf(lineFeed, from)) {
        // Most lines are rows, and lie in one piece.
        if (
          table !== undefined &&
          heldBytes === 0 &&
          !(at - from === 2 && piece[from] === 0x5c && piece[from + 1] === 0x2e)
        ) {
          rows += 1
        } else {
          hold(piece.subarray(from, at))
          endLine()
        }
        from = at + 1
      }
      if (from < piece.length) hold(piece.subarray(from))
    },
    end: () => ({ tables, blocks, complete: complete && table === undefined })
  }
}

const lineFeed = 0x0a
const endOfRows = Buffer.from('\\.')
/** Bytes of a line outside of rows; those that are longer are large objects, and INSERTs of a dump that has no COPY. */
const longestLine = 65_536

/** `COPY public."odd ""name" (id, "co l") FROM stdin;`; a table without columns has two blanks there. */
const copied = /^COPY ((?:"(?:[^"]|"")*"|[^\s".]+)\.(?:"(?:[^"]|"")*"|[^\s".]+)) /
