/**
 * Builders for job summaries: GitHub Flavored Markdown, everything foreign escaped. Plain strings are text; what is
 * already Markdown is a `Markdown` object, so that the two cannot be mistaken for each other.
 */
export interface Markdown {
  readonly markdown: string
}

export type Inline = string | Markdown

/** Text as Markdown shows it literally: no markup, no HTML, no mention, no line break. */
export function text(value: string): Markdown {
  const escaped = visible(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]#|~$@!]/g, '\\$&')
    .replaceAll(/[\r\n\u2028\u2029]+/g, ' ')
    // GitHub looks for people and issues in what Markdown made of the text: a backslash does not keep it from them.
    .replaceAll(/(?<=[@#]|\bGH-)(?=\w)/gi, '&#8203;')
    // Bare addresses would become links (GFM autolinks).
    .replaceAll(/(https?):\/\//g, '$1&#58;//')
    .replaceAll(/\bwww\./g, 'www&#46;')
  return { markdown: escaped }
}

/**
 * Text in which nothing hides: controls and the characters that turn the direction of writing, by which a text can look
 * like another (Unicode TR 36, "Bidirectional Text Spoofing"), are shown as their code points.
 */
export function visible(value: string): string {
  return value.replaceAll(hidden, (character) => {
    const point = character.codePointAt(0) ?? 0
    return `⟨U+${point.toString(16).toUpperCase().padStart(4, '0')}⟩`
  })
}

/**
 * Tab and line breaks show themselves, and joiners belong to scripts and emoji. Soft hyphens, the fillers of Hangul and
 * tags (U+E0020 and on, in which a whole text can hide) show nothing.
 */
const hidden =
  /(?![\t\r\n])[\p{Cc}\u00ad\u061c\u115f\u1160\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\u3164\ufeff\uffa0\u{e0000}-\u{e007f}]/gu

/** At most `most` characters; what is left out is told. */
export function shortened(value: string, most: number): string {
  if (value.length <= most) return value
  // Not between the halves of a character beyond the basic plane.
  const kept = value.slice(0, most).replace(/[\ud800-\udbff]$/, '')
  return `${kept}… (${value.length - kept.length} more characters)`
}

/** Text in a code span, whatever back-ticks it holds (CommonMark §6.1). */
export function code(value: string): Markdown {
  const flat = visible(value).replaceAll(/[\r\n\u2028\u2029]+/g, ' ')
  if (flat === '') return { markdown: '' }
  const longest = Math.max(0, ...Array.from(flat.matchAll(/`+/g), (run) => run[0].length))
  const fence = '`'.repeat(longest + 1)
  const pad = longest > 0 || /^ .* $/.test(flat) ? ' ' : ''
  return { markdown: `${fence}${pad}${flat}${pad}${fence}` }
}

/** Text of our own in which back-ticks mark code, as hints are written. */
export function prose(value: string): Markdown {
  const pieces = value.split('`')
  if (pieces.length % 2 === 0) return text(value)
  return line(...pieces.map((piece, n) => (n % 2 === 0 ? text(piece) : code(piece))))
}

/** A link, or only its text where the address is no https or http one. */
export function link(label: Inline, url: string | undefined): Markdown {
  if (url === undefined || !/^https?:\/\//.test(url) || !URL.canParse(url)) return inline(label)
  const address = new URL(url).href.replaceAll(/[()<>\s|]/g, (character) =>
    encodeURIComponent(character).replace('(', '%28').replace(')', '%29')
  )
  return { markdown: `[${inline(label).markdown}](${address})` }
}

export function bold(value: Inline): Markdown {
  return { markdown: `**${inline(value).markdown}**` }
}

/** Joins pieces of a line. */
export function line(...pieces: readonly Inline[]): Markdown {
  return { markdown: pieces.map((piece) => inline(piece).markdown).join('') }
}

export function heading(level: 1 | 2 | 3 | 4, title: Inline): Markdown {
  return { markdown: `${'#'.repeat(level)} ${inline(title).markdown}` }
}

export function list(items: readonly Inline[]): Markdown {
  return { markdown: items.map((item) => `- ${inline(item).markdown}`).join('\n') }
}

/** Blocks that belong to an item of a list, below its line. */
export function below(item: Markdown, blocks: readonly Markdown[]): Markdown {
  const indented = blocks.flatMap(({ markdown }) =>
    markdown === '' ? [] : [`\n\n${markdown.replaceAll(/^(?=.)/gm, '  ')}`]
  )
  return { markdown: item.markdown + indented.join('') }
}

export function table(head: readonly Inline[], rows: readonly (readonly Inline[])[]): Markdown {
  // Even a code span ends at a pipe unless that is escaped (GFM, "Tables"); text has escaped its own.
  const cellOf = (cell: Inline): string => inline(cell).markdown.replaceAll(/(?<!\\)((?:\\\\)*)\|/g, '$1\\|')
  const row = (cells: readonly Inline[]): string => `| ${cells.map(cellOf).join(' | ')} |`
  return { markdown: [row(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(row)].join('\n') }
}

/** A folded part. */
export function details(title: string, ...blocks: readonly Markdown[]): Markdown {
  const flat = visible(title).replaceAll(/[\r\n\u2028\u2029]+/g, ' ')
  const label = flat.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return { markdown: `<details><summary>${label}</summary>\n\n${joined(blocks)}\n\n</details>` }
}

/** A fenced block whose fence no line of the content can close. */
export function fenced(language: string, content: string): Markdown {
  const longest = Math.max(2, ...Array.from(content.matchAll(/`+/g), (run) => run[0].length))
  const fence = '`'.repeat(longest + 1)
  return { markdown: `${fence}${language}\n${visible(content).replace(/\r?\n$/, '')}\n${fence}` }
}

/** The most the runner takes for one step's summary: 1 MiB (docs.github.com, "Job summaries"). */
const limit = 1024 * 1024

/**
 * Blocks as one document. What would pass the limit is left out from the end, whole blocks at a time, and the last
 * line says so: a longer summary would be dropped by the runner altogether.
 */
export function document(blocks: readonly Markdown[]): string {
  const whole = `${joined(blocks)}\n`
  if (Buffer.byteLength(whole) <= limit) return whole
  const note = {
    markdown: '_The rest does not fit into a job summary (1 MiB); the log and the receipt have all of it._'
  }
  for (let kept = blocks.length - 1; kept > 0; kept--) {
    const shorter = `${joined([...blocks.slice(0, kept), note])}\n`
    if (Buffer.byteLength(shorter) <= limit) return shorter
  }
  return `${note.markdown}\n`
}

function joined(blocks: readonly Markdown[]): string {
  return blocks
    .map((block) => block.markdown)
    .filter((markdown) => markdown !== '')
    .join('\n\n')
}

function inline(value: Inline): Markdown {
  return typeof value === 'string' ? text(value) : value
}
