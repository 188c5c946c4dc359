/** One line of a wheel's RECORD. */
export interface RecordEntry {
  readonly path: string
  /** `sha256=…`, URL-safe base64 without padding; empty for RECORD itself and its signatures. */
  readonly hash: string
}

/**
 * Reads RECORD, a CSV file as Python's `csv` module writes it: fields with commas or quotes stand in quotes.
 * @see https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file
 */
export function parseRecord(text: string): readonly RecordEntry[] {
  const entries: RecordEntry[] = []
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line === '') continue
    const [path = '', hash = ''] = csvFields(line)
    // Wheels built on Windows long ago have back slashes.
    entries.push({ path: path.replaceAll('\\', '/'), hash })
  }
  return entries
}

function csvFields(line: string): readonly string[] {
  return Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), (match) =>
    match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"')
  )
}
