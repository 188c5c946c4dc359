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
 * Finds the line `ALLOW_CORE_MIGRATION: reason, until DATE` anywhere in the body of a review. It must be seen by whoever
 * reads the review: lines in HTML comments, quotes and code blocks do not count. The first that is right counts; where
 * none is, the first that was meant as one says why it is not.
 * @param body Markdown of the review
 */
export function readBypassLine(body: string): BypassLine {
  const found = shownLines(body).map(readLine)
  return (
    found.find(({ kind }) => kind === 'written') ??
    found.find(({ kind }) => kind === 'unreadable') ?? { kind: 'none' as const }
  )
}

/** Without HTML comments, fenced and indented code, and quotes (CommonMark §4.4, §4.5, §5.1). */
function shownLines(body: string): readonly string[] {
  const shown: string[] = []
  let fence: string | undefined
  for (const line of body.replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '').split(/\r\n?|\n/)) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence !== undefined) {
      if (mark?.startsWith(fence) === true && line.trim() === mark) fence = undefined
    } else if (mark !== undefined) fence = mark
    else if (!/^(?: {4}|\t| {0,3}>)/.test(line)) shown.push(line.trim())
  }
  return shown
}

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
