import { createHash } from 'node:crypto'

/** Remembers where files really lie, so that programs fetch them through the sandbox. */
export interface IndexLinks {
  /** The address that a program is given instead; the fragment (`#sha256=…`) stays. */
  replacement(real: URL, origin: string): string
  /** Where a path that a program asks for really lies; also for `….metadata` beside it (PEP 658). */
  real(pathname: string): URL | undefined
}

/** Folder under which files of other hosts appear. */
export const upstreamPath = '/upstream/'

export function indexLinks(): IndexLinks {
  const known = new Map<string, URL>()
  return {
    replacement(real, origin) {
      const target = new URL(real)
      target.hash = ''
      const name = target.pathname.slice(target.pathname.lastIndexOf('/') + 1)
      const path = `${upstreamPath}${createHash('sha256').update(target.href).digest('hex').slice(0, 32)}/${name}`
      known.set(path, target)
      return origin + path + real.hash
    },
    real(pathname) {
      const file = known.get(pathname)
      if (file !== undefined) return file
      const beside = pathname.endsWith('.metadata') ? known.get(pathname.slice(0, -'.metadata'.length)) : undefined
      if (beside === undefined) return undefined
      const metadata = new URL(beside)
      metadata.pathname += '.metadata'
      return metadata
    }
  }
}

/** A simple page (PEP 503 HTML or PEP 691 JSON) with each file's address replaced; relative ones resolve against `page`. */
export function withFileLinks(text: string, isJson: boolean, page: URL, replace: (real: URL) => string): string {
  if (!isJson) {
    return text.replace(/(<a\b[^>]*?\bhref\s*=\s*)("[^"]*"|'[^']*')/gi, (whole, start: string, quoted: string) => {
      const real = URL.parse(quoted.slice(1, -1).replaceAll('&amp;', '&'), page.href)
      return real === null ? whole : `${start}"${replace(real).replaceAll('&', '&amp;')}"`
    })
  }
  return withReplaced(text, 'url', page, replace)
}

/** JSON text with every address under the key (`url` of an index's files, `tarball` of an npm version) replaced. */
export function withReplaced(text: string, key: string, page: URL, replace: (real: URL) => string): string {
  const read: unknown = JSON.parse(text, (name, value: unknown) => {
    const real = name === key && typeof value === 'string' && isFile(value) ? URL.parse(value, page.href) : null
    return real === null ? value : replace(real)
  })
  return JSON.stringify(read)
}

/** Repositories and home pages also stand under `url` (npm's `repository.url`, PyPI's project URLs): those stay. */
const isFile = (address: string): boolean => /\.(whl|tar\.gz|zip|tgz|tar\.bz2|egg)(#.*)?$/i.test(address)
