import type { RootContent } from 'mdast'
import { missingDefinitions, winningDefinitions } from './link-definitions.ts'
import { plainText, span, walk, type MarkdownFile } from './markdown.ts'
import type { OutlineEntry } from './outline.ts'

/** A release's part of the changelog. */
export interface Section {
  readonly heading: OutlineEntry
  /** The notes: no heading, no comments, line ends as LF, with the link definitions they use at the end. */
  readonly markdown: string
}

/**
 * Cuts the section out. It ends at the next version's heading of any level, at a heading above its own, or where what
 * is unreleased begins; other headings of its own level (`## What's Changed`) belong to it.
 */
export function cutSection(file: MarkdownFile, outline: readonly OutlineEntry[], heading: OutlineEntry): Section {
  const end = outline.find((entry) => entry.index > heading.index && endsSection(entry, heading))
  const nodes = file.root.children.slice(heading.index + 1, end?.index)
  const kept = nodes.slice(0, nodes.findLastIndex((node) => !isTail(node)) + 1)
  const last = kept.at(-1)
  const node = file.root.children[heading.index]
  if (last === undefined || node === undefined || kept.every((each) => isTail(each) || isEmptyGroup(each)))
    return { heading, markdown: '' }
  const body = withoutHidden(file, kept, span(node).end, span(last).end)
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd()
  const definitions = missingDefinitions(file, kept)
  return { heading, markdown: [body, definitions.join('\n')].filter((part) => part !== '').join('\n\n') }
}

function endsSection(entry: OutlineEntry, heading: OutlineEntry): boolean {
  switch (entry.kind) {
    case 'version':
      return true
    case 'nested':
      return heading.kind === 'nested'
    case 'unreleased':
      return entry.level <= heading.level
    case 'other':
      return entry.level < heading.level
  }
}

/** What stands between two sections and belongs to none: rules, definitions, comments, the next heading's anchor. */
function isTail(node: RootContent): boolean {
  if (node.type === 'thematicBreak' || node.type === 'definition') return true
  if (node.type === 'html') return isHidden(node.value) || /^<hr\s*\/?>$/i.test(node.value.trim())
  return (
    node.type === 'paragraph' &&
    node.children.every((child) =>
      child.type === 'text' ? child.value.trim() === '' : child.type === 'html' && isAnchor(child.value)
    )
  )
}

/** Groups of changes, as Keep a Changelog and its kin name them. Other headings can be the very text of a change. */
const groups =
  /^(?:added|changed|deprecated|removed|fixed|security|new|features|fixes|bug ?fixes|improvements|enhancements|breaking(?: changes)?|documentation|performance|miscellaneous|other)$/i

/** A heading of a template that nobody filled in. */
function isEmptyGroup(node: RootContent): boolean {
  return node.type === 'heading' && groups.test(plainText(node).trim())
}

function isHidden(html: string): boolean {
  return isAnchor(html.replaceAll(comment, ''))
}

/** `<a name="1.2.3"></a>`, in one or in two pieces. */
function isAnchor(html: string): boolean {
  return html.replaceAll(anchorTag, '').trim() === ''
}

const anchorTag = /<a(?:\s+(?:name|id|class)\s*=\s*(?:"[^"]*"|'[^']*'|[\w.-]+))*\s*\/?>|<\/a>/gi

/** An unclosed comment hides everything to the end of its node, as in a browser. */
const comment = /<!--[\s\S]*?(?:-->|$)/g

interface Cut {
  readonly start: number
  readonly end: number
}

/**
 * The text from `from` to `to` without comments (never those in code), and without link definitions that count for
 * nothing because an earlier one outside the section has their label: here they would be the first.
 */
function withoutHidden({ text, root }: MarkdownFile, nodes: readonly RootContent[], from: number, to: number): string {
  const winning = winningDefinitions(root)
  const cuts: Cut[] = []
  for (const [index, top] of nodes.entries()) {
    if (top.type === 'definition' && winning.get(top.identifier) !== top) cuts.push(span(top))
    if (top.type === 'html' && separatesLists(nodes, index)) continue
    for (const node of walk(top)) {
      if (node.type !== 'html') continue
      const { start, end } = span(node)
      for (const found of text.slice(start, end).matchAll(comment)) {
        cuts.push({ start: start + found.index, end: start + found.index + found[0].length })
      }
    }
  }
  let result = ''
  let at = from
  for (const { start, end } of cuts) {
    result += text.slice(at, start)
    at = emptiedLineEnd(text, end, result)
  }
  return result + text.slice(at, to)
}

/** Where the text goes on after a cut. Lines that it emptied become one blank line, and none next to another one. */
function emptiedLineEnd(text: string, end: number, before: string): number {
  const after = /^[ \t]*(?:\n(?<blank>[ \t]*\n)?|$)/.exec(text.slice(end))
  if (after === null || !/(?:^|\n)[ \t]*$/.test(before)) return end
  const { blank = '' } = after.groups ?? {}
  const blankAbove = /(?:^|\n)[ \t]*\n[ \t]*$/.test(before)
  if (blankAbove) return end + after[0].length
  return blank === '' ? end : end + after[0].length - blank.length
}

/** A comment between two lists is what keeps them two (CommonMark 0.31, 5.3, example 308). */
function separatesLists(nodes: readonly RootContent[], index: number): boolean {
  return nodes[index - 1]?.type === 'list' && (nodes[index + 1]?.type === 'list' || nodes[index + 1]?.type === 'code')
}
