/** Where the links of an answer point to, which depends on the address the client used. */
export interface Links {
  readonly api: string
  readonly uploads: string
  readonly html: string
  readonly storage: string
}

export type Site = 'api' | 'uploads' | 'graphql' | 'html' | 'storage'

export interface Place {
  readonly site: Site
  readonly enterprise: boolean
  readonly links: Links
  /** Path below the site's root, still percent-encoded. */
  readonly path: string
}

export const githubHosts = [
  'api.github.com',
  'uploads.github.com',
  'github.com',
  'release-assets.githubusercontent.com'
]

const dotcom: Links = {
  api: 'https://api.github.com',
  uploads: 'https://uploads.github.com',
  html: 'https://github.com',
  storage: 'https://release-assets.githubusercontent.com'
}

const dotcomSites: Readonly<Record<string, Site>> = {
  'api.github.com': 'api',
  'uploads.github.com': 'uploads',
  'github.com': 'html',
  'release-assets.githubusercontent.com': 'storage'
}

const enterprisePrefixes: readonly (readonly [string, Site])[] = [
  ['/api/v3', 'api'],
  ['/api/uploads', 'uploads'],
  ['/api/graphql', 'graphql'],
  ['/storage', 'storage'],
  ['', 'html']
]

/**
 * Which part of GitHub a URL addresses. The real host names speak as github.com; any other address speaks as a GitHub
 * Enterprise Server: /api/v3, /api/uploads and /api/graphql, and pages at the root
 * (docs.github.com/enterprise-server/rest/using-the-rest-api/getting-started-with-the-rest-api).
 */
export function locate(url: URL): Place {
  const site = dotcomSites[url.hostname]
  if (site !== undefined) {
    const graphql = site === 'api' && url.pathname === '/graphql'
    return { site: graphql ? 'graphql' : site, enterprise: false, links: dotcom, path: url.pathname }
  }
  const links: Links = {
    api: `${url.origin}/api/v3`,
    uploads: `${url.origin}/api/uploads`,
    html: url.origin,
    storage: `${url.origin}/storage`
  }
  for (const [prefix, enterpriseSite] of enterprisePrefixes) {
    if (url.pathname === prefix || url.pathname.startsWith(`${prefix}/`)) {
      return { site: enterpriseSite, enterprise: true, links, path: url.pathname.slice(prefix.length) || '/' }
    }
  }
  return { site: 'html', enterprise: true, links, path: url.pathname }
}
