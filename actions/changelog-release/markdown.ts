import type { Nodes, Root } from 'mdast'
import { parseBlocks } from './blocks.ts'

/** A Markdown file as GitHub reads it: CommonMark, line ends as LF, without BOM and front matter. */
export interface MarkdownFile {
  /** The text that all offsets and lines count in. */
  readonly text: string
  readonly root: Root
}

/** Reads Markdown. Line numbers are those of the file. */
export function readMarkdown(source: string): MarkdownFile {
  const text = blankFrontMatter(source.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n'))
  return { text, root: parseBlocks(text) }
}

/** YAML before a page's Markdown (Jekyll and others) is no part of it; to CommonMark it would be a setext heading. */
function blankFrontMatter(text: string): string {
  const found = /^---[ \t]*\n(?:[^\n]*\n)*?(?:---|\.\.\.)[ \t]*(?=\n|$)/.exec(text)?.[0]
  if (found === undefined || !/^[\w-]+:/m.test(found)) return text
  return found.replaceAll(/[^\n]/g, ' ') + text.slice(found.length)
}

/** A node's words: no HTML, no images (badges), links as their text. */
export function plainText(node: Nodes): string {
  let text = ''
  for (const each of walk(node)) {
    if (each.type === 'text' || each.type === 'inlineCode') text += each.value
    else if (each.type === 'break') text += ' '
  }
  return text
}

/** Where a node stands: offsets into the text, `end` not included; `line` is 1-based. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly line: number
}

/** mdast-util-from-markdown gives every node a position with offsets. */
export function span(node: Nodes): Span {
  const { position } = node
  const start = position?.start.offset
  const end = position?.end.offset
  if (position === undefined || start === undefined || end === undefined)
    throw new Error(`${node.type} has no position`)
  return { start, end, line: position.start.line }
}

/** The node and all below it, in the order of the text. Without recursion: nesting is the user's. */
export function* walk(node: Nodes): Generator<Nodes> {
  const waiting: Nodes[] = [node]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next
    if ('children' in next) for (const child of next.children.toReversed()) waiting.push(child)
  }
}
