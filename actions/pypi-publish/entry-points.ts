/**
 * What is wrong with a wheel's `entry_points.txt`, or `undefined`. The rules are those of Python's configparser with
 * `=` alone as the delimiter, names kept as written; PyPI adds that names of scripts hold letters, digits, `_`, `.`,
 * `-` only (pypi/warehouse `validate_entrypoints`).
 * @see https://packaging.python.org/en/latest/specifications/entry-points/#file-format
 */
export function wrongEntryPoints(text: string): string | undefined {
  const sections = new Set<string>()
  let section: string | undefined
  let names = new Set<string>()
  let indent = 0
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    const where = `line ${index + 1}`
    const content = line.trim()
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue
    const depth = line.length - line.trimStart().length
    // A line indented deeper than the entry before goes on with its value.
    if (section !== undefined && names.size > 0 && depth > indent) continue
    indent = depth
    const header = /^\[(.+)\]/.exec(content)
    if (header !== null) {
      section = header[1] ?? ''
      if (sections.has(section)) return `${where}: the section [${section}] stands twice`
      sections.add(section)
      names = new Set()
      continue
    }
    if (section === undefined) return `${where}: there is an entry before the first section`
    const equals = content.indexOf('=')
    if (equals < 1) return `${where}: "${content}" is not of the form name = value`
    const name = content.slice(0, equals).trim()
    if (names.has(name)) return `${where}: "${name}" stands twice in [${section}]`
    names.add(name)
    const script = section === 'console_scripts' || section === 'gui_scripts'
    if (script && !/^[\p{L}\p{N}_.-]+$/u.test(name)) return `${where}: "${name}" cannot be the name of a script`
  }
  return undefined
}
