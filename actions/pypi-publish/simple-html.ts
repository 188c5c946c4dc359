import { normalizeName } from './project-name.ts'

/** A link of a page. */
export interface Anchor {
  readonly href: string
  /** The text between its tags, entities resolved, without surrounding white space. */
  readonly label: string
}

/** What matters of a page of the simple index in HTML (PEP 503). */
export interface SimplePage {
  readonly anchors: readonly Anchor[]
  /** `pypi:repository-version` (PEP 629), `pypi:project-status` (PEP 792) and the like. */
  readonly meta: ReadonlyMap<string, string>
  /** Texts of `title` and `h1`. */
  readonly titles: readonly string[]
}

const indexTitle = /\blinks for\b|\bindex of\b|\bsimple (?:index|list|repository|package)/i
const distribution = /\.(?:whl|tar\.gz|zip|egg|exe|tar\.bz2|tgz|tar\.xz|tar\.Z|rpm|deb|msi|dmg)$/

/**
 * Whether a page is one of a simple index. PEP 503 asks for anchors and nothing else, and any page has some: so one
 * mark of the API, of a title that servers give (`Links for demo`, `Simple index`, a web server's `Index of`), or of
 * links to distributions or projects must be there.
 */
export function isSimplePage({ anchors, meta, titles }: SimplePage): boolean {
  return (
    meta.has('pypi:repository-version') ||
    titles.some((title) => indexTitle.test(title)) ||
    anchors.some(({ href, label }) => {
      const path = href.replace(/[?#].*$/s, '')
      if (distribution.test(path) || distribution.test(label)) return true
      const last = path.replace(/\/$/, '').split('/').at(-1) ?? ''
      return path.endsWith('/') && label !== '' && normalizeName(last) === normalizeName(label)
    })
  )
}

/**
 * Reads a page in one pass, so that no page, however odd, takes longer than its length: what is left open at the end
 * (a comment, a tag, a quote) ends there.
 */
export function readSimplePage(html: string): SimplePage {
  const anchors: Anchor[] = []
  const meta = new Map<string, string>()
  const titles: string[] = []
  let href: string | undefined
  let collected: string[] | undefined
  const close = (): void => {
    const label = decoded((collected ?? []).join('')).trim()
    if (href !== undefined) anchors.push({ href, label })
    else if (collected !== undefined) titles.push(label)
    href = undefined
    collected = undefined
  }
  for (let at = 0; at < html.length;) {
    const open = html.indexOf('<', at)
    collected?.push(html.slice(at, open === -1 ? html.length : open))
    if (open === -1) break
    if (html.startsWith('<!--', open)) {
      const end = html.indexOf('-->', open + 4)
      if (end === -1) break
      at = end + 3
      continue
    }
    const name = tagName(html, open + 1)
    if (name === '') {
      collected?.push('<')
      at = open + 1
      continue
    }
    const tag = readTag(html, open + 1 + name.length)
    at = tag.end
    if (name === '/a' || name === '/title' || name === '/h1') close()
    else if (name === 'a') {
      close()
      href = tag.attributes.get('href')
      if (href !== undefined) collected = []
    } else if (name === 'title' || name === 'h1') {
      close()
      collected = []
    } else if (name === 'meta') {
      const key = tag.attributes.get('name')
      if (key !== undefined) meta.set(key, tag.attributes.get('content') ?? '')
    }
  }
  close()
  return { anchors, meta, titles }
}

const namePattern = /\/?[a-z!][a-z0-9]{0,20}/iy

function tagName(html: string, at: number): string {
  namePattern.lastIndex = at
  return (namePattern.exec(html)?.[0] ?? '').toLowerCase()
}

/** The attributes from `at` to the tag's end. */
function readTag(html: string, at: number): { readonly attributes: ReadonlyMap<string, string>; readonly end: number } {
  const attributes = new Map<string, string>()
  let position = at
  for (;;) {
    attribute.lastIndex = position
    const [whole = '', name, quote, bare] = attribute.exec(html) ?? []
    position += whole.length
    if (name === undefined) break
    if (quote === undefined) {
      attributes.set(name.toLowerCase(), decoded(bare ?? ''))
      continue
    }
    const end = html.indexOf(quote, position)
    attributes.set(name.toLowerCase(), decoded(html.slice(position, end === -1 ? html.length : end)))
    if (end === -1) return { attributes, end: html.length }
    position = end + 1
  }
  const end = html.indexOf('>', position)
  return { attributes, end: end === -1 ? html.length : end + 1 }
}

/**
 * One attribute: its name, and the quote that opens its value or the bare value. Sticky, and every part is bounded by
 * what follows it, so that each character is looked at a fixed number of times.
 */
const attribute = /[\s/"'=]*([^\s"'=<>/]+)(?:\s*=\s*(?:(["'])|([^\s"'>]+)))?/y

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decoded(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,8})|#x([0-9a-f]{1,6})|([a-z]{1,8}));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
      if (name !== undefined) return entities[name.toLowerCase()] ?? whole
      return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole
    }
  )
}
