/** What a review's body says about a bypass. */
export type BypassLine =
  | { readonly kind: 'none' }
  | { readonly kind: 'written'; readonly reason: string; /** YYYY-MM-DD */ readonly until: string }
  /** Somebody meant one and wrote it otherwise; `why` is a sentence. */
  | { readonly kind: 'unreadable'; readonly why: string }

/** What a reviewer writes, as a user is told. */
export const bypassForm = 'ALLOW_CORE_MIGRATION: reason, until YYYY-MM-DD'

/** A word or two says nothing to those who read it in a year. Characters. */
export const shortestReason = 10

/**
 * Finds the line `ALLOW_CORE_MIGRATION: reason, until DATE` anywhere in the body of a review. It must be seen, as the
 * reviewer's own words, by whoever reads the review: lines in HTML, quotes and code blocks do not count. The first that
 * is right counts; where none is, the first that was meant as one says why it is not.
 * @param body Markdown of the review
 */
export function readBypassLine(body: string): BypassLine {
  const found = linesOf(body).map(({ line, within }) => {
    const read = readLine(line)
    return within === undefined || read.kind === 'none'
      ? read
      : unreadable(`the line stands in ${within}, where it does not count`)
  })
  return (
    found.find(({ kind }) => kind === 'written') ??
    found.find(({ kind }) => kind === 'unreadable') ?? { kind: 'none' as const }
  )
}

interface Line {
  readonly line: string
  /** What GitHub shows it in, where that is not plain text. */
  readonly within?: string
}

/**
 * Without HTML comments, fenced and indented code, and lines that begin as a quote: whoever writes there shows the line
 * to somebody (CommonMark §4.4, §4.5, §5.1). What goes on in a quote, or in an element that is not closed, only looks
 * like text to its author.
 */
function linesOf(body: string): readonly Line[] {
  const found: Line[] = []
  let fence: string | undefined
  let quote = false
  let open: readonly string[] = []
  for (const line of withoutComments(body.replaceAll(/\r\n?/g, '\n')).split('\n')) {
    // What stands behind backticks that open a block has none itself; else it is code within the line (§4.5).
    const mark = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1]
    const isQuote = /^ {0,3}>/.test(line)
    if (fence !== undefined) {
      if (mark?.startsWith(fence) === true && line.trim() === mark) fence = undefined
      continue
    }
    quote = isQuote || (quote && line.trim() !== '')
    if (mark !== undefined) fence = mark
    else if (!isQuote && !/^(?: {4}|\t)/.test(line)) {
      const [element] = open
      if (element !== undefined) found.push({ line: line.trim(), within: `\`<${element}>\`` })
      else found.push({ line: line.trim(), ...(quote ? { within: 'a quote, which an empty line would end' } : {}) })
    }
    open = openAfter(line, open)
  }
  return found
}

/** In code within a line, `<!--` is text. */
function withoutComments(body: string): string {
  return body.replaceAll(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)|<!--[\s\S]*?(?:-->|$)/g, (found, code?: string) =>
    code === undefined ? '' : found
  )
}

/** Elements that are open behind a line; those that have no end, and code, aside. */
function openAfter(line: string, before: readonly string[]): readonly string[] {
  const text = line.replaceAll(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, '')
  let open = [...before]
  for (const [, slash, written = ''] of text.matchAll(/<(\/?)([a-z][a-z0-9-]*)(?=[\s/>])/gi)) {
    const name = written.toLowerCase()
    if (slash === '/') open = open.includes(name) ? open.slice(0, open.lastIndexOf(name)) : open
    else if (!withoutEnd.has(name) && open.length < mostOpen) open.push(name)
  }
  return open
}

const withoutEnd: ReadonlySet<string> = new Set(['br', 'hr', 'img', 'input', 'source', 'wbr', 'col', 'p', 'li'])

/** Nobody nests more; and a body may be made of nothing else. */
const mostOpen = 50

/** The word as people misremember it, with what Markdown puts around and before it. */
const meant = /^[-*+_`\s]*allow[-_\s]*core[-_\s]*migrations?[*_`]*\s*(?<rest>.*)$/i

function readLine(line: string): BypassLine {
  const rest = meant.exec(line)?.groups?.['rest']
  // The word inside a sentence is talk about it.
  if (rest === undefined || !(/^[:=]/.test(rest) || /\buntil\b/i.test(rest))) return { kind: 'none' }
  if (/^=\s*["']?true\b/i.test(rest)) {
    return unreadable('`ALLOW_CORE_MIGRATION=true` lets a local run pass, and never a pull request')
  }
  const said = /^ALLOW_CORE_MIGRATION:\s+(?<rest>.+)$/.exec(line)?.groups?.['rest']
  if (said === undefined) {
    return unreadable(`the line ${quoted(line)} does not begin with \`ALLOW_CORE_MIGRATION: \``)
  }
  const parts = /^(?<reason>.*?)(?:^|,\s*|\s+)until\s+(?<date>(?:(?!\buntil\s).)*)$/i.exec(said)?.groups
  if (parts === undefined) return unreadable('it does not say until when')
  const [reason = '', until = ''] = [parts['reason']?.trim(), parts['date']?.replace(/\.$/, '').trim()]
  if (!isDate(until)) return unreadable(`${quoted(until)} is no date of the form YYYY-MM-DD`)
  if (reason.length < shortestReason) {
    return unreadable(`the reason ${quoted(reason)} has fewer than ${shortestReason} characters`)
  }
  if (!said.includes(`, until ${until}`)) return unreadable('the date must come after `, until `')
  return { kind: 'written', reason, until }
}

function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false
  const date = new Date(`${value}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value)
}

function unreadable(why: string): BypassLine {
  return { kind: 'unreadable', why: `In the review ${why}. Write a line \`${bypassForm}\`.` }
}

function quoted(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
}
