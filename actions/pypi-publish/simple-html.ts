import type { IndexedFile, IndexedProject } from './index-api.ts'

/**
 * Reads a project's page in HTML (PEP 503): one anchor a file, the hash in the fragment of its link, the status in a
 * meta element (PEP 792). Gives `undefined` for a page that is not HTML at all.
 */
export function parseSimpleHtml(html: string, base: URL): IndexedProject | undefined {
  const text = html.replaceAll(/<!--[\s\S]*?-->/g, '')
  if (!/<(?:!doctype|html|body|a)\b/i.test(text)) return undefined
  const files: IndexedFile[] = []
  for (const [, inside = '', label = ''] of text.matchAll(/<a\b((?:"[^"]*"|'[^']*'|[^>"'])*)>([\s\S]*?)<\/a\s*>/gi)) {
    const href = attributes(inside).get('href')
    if (href === undefined || !URL.canParse(href, base.href)) continue
    const url = new URL(href, base)
    const sha256 = /(?:^#|[#&])sha256=([0-9a-f]{64})/i.exec(url.hash)?.[1]?.toLowerCase()
    url.hash = ''
    const filename = decoded(label).trim() || lastSegment(url)
    files.push({ filename, url: url.href, sha256, uploaded: undefined })
  }
  const status = Array.from(text.matchAll(/<meta\b((?:"[^"]*"|'[^']*'|[^>"'])*)>/gi), ([, inside = '']) =>
    attributes(inside)
  ).find((meta) => meta.get('name') === 'pypi:project-status')
  return { status: status?.get('content') ?? 'active', files }
}

function attributes(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [, name = '', double, single, bare] of text.matchAll(
    /([^\s"'=<>/]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g
  )) {
    found.set(name.toLowerCase(), decoded(double ?? single ?? bare ?? ''))
  }
  return found
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decoded(text: string): string {
  return text.replaceAll(
    /&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
      if (name !== undefined) return entities[name.toLowerCase()] ?? whole
      return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole
    }
  )
}

function lastSegment(url: URL): string {
  const segment = url.pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
