import { describe, expect, test } from '@jest/globals'
import { generateKeyPairSync } from 'node:crypto'
import { checkPolicy, defaultForbiddenFiles, type Policy } from '../../actions/hex-publish/policy.ts'
import { readTarball } from '../../actions/hex-publish/tarball.ts'
import type { Problem } from '../../actions/shared/problem.ts'
import { byteList, erlang, hexTarball, validFiles, type HexTarballOptions, type Term } from '../support/hex-tarball.ts'

async function check(options: HexTarballOptions, policy: Partial<Policy> = {}): Promise<Problem[]> {
  const { tarball } = await readTarball(hexTarball(options), 'demo.tar')
  if (tarball === undefined) throw new Error('the tarball was not read')
  return checkPolicy(tarball, { requiredFiles: [], ...policy })
}

async function told(options: HexTarballOptions, policy: Partial<Policy> = {}): Promise<string[]> {
  return (await check(options, policy)).map(({ code, message }) => `${code}: ${message}`)
}

const metadata = (changes: Readonly<Record<string, Term | undefined>>): HexTarballOptions => ({ metadata: changes })
const withFiles = (files: Readonly<Record<string, string | Buffer>>): HexTarballOptions => ({
  files: { ...validFiles, ...files }
})

test('a package that hex.pm takes has no problems', async () => {
  expect(await check({}, { requiredFiles: ['priv/repo/migrations/**'] })).toEqual([])
})

describe('hex.pm would refuse', () => {
  test.each<[string, Readonly<Record<string, Term | undefined>>, string]>([
    [
      'a name with a capital',
      { name: 'Demo' },
      'package-name: "Demo" is no name that Hex takes: lower-case letters, digits and underscores, a letter first, two characters or more.'
    ],
    [
      'a name of one letter',
      { name: 'd' },
      'package-name: "d" is no name that Hex takes: lower-case letters, digits and underscores, a letter first, two characters or more.'
    ],
    ['a reserved name', { name: 'elixir' }, 'package-name: "elixir" is a name that hex.pm reserves.'],
    [
      'a version of two numbers',
      { version: '1.0' },
      'package-version: "1.0" is no version that hex.pm takes: it is not MAJOR.MINOR.PATCH with whole numbers (SemVer 2.0).'
    ],
    [
      'a version with a v',
      { version: 'v1.0.0' },
      'package-version: "v1.0.0" is no version that hex.pm takes: it is not MAJOR.MINOR.PATCH with whole numbers (SemVer 2.0).'
    ],
    [
      'a version with a build',
      { version: '1.0.0+1' },
      'package-version: "1.0.0+1" is no version that hex.pm takes: Hex takes no build after `+`.'
    ],
    [
      'a version with a huge number',
      { version: '1.0.100000000000000' },
      'package-version: "1.0.100000000000000" is no version that hex.pm takes: its numbers may go up to 99999999999999, and its pre-release have 64 characters.'
    ],
    [
      'no description',
      { description: undefined },
      'package-incomplete: The package has no description, and hex.pm asks every public package for one.'
    ],
    [
      'a description of white space',
      { description: ' \n' },
      'package-incomplete: The package has no description, and hex.pm asks every public package for one.'
    ],
    [
      'no licence',
      { licenses: [] },
      'package-incomplete: The package names no licence, and hex.pm asks every public package for one.'
    ],
    [
      'a licence that SPDX does not list',
      { licenses: ['MIT', 'Mine'] },
      'package-license: "Mine" is no licence that hex.pm takes.'
    ],
    [
      'an expression of licences',
      { licenses: ['MIT OR Apache-2.0'] },
      'package-license: "MIT OR Apache-2.0" is no licence that hex.pm takes.'
    ],
    [
      'a LicenseRef without a name',
      { licenses: ['LicenseRef-'] },
      'package-license: "LicenseRef-" is no licence that hex.pm takes.'
    ],
    [
      'a link without a scheme',
      { links: { Code: 'github.com/acme/demo' } },
      'package-link: The link "Code" leads to "github.com/acme/demo", and hex.pm takes http and https URLs with a host only.'
    ],
    [
      'a link without a host',
      { links: { Code: 'https://' } },
      'package-link: The link "Code" leads to "https://", and hex.pm takes http and https URLs with a host only.'
    ],
    [
      'a link to mail',
      { links: { Mail: 'mailto:a@b.example' } },
      'package-link: The link "Mail" leads to "mailto:a@b.example", and hex.pm takes http and https URLs with a host only.'
    ],
    [
      'no application',
      { app: undefined },
      'package-incomplete: The metadata has no "app", and hex.pm refuses a release without.'
    ],
    [
      'no build tools',
      { build_tools: [] },
      'package-incomplete: The metadata has no "build_tools", and hex.pm refuses a release without.'
    ],
    [
      'no files listed',
      { files: [] },
      'package-incomplete: The metadata has no "files", and hex.pm refuses a release without.'
    ],
    [
      'an Elixir that is no requirement',
      { elixir: 'new' },
      'package-requirement: The package requires Elixir "new", which is no requirement.'
    ],
    [
      'a requirement "nil"',
      { requirements: { ecto: { app: 'ecto', requirement: 'nil' } } },
      'package-requirement: The package requires "ecto" without saying which versions, which hex.pm refuses.'
    ],
    [
      'a requirement that is not there',
      { requirements: [{ name: 'ecto', app: 'ecto', requirement: erlang('nil') }] },
      'package-requirement: The package requires "ecto" without saying which versions, which hex.pm refuses.'
    ],
    [
      'a requirement that is none',
      { requirements: { ecto: { app: 'ecto', requirement: '~> three' } } },
      'package-requirement: The package requires "ecto" "~> three", which is no requirement.'
    ],
    [
      'a requirement with !=',
      { requirements: { ecto: { app: 'ecto', requirement: '>= 1.0.0 and != 1.1.0' } } },
      'package-requirement: The package requires "ecto" ">= 1.0.0 and != 1.1.0", and hex.pm takes no != in requirements.'
    ],
    [
      'a requirement without its application',
      { requirements: { ecto: { requirement: '~> 3.0' } } },
      'package-requirement: The package requires "ecto" without naming its application, which hex.pm refuses.'
    ],
    [
      'a requirement from an organisation',
      { requirements: { ecto: { app: 'ecto', requirement: '~> 3.0', repository: 'acme' } } },
      'package-requirement: The package requires "ecto" from the repository "acme", and a public package may require public packages only.'
    ]
  ])('%s', async (_, changes, message) => {
    expect(await told(metadata(changes))).toEqual([message])
  })

  test('a requirement from another organisation than its own', async () => {
    const requirements = { ecto: { app: 'ecto', requirement: '~> 3.0', repository: 'other' } }
    expect(await told(metadata({ requirements }), { organization: 'acme' })).toEqual([
      'package-requirement: The package requires "ecto" from the repository "other", and a package of acme may require packages of acme and public ones only.'
    ])
  })

  test('and everything is told at once, with the tarball', async () => {
    const problems = await check(metadata({ name: 'Demo', description: undefined, licenses: ['x'], links: { a: 'b' } }))
    expect(problems.map(({ code }) => code)).toEqual([
      'package-name',
      'package-incomplete',
      'package-license',
      'package-link'
    ])
    expect(problems.every(({ file, hint }) => file === 'demo.tar' && hint !== '')).toBe(true)
  })
})

describe('hex.pm takes', () => {
  test.each<[string, Readonly<Record<string, Term | undefined>>, Partial<Policy>]>([
    [
      'licences in old spellings, and one of the package’s own',
      { licenses: ['GPL-2.0', 'GPL-2.0+', 'LicenseRef-acme.1'] },
      {}
    ],
    ['a link in capitals', { links: { Code: 'HTTPS://EXAMPLE.com' } }, {}],
    [
      'a private package without description and licence',
      { description: undefined, licenses: undefined },
      { organization: 'acme' }
    ],
    ['any licence of a private package', { licenses: ['Proprietary'] }, { organization: 'acme' }],
    [
      'a requirement from the same organisation',
      { requirements: { ecto: { app: 'ecto', requirement: '~> 3.0', repository: 'acme' } } },
      { organization: 'acme' }
    ],
    ['a reserved name that has been a package before', { name: 'eldap' }, { exists: true }],
    ['a pre-release', { version: '1.0.0-rc.1' }, {}]
  ])('%s', async (_, changes, policy) => {
    expect(await told(metadata(changes), policy)).toEqual([])
  })
})

test('a licence that is only written otherwise is named as it must be', async () => {
  const hints = (await check(metadata({ licenses: ['mit', 'Apache 2.0'] }))).map(({ hint }) => hint)
  expect(hints[0]).toContain('Write "MIT"')
  expect(hints[1]).toContain('Write "Apache-2.0"')
})

describe('required-files', () => {
  test.each([
    ['a path', 'mix.exs'],
    ['a glob', 'priv/repo/migrations/*.exs'],
    ['a folder', 'priv/repo/migrations'],
    ['a folder with a slash', './priv/repo/'],
    ['a path from the root', '/mix.exs'],
    ['a folder with all that is in it', 'priv/**'],
    ['a glob for everything', '**'],
    ['the root', './'],
    ['the name of a dot file', '.formatter.exs'],
    ['a glob for dot files', '.*.exs']
  ])('are met by %s', async (_, glob) => {
    expect(await told(withFiles({ '.formatter.exs': '[]' }), { requiredFiles: [glob] })).toEqual([])
  })

  test('that match nothing are a problem each, which says what the package lists', async () => {
    const problems = await check({}, { requiredFiles: ['priv/repo/migrations/*.sql', 'mix.exs', 'docs/**'] })
    expect(problems.map(({ message }) => message)).toEqual([
      'No file of the package matches "priv/repo/migrations/*.sql", which required-files asks for.',
      'No file of the package matches "docs/**", which required-files asks for.'
    ])
    expect(problems[0]?.hint).toContain('lib/demo_schema.ex, priv/repo/migrations/20240101000000_create_notes.exs')
  })

  test.each(['priv/repo/migrations/**', 'priv/repo/migrations', '**/migrations/*.exs', '*.exs', '**'])(
    'are not met by what hides: %s',
    async (glob) => {
      const files = { 'priv/repo/migrations/.formatter.exs': '[]', '.formatter.exs': '[]' }
      expect(await told({ files }, { requiredFiles: [glob] })).toEqual([
        `required-file-missing: No file of the package matches ${JSON.stringify(glob)}, which required-files asks for.`
      ])
    }
  )

  test.each(['priv/repo/migrations/**', 'priv/repo/migrations/'])(
    'are not met by a file where %s is a folder',
    async (glob) => {
      expect(await told({ files: { 'priv/repo/migrations': 'x' } }, { requiredFiles: [glob] })).toHaveLength(1)
    }
  )

  test('have no exceptions, and are told so', async () => {
    const [problem] = await check({}, { requiredFiles: ['!lib/secret.ex'] })
    expect(problem).toMatchObject({
      code: 'required-file-missing',
      message: '"!lib/secret.ex" in required-files begins with "!", and what is required has no exceptions.'
    })
    expect(problem?.hint).toContain('forbidden-files: "lib/secret.ex"')
  })

  test('are not met by a folder or a link of that name', async () => {
    const files = [
      { name: 'mix.exs', content: 'x' },
      { name: 'priv/repo/migrations/', type: '5' },
      { name: 'a.sql', type: '2', target: 'mix.exs' }
    ]
    expect(await told({ files }, { requiredFiles: ['priv/repo/migrations/**', '*.sql'] })).toHaveLength(2)
  })
})

describe('forbidden-files', () => {
  test.each([
    '.env',
    '.env.production',
    'config/.env',
    '.ENV',
    '.envrc',
    'config/prod.secret.exs',
    '.netrc',
    'assets/.npmrc',
    '.pypirc',
    '.git/config',
    '_build/dev/lib/a.beam',
    'deps/ecto/mix.exs',
    'assets/node_modules/a/index.js',
    'priv/cert/server.pem',
    'priv/server.key',
    'id_rsa',
    '.ssh/id_ed25519',
    'store.p12',
    'priv/plts/dialyzer.plt',
    'erl_crash.dump',
    'backup.dump',
    'db.sql.gz',
    '.git-credentials',
    '.docker/config.json',
    '.hex/hex.config',
    'AuthKey.p8'
  ])('forbid %s unless told otherwise, and say how to allow it', async (path) => {
    const problems = await check(withFiles({ [path]: 'x' }))
    expect(problems.map(({ code }) => code)).toEqual(['forbidden-file'])
    expect(problems[0]?.message).toContain(JSON.stringify(path))
    expect(await told(withFiles({ [path]: 'x' }), { forbiddenFiles: [`!${path}`] })).toEqual([])
  })

  test.each([
    '.env.example',
    '.formatter.exs',
    'priv/cacerts.pem',
    'c_src/deps/leveldb.c',
    'priv/repo/structure.sql',
    'lib/env.ex',
    'lib/key.ex',
    'priv/gettext/de/LC_MESSAGES/default.po',
    'priv/static/app.js',
    'src/id_rsa.erl',
    'include/demo.hrl',
    '.gitignore',
    'lib/dump.ex',
    'lib/deps/a.ex'
  ])('let %s pass, as packages ship such files', async (path) => {
    expect(await told(withFiles({ [path]: 'x' }))).toEqual([])
  })

  test('that the user gives stand instead of the defaults', async () => {
    const options = withFiles({ '.env': 'x', 'docs/a.md': 'x', 'docs/b.md': 'x' })
    expect(await told(options, { forbiddenFiles: ['docs', '!docs/b.md'] })).toEqual([
      'forbidden-file: The package has "docs/a.md" in it, which forbidden-files forbids as "docs".'
    ])
  })

  test('begin at the root, also with a slash', async () => {
    const options = withFiles({ 'notes.md': 'x', 'docs/notes.md': 'x' })
    for (const glob of ['/notes.md', './notes.md', 'notes.md']) {
      expect(await told(options, { forbiddenFiles: [glob] })).toEqual([
        `forbidden-file: The package has "notes.md" in it, which forbidden-files forbids as ${JSON.stringify(glob)}.`
      ])
    }
  })

  test('join the defaults where all of them are exceptions', async () => {
    const options = withFiles({ '.env': 'x', 'priv/a.pem': 'x' })
    expect(await told(options, { forbiddenFiles: ['!priv/a.pem'] })).toEqual([
      'forbidden-file: The package has ".env" in it, which forbidden-files forbids as "**/.env".'
    ])
  })

  test('are forbidden as links and empty folders too', async () => {
    const files = [
      { name: 'a.ex', content: 'x' },
      { name: '.env', type: '2', target: 'a.ex' },
      { name: 'node_modules/', type: '5' }
    ]
    expect(await told({ files })).toHaveLength(2)
  })

  test('tell nine of hundreds, and how many more', async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`node_modules/${index}.js`, 'x']))
    const messages = await told(withFiles(files))
    expect(messages).toHaveLength(10)
    expect(messages.at(-1)).toBe('forbidden-file: 291 more files of the package are forbidden.')
  })

  test('have a default that no pattern of is there twice', () => {
    expect(new Set(defaultForbiddenFiles).size).toBe(defaultForbiddenFiles.length)
  })
})

/** Put together when it runs, so that no scanner takes this file for a leak. */
const joined = (...parts: readonly string[]): string => parts.join('')

describe('a secret in a file is found', () => {
  const pem = (format: 'pkcs1' | 'pkcs8'): string =>
    generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: format, format: 'pem' }).toString()
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const letters = 'aB3dE5gH7jK9mN1pQ4sT6vW8xY0zA2cD'.repeat(5)

  test.each<[string, string, string]>([
    ['an RSA key', pem('pkcs1'), 'a private key'],
    ['a key in PKCS 8', pem('pkcs8'), 'a private key'],
    ['an EC key', ec.export({ type: 'sec1', format: 'pem' }).toString(), 'a private key'],
    [
      'an encrypted key',
      ec.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }).toString(),
      'a private key'
    ],
    [
      'a key with headers',
      pem('pkcs1').replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\n'),
      'a private key'
    ],
    ['an indented key', pem('pkcs8').replaceAll('\n', '\n    '), 'a private key'],
    ['a key in JSON', JSON.stringify({ private_key: pem('pkcs8') }), 'a private key'],
    ['a key with CRLF', pem('pkcs8').replaceAll('\n', '\r\n'), 'a private key'],
    ['a GitHub token', joined('token = "ghp', `_${letters.slice(0, 36)}"`), 'a GitHub token'],
    [
      'a fine-grained GitHub token',
      joined('github', `_pat_${letters.slice(0, 22)}_${letters.slice(0, 59)}`),
      'a GitHub token'
    ],
    ['a GitLab token', joined('glpat', `-${letters.slice(0, 20)}`), 'a GitLab token'],
    ['an AWS access key', joined('AKIA', 'QZ3WSX4EDC5RFV6T'), 'an AWS access key'],
    ['a Slack token', joined('xoxb', `-123456789012-${letters.slice(0, 24)}`), 'a Slack token'],
    ['a Stripe key', joined('sk', `_live_${letters.slice(0, 24)}`), 'a Stripe key'],
    ['an npm token', joined('npm', `_${letters.slice(0, 36)}`), 'an npm token'],
    ['a PyPI token', joined('pypi', `-AgE${letters.slice(0, 60)}`), 'a PyPI token'],
    ['a SendGrid key', joined('SG', `.${letters.slice(0, 22)}.${letters.slice(0, 43)}`), 'a SendGrid key'],
    ['an Anthropic key', joined('sk', `-ant-api03-${letters.slice(0, 90)}`), 'an Anthropic key'],
    ['a DigitalOcean token', joined('dop', `_v1_${'0123456789abcdef'.repeat(4)}`), 'a DigitalOcean token'],
    ['a Fly.io token', joined('fm2', `_${letters.slice(0, 120)}`), 'a Fly.io token']
  ])('%s, with its line and without itself', async (_, secret, what) => {
    const problems = await check(withFiles({ 'lib/config.ex': `# one\n# two\n${secret}\n` }))
    expect(problems.map(({ code, message, file, line }) => ({ code, message, file, line }))).toEqual([
      {
        code: 'secret-in-package',
        message: `Line 3 of "lib/config.ex" in the package has ${what} in it.`,
        file: 'demo.tar/lib/config.ex',
        line: 3
      }
    ])
    expect(JSON.stringify(problems)).not.toContain(secret.slice(8, 30))
  })

  test.each([
    ['the header of a key alone', 'if String.starts_with?(text, "-----BEGIN RSA PRIVATE KEY-----"), do: :key'],
    ['a key that is cut out', '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----'],
    ['a public key', generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ['a certificate', `-----BEGIN CERTIFICATE-----\n${letters.slice(0, 64)}\n-----END CERTIFICATE-----`],
    ['a token of documentation', `ghp_${'x'.repeat(36)}`],
    ['the access key of AWS’s documentation', 'AKIAIOSFODNN7EXAMPLE'],
    ['a test key of Stripe', joined('sk_test', `_${letters.slice(0, 24)}`)],
    ['a checksum', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08']
  ])('but not %s', async (_, text) => {
    expect(await told(withFiles({ 'lib/config.ex': text }))).toEqual([])
  })

  test('but not where the package exempts it from hex.pm’s scan', async () => {
    const options = {
      ...withFiles({ 'test/fixtures/key.txt': pem('pkcs8') }),
      ...metadata({ secret_scan: { ignore: ['test/**'] } })
    }
    expect(await told(options)).toEqual([])
  })

  test('if it is the key of this run, wherever it is', async () => {
    const apiKey = '0123456789abcdef0123456789abcdef'
    const options = {
      ...withFiles({ 'test/key': `\nkey: ${apiKey}` }),
      ...metadata({ secret_scan: { ignore: ['**'] } })
    }
    const problems = await check(options, { apiKey })
    expect(problems.map(({ message }) => message)).toEqual([
      'Line 2 of "test/key" in the package has the key that this run publishes with in it.'
    ])
    expect(problems[0]?.hint).toContain('Revoke the key')
    expect(JSON.stringify(problems)).not.toContain(apiKey)
  })

  test('also in the metadata, however it is spelled there', async () => {
    const apiKey = '0123456789abcdef0123456789abcdef'
    const links = {
      Code: `https://example.com/?k=${apiKey}`,
      Token: byteList(joined('ghp', `_${letters.slice(0, 36)}`))
    }
    const problems = await check(metadata({ links, secret_scan: { ignore: ['**'] } }), { apiKey })
    expect(
      problems
        .filter(({ code }) => code === 'secret-in-package')
        .map(({ message, file, line }) => ({ message, file, line }))
    ).toEqual([
      {
        message: '"metadata.config" in the package has the key that this run publishes with in it.',
        file: 'demo.tar/metadata.config',
        line: undefined
      }
    ])
    const found = await told(metadata({ extra: { token: links.Token } }))
    expect(found).toEqual(['secret-in-package: "metadata.config" in the package has a GitHub token in it.'])
  })

  test.each([
    ['headers of spaces', `-----BEGIN PRIVATE KEY-----\n${`A: ${' '.repeat(80)}`.repeat(4)}A!\n`],
    ['empty lines', `-----BEGIN PRIVATE KEY-----${'\n'.repeat(70)}`],
    ['headers in headers', '-----BEGIN RSA PRIVATE KEY-----\n\n\nA: b\nA: -----BEGIN PRIVATE KEY-----\nC: d\n'],
    ['tokens', joined('pypi', '-AgE')],
    ['one token', joined('fm2', `_${'x'.repeat(1024)}`)]
  ])('in time, in 4 MiB of %s that are nearly one', async (_, text) => {
    const nearly = Buffer.alloc(4 * 1024 * 1024, text)
    const started = performance.now()
    expect((await told(withFiles({ nearly }))).length).toBeLessThan(2)
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
