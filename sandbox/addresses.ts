import type { Service } from './service.ts'

/**
 * gh treats `GH_HOST=github.localhost` as a GitHub of its own developers and speaks plain http to these names
 * (cli/go-gh, `pkg/auth` and `internal/ghinstance`: `isLocal`). Each stands for the real one.
 */
const localNames: Readonly<Record<string, string>> = {
  'github.localhost': 'github.com',
  'api.github.localhost': 'api.github.com',
  'uploads.github.localhost': 'uploads.github.com'
}

/** The address with gh's local host names replaced by the real ones, on https. */
export function withRealHost(url: URL): URL {
  const host = localNames[url.hostname]
  return host === undefined ? url : new URL(`https://${host}${url.pathname}${url.search}`)
}

/**
 * Where a path at a service's loopback address stands on the real service, by longest prefix. Needed only to match
 * fault rules that name real hosts; the services themselves see the loopback address.
 */
const loopbackPaths: Readonly<Record<string, readonly (readonly [prefix: string, real: string])[]>> = {
  github: [
    ['/api/graphql', 'api.github.com/graphql'],
    ['/api/uploads/', 'uploads.github.com/'],
    ['/api/v3/', 'api.github.com/'],
    ['/storage/', 'release-assets.githubusercontent.com/'],
    ['/', 'github.com/']
  ],
  pypi: [
    ['/legacy/', 'upload.pypi.org/legacy/'],
    ['/packages/', 'files.pythonhosted.org/packages/'],
    ['/', 'pypi.org/']
  ],
  testpypi: [
    ['/packages/', 'test-files.pythonhosted.org/packages/'],
    ['/', 'test.pypi.org/']
  ],
  hex: [
    ['/repo/', 'repo.hex.pm/'],
    ['/', 'hex.pm/']
  ]
}

/** Every `host/path?query` that a request may be called by in a fault rule: by real host and by service name. */
export function addressesOf(url: URL, service: Service | undefined, loopback: boolean): readonly string[] {
  const rest = url.pathname + url.search
  const names = service === undefined ? [] : [service.name + rest]
  if (!loopback) return [url.hostname + rest, ...names]
  if (service === undefined) return []
  const known = loopbackPaths[service.name]?.find(([prefix]) => rest.startsWith(prefix))
  if (known !== undefined) return [known[1] + rest.slice(known[0].length), ...names]
  return [...service.hosts.map((host) => host + rest), ...names]
}
