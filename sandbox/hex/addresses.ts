/** The real host names that the service answers for. */
export const apiHost = 'hex.pm'
export const repositoryHost = 'repo.hex.pm'

/** Addresses that stand in answers, seen from where the request came in. */
export interface Addresses {
  /** `https://hex.pm`, without a slash at its end. */
  readonly site: string
  /** `https://repo.hex.pm` */
  readonly repository: string
}

/** Where a request leads: into the API, into the repository of registry objects and tarballs, or to a page. */
export interface Entrance {
  readonly part: 'api' | 'repository' | 'page'
  /** Path within that part: `/packages/demo` for `https://hex.pm/api/packages/demo`. */
  readonly path: string
  readonly addresses: Addresses
}

/** At the loopback address the API lies in `/api` and the repository in `/repo`. */
export function entranceOf(url: URL): Entrance {
  const real = url.hostname === apiHost || url.hostname === repositoryHost
  const addresses = real
    ? { site: `https://${apiHost}`, repository: `https://${repositoryHost}` }
    : { site: url.origin, repository: `${url.origin}/repo` }
  if (url.hostname === repositoryHost) return { part: 'repository', path: url.pathname, addresses }
  for (const [prefix, part] of [
    ['/api', 'api'],
    ['/repo', 'repository']
  ] as const) {
    if (part === 'repository' && real) continue
    if (url.pathname === prefix || url.pathname.startsWith(`${prefix}/`))
      return { part, path: url.pathname.slice(prefix.length) || '/', addresses }
  }
  return { part: 'page', path: url.pathname, addresses }
}
