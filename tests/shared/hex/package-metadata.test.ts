import { describe, expect, test } from '@jest/globals'
import { readPackageMetadata, type PackageMetadata } from '../../../actions/shared/hex/package-metadata.ts'
import { byteList, erlang, metadataConfig, pairs, type Term } from '../../support/hex-tarball.ts'

function read(config: string | Buffer): PackageMetadata {
  const reading = readPackageMetadata(Buffer.from(config))
  if ('fault' in reading) throw new Error(reading.fault)
  return reading.metadata
}

function changed(metadata: Record<string, Term | undefined>): PackageMetadata {
  return read(metadataConfig(metadata))
}

function fault(config: string | Buffer): string {
  const reading = readPackageMetadata(Buffer.from(config))
  return 'fault' in reading ? reading.fault : 'none'
}

test('every key of a package is read', () => {
  const { raw, ...metadata } = changed({
    files: ['lib', 'lib/demo.ex'],
    maintainers: ['Ann'],
    secret_scan: { ignore: ['test/**'] }
  })
  expect(metadata).toEqual({
    name: 'demo_schema',
    app: 'demo_schema',
    version: '0.1.0',
    description: 'Migrations of the demo database',
    elixir: '~> 1.14',
    licenses: ['MIT'],
    links: [['GitHub', 'https://github.com/acme/demo_schema']],
    files: ['lib', 'lib/demo.ex'],
    buildTools: ['mix'],
    requirements: [{ name: 'ecto_sql', app: 'ecto_sql', requirement: '~> 3.11', optional: false, repository: 'hexpm' }],
    maintainers: ['Ann'],
    secretScanIgnore: ['test/**']
  })
  expect([...raw.keys()]).toContain('secret_scan')
})

describe('requirements', () => {
  const ecto = { name: 'ecto', app: 'ecto', requirement: '~> 3.0', optional: true, repository: 'acme' }
  const { name, ...rest } = ecto

  test.each<[string, Term]>([
    ['as Mix writes them', [ecto]],
    ['as rebar3 and Gleam write them', { [name]: rest }],
    ['with bytes for texts', [{ ...ecto, requirement: byteList('~> 3.0') }]],
    [
      'as a map of Erlang',
      erlang(
        '#{<<"ecto">> => #{<<"app">> => <<"ecto">>, <<"optional">> => true, <<"requirement">> => <<"~> 3.0">>, <<"repository">> => <<"acme">>}}'
      )
    ]
  ])('%s are one thing', (_, requirements) => {
    expect(changed({ requirements }).requirements).toEqual([ecto])
  })

  test.each<[string, Term | undefined]>([
    ['an empty list', []],
    ['no key', undefined],
    ['nil', erlang('nil')]
  ])('are none with %s', (_, requirements) => {
    expect(changed({ requirements }).requirements).toEqual([])
  })

  test('without app, version and repository have none, and are not optional', () => {
    expect(changed({ requirements: { ecto: { requirement: erlang('nil') } } }).requirements).toEqual([
      { name: 'ecto', optional: false }
    ])
  })
})

test('text is the same in every spelling', () => {
  const spellings = [
    byteList('Größe'),
    erlang('<<"Größe"/utf8>>'),
    erlang('<<"Grö"/utf8, "\n" "\\s", 0>>'),
    erlang('"Größe"')
  ].map((description) => changed({ description }).description)
  expect(spellings).toEqual(['Größe', 'Größe', 'Grö\n \0', 'Größe'])
  const latin1 = Buffer.from(metadataConfig({ description: erlang('<<"Gr\xf6\xdfe">>') }), 'latin1')
  expect(read(latin1).description).toBe('Größe')
})

test('build tools that are not named are told from the files at the root, as hex_core does', () => {
  const guessed = (files: string[]) => changed({ build_tools: undefined, files }).buildTools
  expect(guessed(['rebar.config', 'Makefile', 'rebar', 'mix.exs'])).toEqual(['make', 'mix', 'rebar3'])
  expect(guessed(['src/mix.exs'])).toEqual([])
})

describe('metadata is refused', () => {
  test.each<[string, Record<string, Term | undefined>, string]>([
    ['without a name', { name: undefined }, 'it has no "name"'],
    ['with an empty version', { version: '' }, 'it has no "version"'],
    ['with a number for a name', { name: 1 }, '"name" is not a text'],
    ['with a text for licences', { licenses: 'MIT' }, '"licenses" is not a list of texts'],
    ['with a number among files', { files: ['a', 1] }, '"files" is not a list of texts'],
    ['with a list for links', { links: ['https://a.example'] }, '"links" is not a list of names and URLs'],
    ['with a number for a URL', { links: { a: 1 } }, '"links" is not a list of names and URLs'],
    ['with a text for requirements', { requirements: 'ecto' }, '"requirements" is not a list of packages'],
    [
      'with a requirement without a name',
      { requirements: [{ app: 'a' }] },
      '"requirements" is not a list of packages with names'
    ],
    [
      'with a text for optional',
      { requirements: { a: { optional: 'no' } } },
      '"requirements of a" is not "optional" as true or false'
    ],
    ['with a requirement twice', { requirements: pairs(['a', {}], ['a', {}]) }, 'the requirement "a" is in it twice'],
    [
      'with a requirement that says twice what it requires',
      {
        requirements: { a: pairs(['requirement', '~> 2.0'], ['app', 'a'], ['requirement', '~> 1.0']) }
      },
      'a requirement has the key "requirement" twice'
    ],
    [
      'with an atom that readers need not know',
      { extra: { a: [erlang('some_atom')] } },
      'the atom "some_atom" is none that Hex\'s readers know'
    ],
    [
      'with a float',
      { extra: { a: erlang('0.5') } },
      'line 11: a number has a decimal point, and Hex reads whole numbers only'
    ]
  ])('%s', (_, metadata, message) => {
    expect(fault(metadataConfig(metadata))).toBe(message)
  })

  test.each([
    ['that is empty', '', 'it is empty'],
    ['with a key twice', `${metadataConfig({})}{<<"name">>,<<"other">>}.`, 'the key "name" is in it twice'],
    ['with a form that is no pair', `${metadataConfig({})}[1].`, 'it is not all {key, value} pairs'],
    ['with a key that is a number', `${metadataConfig({})}{1,2}.`, 'it is not all {key, value} pairs']
  ])('%s', (_, config, message) => {
    expect(fault(config)).toBe(message)
  })

  test('with a hundred thousand requirements of two names in no time', () => {
    const requirements = erlang(`[${'{"a",[]},'.repeat(100_000)}{"b",[]}]`)
    expect(fault(metadataConfig({ requirements }))).toBe('the requirement "a" is in it twice')
  })
})
