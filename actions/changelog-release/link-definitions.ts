import type { Definition, Nodes, Root } from 'mdast'
import { span, walk, type MarkdownFile } from './markdown.ts'

/**
 * The link reference definitions that `nodes` use and do not contain, as lines of Markdown in the order of the file,
 * wherever in the file they stand. Labels match as CommonMark folds them, and of two definitions of a label the first
 * one counts (CommonMark 0.31, 4.7).
 */
export function missingDefinitions(file: MarkdownFile, nodes: readonly Nodes[]): readonly string[] {
  const used = new Set<string>()
  const contained = new Set<Nodes>()
  for (const each of nodes.flatMap((node) => [...walk(node)])) {
    if (each.type === 'linkReference' || each.type === 'imageReference') used.add(each.identifier)
    if (each.type === 'definition') contained.add(each)
  }
  return [...winningDefinitions(file.root)]
    .filter(([identifier, definition]) => used.has(identifier) && !contained.has(definition))
    .map(([, definition]) => asWritten(file.text, definition))
}

/** For each label the definition that counts. */
export function winningDefinitions(root: Root): ReadonlyMap<string, Definition> {
  const found = new Map<string, Definition>()
  for (const node of walk(root)) {
    if (node.type === 'definition' && !found.has(node.identifier)) found.set(node.identifier, node)
  }
  return found
}

/** A definition of several lines may stand in a quotation whose marks are between them: it is written anew. */
function asWritten(text: string, definition: Definition): string {
  const { start, end } = span(definition)
  const source = text.slice(start, end)
  if (!source.includes('\n')) return source
  const label = definition.label ?? definition.identifier
  const title =
    definition.title == null ? '' : ` "${definition.title.replaceAll(/["\\]/g, '\\$&').replaceAll(/\s+/g, ' ')}"`
  return `[${label}]: <${definition.url.replaceAll(/[<>\\]/g, '\\$&')}>${title}`
}
