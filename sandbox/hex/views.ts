import type { Addresses } from './addresses.ts'
import { timestamp } from './answers.ts'
import { compareVersions, parseVersion } from './elixir-version.ts'
import type { Plain } from './external-terms.ts'
import {
  findUser,
  hexpm,
  type HexState,
  type Key,
  type Package,
  type Release,
  type Retirement,
  type User
} from './state.ts'

/** Where a package's API lies: `https://hex.pm/api/packages/demo`, or in `/repos/ORG`. */
export function packageUrl({ site }: Addresses, { repository, name }: Package): string {
  return `${site}/api${repository === hexpm ? '' : `/repos/${repository}`}/packages/${name}`
}

function htmlUrl({ site }: Addresses, { repository, name }: Package): string {
  return `${site}/packages/${repository === hexpm ? '' : `${repository}/`}${name}`
}

/** Names that hexdocs.pm serves at its apex, because their subdomain is something else's (`Hexpm.Utils`). */
const apexDocs: ReadonlySet<string> = new Set([
  ...['api', 'assets', 'docs', 'preview', 'search', 'staging', 'stats', 'static']
])

/** Documentation lies on other hosts, of which the sandbox has none. */
function docsUrl({ repository, name }: Package, version: string | undefined): string {
  const path = version === undefined ? '/' : `/${version}/`
  if (repository !== hexpm) return `https://${subdomain(repository)}.hexorgs.pm/${name}${path}`
  return apexDocs.has(name) ? `https://hexdocs.pm/${name}${path}` : `https://${subdomain(name)}.hexdocs.pm${path}`
}

const subdomain = (name: string): string => name.replaceAll('_', '-')

/** Where a release's documentation can be fetched as it was sent. */
export function docsTarballUrl(
  { repository: root }: Addresses,
  { repository, name }: Package,
  version: string
): string {
  return `${root}${repository === hexpm ? '' : `/repos/${repository}`}/docs/${name}-${version}.tar.gz`
}

/** `ReleaseView`, "show". */
export function releaseView(state: HexState, addresses: Addresses, owned: Package, release: Release): Plain {
  const { version, metadata } = release
  return {
    version,
    checksum: release.outerChecksum,
    has_docs: release.hasDocs,
    inserted_at: timestamp(release.insertedAt),
    updated_at: timestamp(release.updatedAt),
    retirement: retirementView(release.retirement),
    package_url: packageUrl(addresses, owned),
    url: `${packageUrl(addresses, owned)}/releases/${version}`,
    html_url: `${htmlUrl(addresses, owned)}/${version}`,
    docs_html_url: release.hasDocs ? docsUrl(owned, version) : null,
    requirements: Object.fromEntries(
      metadata.requirements.map(({ name, app, requirement, optional }) => [name, { app, requirement, optional }])
    ),
    configs: configs(owned, release),
    meta: { app: metadata.app, build_tools: metadata.buildTools, elixir: metadata.elixir },
    downloads: 0,
    publisher: userLink(state, addresses, release.publisher),
    security_advisories: []
  }
}

/** `PackageView`, "show". */
export function packageView(state: HexState, addresses: Addresses, owned: Package): Plain {
  const versions = owned.releases.toSorted((a, b) => compareVersions(b.version, a.version))
  const latest = versions[0]
  const stable = versions.find(({ version }) => parseVersion(version)?.pre.length === 0)
  const release = stable ?? latest
  return {
    repository: owned.repository,
    name: owned.name,
    inserted_at: timestamp(owned.insertedAt),
    updated_at: timestamp(owned.updatedAt),
    url: packageUrl(addresses, owned),
    html_url: htmlUrl(addresses, owned),
    docs_html_url: versions.some(({ hasDocs }) => hasDocs) ? docsUrl(owned, undefined) : null,
    latest_version: latest?.version ?? null,
    latest_stable_version: stable?.version ?? null,
    configs: release === undefined ? {} : configs(owned, release),
    meta: {
      description: owned.description,
      licenses: owned.licenses,
      links: owned.links,
      maintainers: owned.maintainers
    },
    releases: versions.map((each) => ({
      version: each.version,
      url: `${packageUrl(addresses, owned)}/releases/${each.version}`,
      has_docs: each.hasDocs,
      inserted_at: timestamp(each.insertedAt)
    })),
    retirements: Object.fromEntries(
      versions.flatMap(({ version, retirement }) =>
        retirement === null ? [] : [[version, retirementView(retirement)] as const]
      )
    ),
    security_advisories: [],
    downloads: { all: 0, recent: 0, week: 0, day: 0 },
    owners: owned.owners.map(({ username }) => userLink(state, addresses, username))
  }
}

function retirementView(retirement: Retirement | null): Plain {
  return retirement === null ? null : { reason: retirement.reason, message: retirement.message }
}

function userLink(state: HexState, { site }: Addresses, username: string): Plain {
  const email = findUser(state, username)?.email
  return { username, url: `${site}/api/users/${username}`, ...(email !== undefined && { email }) }
}

/** `PackageView.dep_snippet/3`: what to write to depend on the release. */
function configs({ name, repository }: Package, { version: text, metadata: { app } }: Release): Plain {
  const version = parseVersion(text)
  const [major = 0, minor = 0, patch = 0] = version?.numbers ?? []
  const pre = version === undefined || version.pre.length === 0 ? '' : `-${version.pre.join('.')}`
  const exact = `${String(major)}.${String(minor)}.${String(patch)}${pre}`
  const mix = major > 0 && pre === '' ? `~> ${String(major)}.${String(minor)}` : `~> ${exact}`
  const organization = repository === hexpm ? '' : `, organization: ${JSON.stringify(repository)}`
  const elixirAtom = /^[a-zA-Z_]\w*$/.test(app) ? `:${app}` : `:${JSON.stringify(app)}`
  const erlangAtom = /^[a-z]\w*$/.test(app) ? app : `'${app}'`
  return {
    'mix.exs':
      app === name ? `{:${name}, "${mix}"${organization}}` : `{${elixirAtom}, "${mix}", hex: :${name}${organization}}`,
    'rebar.config': app === name ? `{${name}, "${exact}"}` : `{${erlangAtom}, "${exact}", {pkg, ${name}}}`,
    'erlang.mk': `dep_${name} = hex ${exact}`
  }
}

/** `KeyView`, "show"; only the answer to its making has the secret. */
export function keyView(
  { site }: Addresses,
  key: Key,
  { authing, secret }: { readonly authing: Key | undefined; readonly secret: boolean }
): Plain {
  return {
    name: key.name,
    authing_key: key === authing,
    secret: secret ? key.secret : null,
    permissions: key.permissions.map(({ domain, resource }) => ({ domain, resource })),
    revoke_at: key.revokeAt === null ? null : timestamp(key.revokeAt),
    inserted_at: timestamp(key.createdAt),
    updated_at: timestamp(key.createdAt),
    url: `${site}/api/keys/${encodeURIComponent(key.name)}`,
    ...(key.lastUse !== null && {
      last_use: { used_at: timestamp(key.lastUse.at), ip: '127.0.0.1', user_agent: key.lastUse.userAgent }
    })
  }
}

/** `AuthView`: whose key it is. */
export function authView({ name, owner }: Key): Plain {
  const whose =
    'user' in owner ? { type: 'user', name: owner.user } : { type: 'organization', name: owner.organization }
  return { key: { name, owner: whose } }
}

/** `UserView`, "me". */
export function meView(state: HexState, addresses: Addresses, user: User): Plain {
  const owned = state.packages.filter(({ owners }) => owners.some(({ username }) => username === user.username))
  return {
    username: user.username,
    full_name: null,
    handles: {},
    url: `${addresses.site}/api/users/${user.username}`,
    inserted_at: timestamp(user.createdAt),
    updated_at: timestamp(user.createdAt),
    email: user.email,
    owned_packages: Object.fromEntries(owned.map((each) => [each.name, packageUrl(addresses, each)])),
    packages: owned.map((each) => ({
      name: each.name,
      repository: each.repository,
      url: packageUrl(addresses, each),
      html_url: htmlUrl(addresses, each)
    })),
    organizations: state.organizations.flatMap(({ name, members }) =>
      members.filter(({ username }) => username === user.username).map(({ role }) => ({ name, role }))
    )
  }
}

/** `OwnerView`. */
export function ownerView(state: HexState, addresses: Addresses, owner: Package['owners'][number]): Plain {
  const user = findUser(state, owner.username)
  return {
    username: owner.username,
    full_name: null,
    handles: {},
    url: `${addresses.site}/api/users/${owner.username}`,
    ...(user !== undefined && {
      email: user.email,
      inserted_at: timestamp(user.createdAt),
      updated_at: timestamp(user.createdAt)
    }),
    level: owner.level
  }
}
