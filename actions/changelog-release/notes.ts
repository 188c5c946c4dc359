import type { List, RootContent } from 'mdast'
import { parseBlocks } from './blocks.ts'
import { missingDefinitions } from './link-definitions.ts'
import { span, walk, type MarkdownFile } from './markdown.ts'

/** "body is too long (maximum is 125000 characters)": characters are code points there, as Ruby counts them. */
export const longestNotes = 125_000

/** The notes as they go to GitHub. */
export interface Notes {
  readonly body: string
  readonly cut: boolean
}

/**
 * Notes that GitHub takes. Longer ones are cut after the last block (paragraph, list item, whole fence) that leaves room
 * for a pointer to the rest, and keep the link definitions that what is left needs. Only where the very first block is
 * too long is it cut after a line or word.
 *
 * @param rest where the whole text is, as Markdown
 */
export function fitNotes(markdown: string, rest: string, limit = longestNotes): Notes {
  if (characters(markdown) <= limit) return { body: markdown, cut: false }
  const file: MarkdownFile = { text: markdown, root: parseBlocks(markdown) }
  const room = offsetAfter(markdown, limit - characters(rest))
  const ends = [...cutPoints(file.text, file.root.children)].filter(({ offset }) => offset < room)
  const [inside, between] = [true, false].map((wanted) => ends.filter(({ inside }) => inside === wanted))
  const body = longestFit(file, between ?? [], rest, limit) ?? longestFit(file, inside ?? [], rest, limit)
  return { body: body ?? rest, cut: true }
}

/** Definitions and closing tags are added to what is kept, so that the room left for it is found by trying: halving. */
function longestFit(file: MarkdownFile, points: readonly CutPoint[], rest: string, limit: number): string | undefined {
  const sorted = points.toSorted((a, b) => a.offset - b.offset)
  let best: string | undefined
  for (let low = 0, high = sorted.length - 1; low <= high;) {
    const middle = (low + high) >> 1
    const point = sorted[middle]
    const body = point && assemble(file, point, rest)
    if (body !== undefined && characters(body) <= limit) {
      best = body
      low = middle + 1
    } else high = middle - 1
  }
  return best
}

function characters(text: string): number {
  return text.length - (text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0)
}

/** The offset after that many characters. */
function offsetAfter(text: string, count: number): number {
  return Array.from(text).slice(0, count).join('').length
}

/** Where the text may end, and what must be added there to close what is open. */
interface CutPoint {
  readonly offset: number
  readonly closing: string
  /** Inside a paragraph or fence. */
  readonly inside: boolean
}

function* cutPoints(text: string, blocks: readonly RootContent[]): Generator<CutPoint> {
  for (const block of blocks) {
    const { start, end } = span(block)
    if (block.type === 'heading') continue // a heading with nothing below it says nothing
    if (block.type !== 'definition') yield { offset: end, closing: '', inside: false }
    if (block.type === 'list') yield* itemEnds(block)
    else if (block.type === 'paragraph') yield* lineEnds(text, start, end, '')
    else if (block.type === 'code' && /^[`~]/.test(text.slice(start))) {
      const fence = /^(?:`{3,}|~{3,})/.exec(text.slice(start))?.[0] ?? '```'
      const first = text.indexOf('\n', start)
      if (first !== -1 && first < end) yield* lineEnds(text, first + 1, end, `\n${fence}`)
    }
  }
}

function* itemEnds(list: List): Generator<CutPoint> {
  for (const item of list.children) {
    yield { offset: span(item).end, closing: '', inside: false }
    for (const child of item.children) if (child.type === 'list') yield* itemEnds(child)
  }
}

/** For blocks that are longer than everything may be: the ends of their lines, or of words where a line is that long. */
function* lineEnds(text: string, start: number, end: number, closing: string): Generator<CutPoint> {
  for (const found of text.slice(start, end).matchAll(/\n| (?=\S)/g)) {
    if (found[0] === '\n' || closing === '') yield { offset: start + found.index, closing, inside: true }
  }
}

function assemble(file: MarkdownFile, { offset, closing }: CutPoint, rest: string): string {
  const kept = file.root.children.flatMap((block) => [...walk(block)]).filter((node) => span(node).end <= offset)
  const definitions = missingDefinitions(
    file,
    kept.filter(({ type }) => references.has(type))
  )
  const opened = kept.reduce((open, node) => (node.type === 'html' ? open + openedDetails(node.value) : open), 0)
  const parts = [
    file.text.slice(0, offset).trimEnd() + closing,
    '</details>\n'.repeat(Math.max(0, opened)).trimEnd(),
    rest
  ]
  return [...parts, definitions.join('\n')].filter((part) => part !== '').join('\n\n')
}

const references: ReadonlySet<string> = new Set(['linkReference', 'imageReference', 'definition'])

/** A fold that is not closed would hide the pointer to the rest. */
function openedDetails(html: string): number {
  return (html.match(/<details[\s>]/gi)?.length ?? 0) - (html.match(/<\/details>/gi)?.length ?? 0)
}
