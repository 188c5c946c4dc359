import type { Root, RootContent } from 'mdast'
import { fromMarkdown, type Options } from 'mdast-util-from-markdown'
import { fail } from '../shared/problem.ts'
import { walk } from './markdown.ts'

/** Characters that are read at once, as long as blocks are shorter: the parser's time grows with their square. */
const piece = 8_192

/** Milliseconds of the processor for one try, after which no longer one follows; and for the whole text. */
const patience = { piece: 2_000, text: 20_000 }

/**
 * Parses CommonMark piece by piece; the result is that of parsing all at once. Blocks are found line by line and never
 * reopened once a later one has begun (CommonMark 0.31, appendix), so a text may be parted where a block begins.
 * Only the labels of links must be known everywhere: pieces are read again with all of them.
 *
 * @param text line ends as LF
 * @throws ActionError `changelog-too-complex` for what cannot be read in seconds
 */
export function parseBlocks(text: string): Root {
  const started = spent()
  const cuts: Piece[] = []
  const labels = new Set<string>()
  for (let from = 0, line = 0; from < text.length;) {
    const next = nextPiece(text, from, line, started)
    for (const node of next.nodes.flatMap((each) => [...walk(each)])) {
      if (node.type === 'definition') labels.add(node.identifier.toUpperCase())
    }
    cuts.push(next)
    line += lineBreaks(next.text)
    from += next.text.length
  }
  if (cuts.length === 1 || labels.size === 0) return { type: 'root', children: cuts.flatMap(({ nodes }) => nodes) }
  const extension = knowing([...labels])
  const children = cuts.flatMap((cut) => {
    if (!cut.text.includes('[')) return cut.nodes
    keepPatience(started, cut.line)
    return parse(cut, [extension])
  })
  return { type: 'root', children }
}

interface Source {
  readonly text: string
  /** Where it begins in the whole text; lines from 0. */
  readonly from: number
  readonly line: number
}

interface Piece extends Source {
  readonly nodes: readonly RootContent[]
}

function nextPiece(text: string, from: number, line: number, started: number): Piece {
  for (let size = piece; ; size *= 2) {
    keepPatience(started, line)
    const tried = spent()
    const source = { text: text.slice(from, endOf(text, from, size)), from, line }
    const nodes = parse(source, [])
    if (from + source.text.length === text.length) return { ...source, nodes }
    const last = nodes.findLastIndex((node, index) => index > 0 && beginsAnew(text, nodes[index - 1], node))
    const start = last === -1 ? undefined : lineStart(text, nodes[last])
    // What stands last may go on beyond the end.
    if (start !== undefined) return { text: text.slice(from, start), from, line, nodes: nodes.slice(0, last) }
    if (spent() - tried > patience.piece) tooComplex(line)
  }
}

/** The end of a line, except within lines so long that reading them whole could take hours. */
function endOf(text: string, from: number, size: number): number {
  const lineBreak = text.slice(from + size, from + 2 * size).indexOf('\n')
  return Math.min(text.length, from + size + lineBreak + 1)
}

/**
 * Whether all before the node is settled, whatever follows it. Without a blank line between them, what looks like a
 * definition and a paragraph may turn out as a definition with a title.
 */
function beginsAnew(text: string, before: RootContent | undefined, node: RootContent): boolean {
  const start = lineStart(text, node)
  const above = text.slice(text.lastIndexOf('\n', start - 2) + 1, Math.max(0, start - 1))
  if (above.trim() === '') return true
  if (node.type === 'heading') return /^ {0,3}#/.test(text.slice(start, start + 4))
  return node.type === 'definition' && before?.type === 'definition'
}

function lineStart(text: string, node: RootContent | undefined): number {
  return text.lastIndexOf('\n', (node?.position?.start.offset ?? 0) - 1) + 1
}

function parse({ text, from, line }: Source, extensions: NonNullable<Options['extensions']>): RootContent[] {
  const { children } = parsed(text, line, extensions)
  for (const node of children.flatMap((each) => [...walk(each)])) {
    if (node.position === undefined) continue
    for (const point of [node.position.start, node.position.end]) {
      point.line += line
      if (point.offset !== undefined) point.offset += from
    }
  }
  return children
}

function parsed(text: string, line: number, extensions: NonNullable<Options['extensions']>): Root {
  try {
    return fromMarkdown(text, { extensions })
  } catch (error) {
    // Stack or arrays are exhausted: that is the text's doing, not a bug.
    if (error instanceof RangeError) tooComplex(line)
    throw error
  }
}

/** Makes the parser take these labels for defined. */
function knowing(labels: readonly string[]): NonNullable<Options['extensions']>[number] {
  return {
    document: {
      null: {
        tokenize(_effects, _ok, nok) {
          const { defined } = this.parser
          if (defined.length < labels.length) defined.splice(0, defined.length, ...labels)
          return nok
        }
      }
    }
  }
}

/** Not the clock's time: a busy machine makes no text too complex. */
function spent(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

function lineBreaks(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count
}

function keepPatience(started: number, line: number): void {
  if (spent() - started > patience.text) tooComplex(line)
}

function tooComplex(line: number): never {
  fail({
    code: 'changelog-too-complex',
    message: `The changelog is too large, or too deeply nested, to be read as Markdown; it stopped at the block in line ${line + 1}.`,
    hint: 'Break that block up with headings or blank lines, or move old versions to another file.',
    line: line + 1
  })
}
