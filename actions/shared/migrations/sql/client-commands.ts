/** What is not SQL but psql's own. UTF-16 offsets. */
export interface ClientCommand {
  readonly start: number
  readonly end: number
  readonly why: string
}

/**
 * Takes out what only psql understands: its commands, which begin a line with a backslash, and the rows that follow
 * `COPY … FROM stdin;`. pg_dump writes both. Spaces stand in their place, so that every other offset stays.
 */
export function withoutClientCommands(sql: string): {
  readonly sql: string
  readonly commands: readonly ClientCommand[]
} {
  const commands: ClientCommand[] = []
  const kept: string[] = []
  let start = 0
  let rowsFrom: number | undefined
  for (const line of sql.split('\n')) {
    const end = start + line.trimEnd().length
    const isCommand = line.startsWith('\\')
    kept.push(isCommand || rowsFrom !== undefined ? ' '.repeat(line.length) : line)
    if (rowsFrom !== undefined) {
      if (line.trimEnd() === '\\.') {
        commands.push({ start: rowsFrom, end, why: 'the rows of a COPY' })
        rowsFrom = undefined
      }
    } else if (isCommand)
      commands.push({ start, end, why: `a command of psql: ${line.trim().split(/\s/, 1).join('')}` })
    else if (isCopyFromStdin(line)) rowsFrom = start + line.length + 1
    start += line.length + 1
  }
  if (rowsFrom !== undefined) commands.push({ start: rowsFrom, end: sql.length, why: 'the rows of a COPY' })
  return { sql: kept.join('\n'), commands }
}

/** pg_dump writes it in one line. */
function isCopyFromStdin(line: string): boolean {
  return /^copy\s/i.test(line) && /\sfrom\s+stdin\b[^;]*;\s*$/i.test(line.slice(-1000))
}
