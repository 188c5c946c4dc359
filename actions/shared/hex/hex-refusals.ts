/** What one of Hex's refusals means. Absent conditions always hold; the first entry of a table that fits counts. */
export interface Refusal {
  readonly code: string
  readonly status?: readonly number[]
  /** In the server's words; for a validation `FIELD TEXT`. */
  readonly words?: RegExp
  /** In `WWW-Authenticate`. */
  readonly header?: RegExp
  readonly hint: string
}

/** How a key is made; the names are those of the dashboard (hexpm, generate_key_modal.ex). */
export const makeKey =
  'Make a key at hex.pm/dashboard/keys (“Generate New Key”): tick “Write” under API, or only the package under Packages if it exists already. For an organization make it at hex.pm/dashboard/orgs/ORGANIZATION/keys. Store it as the secret HEX_API_KEY and give it as `api-key: ${{ secrets.HEX_API_KEY }}`.'

/** Refusals by status and message, from hexpm's auth_helpers.ex, plugs.ex, plugs/attack.ex and error_view.ex. */
export const refusals: readonly Refusal[] = [
  {
    code: 'hex-two-factor',
    status: [401],
    header: /totp/,
    hint:
      'An OAuth token needs a one-time password for every write, so it cannot publish from a workflow. Use an API key, which needs none. ' +
      makeKey
  },
  {
    code: 'hex-two-factor',
    status: [401, 403, 429],
    words: /two-factor/i,
    hint:
      'OAuth tokens need two-factor authentication for writing, and a one-time password with each request. Use an API key, which needs none. ' +
      makeKey
  },
  {
    code: 'hex-key-missing',
    status: [401],
    words: /missing authentication/i,
    hint:
      'This needs an API key, and none was sent. The secret may be empty here: workflows of forks get no secrets, and one of an environment needs `environment:` in the job. ' +
      makeKey
  },
  {
    code: 'hex-key-revoked',
    status: [401],
    words: /revoked/i,
    hint: 'The key was revoked, or its time has run out: Hex says the same of both. ' + makeKey
  },
  {
    code: 'hex-key-not-allowed',
    status: [401],
    words: /not authorized for this action/i,
    hint:
      'The key is good, but its permissions do not include this. A key for one package cannot create a package, and a key for repositories or docs cannot publish. ' +
      makeKey
  },
  {
    code: 'hex-key-refused',
    status: [401],
    words: /basic authentication is disabled/i,
    hint: 'User and password are no longer taken. ' + makeKey
  },
  {
    code: 'hex-key-refused',
    status: [401],
    hint:
      'Hex does not know this key. Check that the secret holds the key’s value, not its name, whole and without quotes, and is of hex.pm. ' +
      makeKey
  },
  {
    code: 'hex-not-owner',
    status: [403],
    words: /account not authorized/i,
    hint: 'The key’s owner may not do this to the package. Let an owner add it (`mix hex.owner add PACKAGE USER`), use a key of an owner, or check the package’s name: somebody else may have it. In an organization a member needs the role “write”.'
  },
  {
    code: 'hex-account',
    status: [403],
    words: /email not verified/i,
    hint: 'The key’s owner must verify a mail address at hex.pm/dashboard/email. Then run the job again.'
  },
  {
    code: 'hex-billing',
    status: [403],
    words: /billing/i,
    hint: 'The organization’s subscription is not active. An administrator can renew it at hex.pm/dashboard/orgs/ORGANIZATION/billing.'
  },
  {
    code: 'hex-forbidden',
    status: [403],
    words: /^blocked$/i,
    hint: 'Hex blocks this runner’s address. Use another runner, or ask support@hex.pm.'
  },
  {
    code: 'hex-forbidden',
    status: [403],
    hint: 'Hex, or a proxy before it, does not allow this. Check the key’s owner and permissions, and that hex.pm is reachable from this runner without a filter.'
  },
  {
    code: 'hex-account',
    status: [400],
    words: /^bad request$/i,
    hint: 'Hex gives no reason. It answers so to the keys of deactivated accounts: check the key’s owner at hex.pm, or ask support@hex.pm.'
  },
  {
    code: 'hex-invalid',
    status: [400, 405, 406, 415],
    hint: 'Hex does not understand the request for the reason it gives. Correct the value that it names.'
  },
  {
    code: 'hex-not-found',
    status: [404],
    hint: 'Check the package’s name, the version and the organization. Hex answers 404 also for private things that the key may not see.'
  },
  {
    code: 'hex-too-large',
    status: [413],
    hint: 'Hex takes 16 MiB at most. Leave out what users do not need: check `files` in the package’s metadata, or make the documentation smaller.'
  },
  {
    code: 'hex-rate-limit',
    status: [429],
    hint: 'Hex takes 500 requests a minute of one user or organization, and 100 of an address without a key. Run the job again after that: what is done is not done twice.'
  },
  {
    code: 'hex-outage',
    status: [408, 425, 500, 502, 503, 504],
    hint: 'This is a fault on Hex’s side: see status.hex.pm. Run the job again later: what is done is not done twice.'
  },
  {
    code: 'hex-invalid',
    status: [422],
    hint: 'Hex found the package invalid for the reason it gives. Correct that and release again.'
  }
]

/** What Hex says of single fields in a 422, from hexpm's release.ex, package.ex, requirement.ex and hex_core's tarball reader. */
export const validations: readonly Refusal[] = [
  {
    code: 'hex-release-exists',
    words: /^inserted_at .*--replace/,
    hint: 'The release is there already. Release a new version; only within its window can it be replaced, with `replace: true`.'
  },
  {
    code: 'hex-window-closed',
    words: /^inserted_at can only/,
    hint: 'A public release can be changed for one hour after it was published, or 24 hours after its package’s first release. Publish a patched version, and retire the bad one with `mode: retire`.'
  },
  {
    code: 'hex-release-exists',
    words: /^version has already been published/,
    hint: 'Something else published this version at the same moment. Let one job publish, and run this one again: it compares what is there.'
  },
  {
    code: 'hex-version-refused',
    words: /^version /,
    hint: 'Hex takes versions as Elixir does: three numbers, a pre-release of at most 64 characters, and no build number (`+…`). Correct the version and tag again.'
  },
  {
    code: 'hex-name-refused',
    words: /^name you cannot delete/,
    hint: 'Other packages depend on this one, so that its last release cannot be taken back. Retire it with `mode: retire`.'
  },
  {
    code: 'hex-name-refused',
    words: /^name /,
    hint: 'A package’s name begins with a small letter, has at least two of a–z, 0–9 and _, is not reserved by Hex, and stays the same. Choose another in the package’s metadata.'
  },
  {
    code: 'hex-requirement',
    words: /^requirements?[. ]/,
    hint: 'Correct this dependency: it must be a package that Hex has in that repository, with a version requirement. A package of an organization can be required by packages of the same organization only.'
  },
  {
    code: 'hex-too-large',
    words: /^tar .*too big/,
    hint: 'Hex takes 16 MiB packed and 128 MiB unpacked. Leave out what users do not need: check `files` in the package’s metadata, or make the documentation smaller.'
  },
  {
    code: 'hex-tarball-refused',
    words: /^tar /,
    hint: 'Hex cannot read the tarball for the reason it gives. Build it with current tools (`mix hex.build`, `rebar3 hex build`, `gleam export hex-tarball`).'
  },
  {
    code: 'hex-metadata-refused',
    words: /^meta[. ]/,
    hint: 'Correct this field under `package` in mix.exs (or in the app’s .app.src, or gleam.toml), build and release again.'
  },
  {
    code: 'hex-retirement',
    words: /^(retirement|reason|message)[. ]/,
    hint: 'A retirement has one of the reasons other, invalid, security, deprecated, renamed, and a message of 3 to 140 characters.'
  },
  {
    code: 'hex-invalid',
    hint: 'Hex found the package invalid for the reason it gives. Correct that and release again.'
  }
]
