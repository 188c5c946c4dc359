/** Where this Hex is not like the real one; docs/sandbox-hex.md shows the table. */
export interface Departure {
  readonly subject: string
  readonly real: string
  readonly here: string
  /** What the real behaviour is known from. */
  readonly source: string
}

const hexpm = 'https://github.com/hexpm/hexpm/blob/main/lib'
const hexCore = 'https://github.com/hexpm/hex_core/blob/main/src'

export const departures: readonly Departure[] = [
  {
    subject: 'Content delivery',
    real: 'a network caches registry objects for up to an hour and is purged after a build, which may take its time or fail',
    here: 'resolvers see an object when it is built, after the delay that was set (none); `stale` faults make older reads',
    source: `${hexpm}/hexpm/repository/registry_worker.ex`
  },
  {
    subject: 'Registry key',
    real: 'one key for years, which clients have built in',
    here: 'a key made in each run; Hex is told not to verify (HEX_UNSAFE_REGISTRY), rebar3 is given the key',
    source: 'https://hex.pm/docs/public-keys'
  },
  {
    subject: 'Documentation',
    real: 'unpacked by a job and served at hexdocs.pm, for private packages at hexorgs.pm',
    here: 'kept as it was sent, at the repository’s /docs/NAME-VERSION.tar.gz; there is no hexdocs.pm',
    source: `${hexpm}/hexpm/utils.ex (docs_html_url)`
  },
  {
    subject: 'OAuth',
    real: 'device and authorization code flows with refresh tokens, time-based one-time passwords',
    here: 'tokens that a test adds, and keys exchanged for tokens of half an hour; the one-time password is a fixed text and may be tried without limit',
    source: `${hexpm}/hexpm_web/controllers/api/oauth_controller.ex`
  },
  {
    subject: 'Basic credentials',
    real: 'off from 2026-11-01, in October 2026 for some hours of each day',
    here: 'off at any time',
    source: `${hexpm}/hexpm_web/basic_auth.ex`
  },
  {
    subject: 'Rate limits',
    real: 'by the address of the client; loopback addresses have none',
    here: 'every client without a key shares the limit of 127.0.0.1; can be switched off',
    source: `${hexpm}/hexpm_web/plugs/attack.ex`
  },
  {
    subject: 'Formats',
    real: 'JSON, Erlang terms and Elixir terms',
    here: 'JSON and Erlang terms; Elixir terms are answered with 406',
    source: `${hexpm}/hexpm_web/router.ex (@accepted_formats)`
  },
  {
    subject: 'Conditional reads',
    real: 'answers of the API have ETag and Last-Modified, and may be 304',
    here: 'only objects of the repository have an ETag',
    source: `${hexpm}/hexpm_web/controllers/controller_helpers.ex (when_stale)`
  },
  {
    subject: 'Words for a broken tarball',
    real: 'those of hex_core and Erlang’s own libraries, whatever the archive',
    here: 'the same, but where a name is no UTF-8, PAX records are odd, a file lies in a file, or the gzip is damaged; such a tarball may be taken or have other words',
    source: `${hexCore}/hex_tarball.erl (format_error)`
  },
  {
    subject: 'Atoms in metadata',
    real: 'any atom that the server’s virtual machine knows',
    here: 'true, false, nil, undefined, the encodings and the names of fields; any other is an illegal atom',
    source: `${hexCore}/safe_erl_term.xrl`
  },
  {
    subject: 'Licences',
    real: 'the list in hex_core',
    here: 'the list of the spdx-license-ids package, which may be newer',
    source: `${hexCore}/hex_licenses.erl`
  },
  {
    subject: 'Secret scan',
    real: 'contents are scanned after the publish, and the owners get a mail',
    here: 'not scanned; no mail is ever sent',
    source: `${hexpm}/hexpm/repository/releases.ex (publish_result)`
  },
  {
    subject: 'Reserved versions and advisories',
    real: 'administrators reserve names and versions; releases carry security advisories',
    here: 'only the names reserved for everybody; no advisories',
    source: `${hexpm}/hexpm/repository/releases.ex (reserved_packages)`
  },
  {
    subject: 'Requirements when reads pass to the real Hex',
    real: 'must exist in their repository',
    here: 'with --upstream a public package that is not here counts as existing, without being looked up',
    source: `${hexpm}/hexpm/repository/requirement.ex`
  },
  {
    subject: 'Private repositories',
    real: 'what the edge answers to a missing or a wrong key is not public',
    here: '401 without a key that works, 403 for one that does not reach the repository',
    source: `${hexpm}/hexpm_web/controllers/api/auth_controller.ex`
  },
  {
    subject: 'Objects that are not there',
    real: '404, from the storage behind it sometimes 403',
    here: '404',
    source: 'https://github.com/hexpm/hex/blob/main/lib/hex/registry/server.ex (missing_status?)'
  },
  {
    subject: 'Ownership',
    real: 'transfers to organizations, seats, single sign-on and roles with their own rules',
    here: 'owners are added and removed by the rules on the last one; an organization has members with a role, and its own keys may do all',
    source: `${hexpm}/hexpm_web/controllers/api/owner_controller.ex`
  },
  {
    subject: 'Other interfaces',
    real: 'search, downloads, audit logs, short links, policies, the web interface, versions of Hex to install',
    here: 'none; downloads are 0, and the list of Hex’s versions is empty',
    source: `${hexpm}/hexpm_web/router.ex`
  }
]
