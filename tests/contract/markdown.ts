import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { read } from './repository.ts'

/** A Markdown page of this project, as far as links go. */
export interface Page {
  readonly links: readonly string[]
  /** What can stand after `#`. */
  readonly anchors: ReadonlySet<string>
  /** Fenced blocks of code. */
  readonly code: readonly { readonly language: string; readonly text: string; readonly line: number }[]
}

/** @param path from the root of the project */
export function readPage(path: string): Page {
  const links: string[] = []
  const anchors = new Set<string>()
  const code: Page['code'][number][] = []
  const visit = (node: Nodes): void => {
    if ('url' in node) links.push(node.url)
    if (node.type === 'heading') anchors.add(unused(slug(plain(node)), anchors))
    if (node.type === 'html') {
      for (const [, id] of node.value.matchAll(/<a id="([^"]+)">/g)) if (id !== undefined) anchors.add(id)
    }
    if (node.type === 'code') {
      code.push({ language: node.lang ?? '', text: node.value, line: node.position?.start.line ?? 0 })
    }
    if ('children' in node) node.children.forEach(visit)
  }
  visit(fromMarkdown(read(path)))
  return { links, anchors, code }
}

function plain(node: Nodes): string {
  if ('value' in node) return node.value
  return 'children' in node ? node.children.map(plain).join('') : ''
}

/** The fragment that GitHub gives a heading. */
function slug(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-')
}

/** GitHub numbers the second heading of a name: `usage`, `usage-1`. */
function unused(name: string, taken: ReadonlySet<string>): string {
  for (let n = 0; ; n++) {
    const candidate = n === 0 ? name : `${name}-${n}`
    if (!taken.has(candidate)) return candidate
  }
}
