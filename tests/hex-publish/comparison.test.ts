import { describe, expect, test } from '@jest/globals'
import { compareTarballs, type TarballDifference } from '../../actions/hex-publish/comparison.ts'
import { readTarball, type Tarball } from '../../actions/hex-publish/tarball.ts'
import {
  byteList,
  erlang,
  hexTarball,
  metadataConfig,
  pairs,
  validFiles,
  validMetadata,
  type HexTarballOptions,
  type TarEntry,
  type Term
} from '../support/hex-tarball.ts'

async function read(options: HexTarballOptions): Promise<Tarball> {
  const { tarball } = await readTarball(hexTarball(options), 'demo.tar')
  if (tarball === undefined) throw new Error('the tarball was not read')
  return tarball
}

async function compare(published: HexTarballOptions, local: HexTarballOptions): Promise<TarballDifference> {
  return compareTarballs(await read(published), await read(local))
}

const same = { same: true, metadata: [], files: [] }
const entries = (files: Readonly<Record<string, string>>): TarEntry[] =>
  Object.entries(files).map(([name, content]) => ({ name, content }))

describe('two tarballs are the same release', () => {
  const needed = { app: 'ecto', optional: false, repository: 'hexpm', requirement: '~> 3.0' }

  test.each<[string, HexTarballOptions, HexTarballOptions]>([
    ['with their bytes equal', {}, {}],
    ['with files in another order', {}, { files: entries(validFiles).reverse() }],
    [
      'with other modes, none of which lets anyone execute',
      {},
      { files: entries(validFiles).map((entry) => ({ ...entry, mode: 0o100600 })) }
    ],
    [
      'with scripts that others may execute or only their owner',
      { files: [{ name: 'run', mode: 0o100755 }] },
      { files: [{ name: 'run', mode: 0o100700 }] }
    ],
    [
      'packed by GNU tar',
      {},
      { members: (members) => members.map((member) => ({ ...member, magic: 'gnu' as const })).reverse() }
    ],
    [
      'with requirements in both shapes',
      { metadata: { requirements: [{ name: 'ecto', ...needed }] } },
      { metadata: { requirements: { ecto: needed } } }
    ],
    [
      'with requirements in another order',
      {
        metadata: {
          requirements: [
            { name: 'ecto', ...needed },
            { name: 'plug', ...needed, app: 'plug' }
          ]
        }
      },
      { metadata: { requirements: { plug: { ...needed, app: 'plug' }, ecto: { requirement: '~> 3.0' } } } }
    ],
    [
      'with licences, links and build tools in another order',
      {
        metadata: {
          licenses: ['MIT', 'ISC'],
          links: { a: 'https://a.example', b: 'https://b.example' },
          build_tools: ['mix', 'make']
        }
      },
      {
        metadata: {
          licenses: ['ISC', 'MIT'],
          links: { b: 'https://b.example', a: 'https://a.example' },
          build_tools: ['make', 'mix']
        }
      }
    ],
    [
      'with text in another spelling',
      { metadata: { description: 'Größe' } },
      { metadata: { description: byteList('Größe') } }
    ],
    [
      'with folders listed or not',
      { metadata: { files: ['lib', ...Object.keys(validFiles)] } },
      { metadata: { files: Object.keys(validFiles).reverse() } }
    ],
    [
      'with extra in another order',
      { metadata: { extra: { a: { x: 1, y: [1, 2] }, b: true } } },
      { metadata: { extra: { b: true, a: { y: [1, 2], x: 1 } } } }
    ],
    [
      'with extra as a map or as pairs',
      { metadata: { extra: erlang('#{<<"a">> => 1, <<"b">> => "x"}') } },
      { metadata: { extra: { b: 'x', a: 1 } } }
    ],
    [
      'with empty keys, or without',
      { metadata: { maintainers: [], extra: [], elixir: erlang('nil') } },
      { metadata: { elixir: undefined } }
    ],
    [
      'with a folder that is there for the files in it',
      {},
      { files: [{ name: 'lib/', type: '5' }, ...entries(validFiles)], metadata: { files: Object.keys(validFiles) } }
    ]
  ])('%s', async (_, published, local) => {
    expect(await compare(published, local)).toEqual(same)
  })
})

/** Also of a name that an object of JavaScript has. */
function withKey(key: string, value: Term | undefined): string {
  const config = metadataConfig({ ['x_key']: value, ...(key in validMetadata ? { [key]: undefined } : {}) })
  return config.replace('x_key', key)
}

describe('two tarballs are not the same release', () => {
  test.each<[string, Term | undefined, Term | undefined]>([
    ['description', 'one', 'two'],
    ['licenses', ['MIT'], ['MIT', 'ISC']],
    ['links', { a: 'https://a.example' }, { a: 'https://b.example' }],
    ['build_tools', ['mix'], ['mix', 'make']],
    ['elixir', '~> 1.14', undefined],
    ['app', 'demo', 'other'],
    ['version', '0.1.0', '0.1.1'],
    ['maintainers', undefined, ['Ann']],
    ['extra', { a: [1, 2] }, { a: [2, 1] }],
    ['requirements', { ecto: { requirement: '~> 3.0' } }, { ecto: { requirement: '~> 3.1' } }],
    ['requirements', { ecto: { requirement: '~> 3.0' } }, { ecto: { requirement: '~> 3.0', optional: true } }],
    ['requirements', { ecto: { requirement: '~> 3.0' } }, { ecto: { requirement: '~> 3.0', app: 'ecto_sql' } }],
    ['requirements', { ecto: { requirement: '~> 3.0' } }, { ecto: { requirement: '~> 3.0', repository: 'acme' } }],
    ['secret_scan', undefined, { ignore: ['**'] }],
    ['a_key_of_tomorrow', 1, 2],
    ['constructor', 'one', 'two'],
    ['__proto__', 'one', 'two'],
    ['links', pairs(['a', 'https://a.example'], ['a', 'https://c.example']), { a: 'https://c.example' }],
    ['extra', pairs(['a', 1], ['a', 2]), pairs(['a', 2], ['a', 1])],
    ['extra', { a: 99999999999999999999n }, { a: '99999999999999999999' }],
    ['extra', { a: 1 }, { a: '1' }],
    ['extra', { a: erlang('nil') }, { a: erlang('undefined') }],
    ['extra', [erlang('true')], ['true']],
    ['extra', erlang('{1,2}'), [1, 2]]
  ])('with another %s', async (key, published, local) => {
    const {
      same: equal,
      metadata,
      files
    } = await compare({ metadataConfig: withKey(key, published) }, { metadataConfig: withKey(key, local) })
    expect({ equal, keys: metadata.map((difference) => difference.key), files }).toEqual({
      equal: false,
      keys: [key],
      files: []
    })
  })

  test('with a script that others alone may execute', async () => {
    const { files } = await compare(
      { files: [{ name: 'run', mode: 0o100654 }] },
      { files: [{ name: 'run', mode: 0o100644 }] }
    )
    expect(files.map(({ why }) => why)).toEqual(['the published file is executable, the local one is not'])
  })

  test('and both values are shown, or that there is none', async () => {
    const { metadata } = await compare(
      { metadata: { elixir: '~> 1.14' } },
      { metadata: { elixir: undefined, maintainers: ['Ann'] } }
    )
    expect(metadata).toEqual([
      { key: 'elixir', published: '"~> 1.14"' },
      { key: 'maintainers', local: '["Ann"]' }
    ])
  })

  test('with other files, each with its side and the reason', async () => {
    const listed = { metadata: { files: ['all'] } }
    const { same: equal, files } = await compare(
      {
        ...listed,
        files: [
          { name: 'bytes', content: 'one' },
          { name: 'gone', content: 'x' },
          { name: 'kind', content: 'x' },
          { name: 'link', type: '2', target: 'kind' },
          { name: 'run', content: '', mode: 0o100755 },
          { name: 'same', content: 'x' },
          { name: 'empty/', type: '5' }
        ]
      },
      {
        ...listed,
        files: [
          { name: 'bytes', content: 'two!' },
          { name: 'kind', type: '2', target: 'same' },
          { name: 'link', type: '2', target: 'same' },
          { name: 'new', content: 'x' },
          { name: 'run', content: '' },
          { name: 'same', content: 'x' }
        ]
      }
    )
    expect(equal).toBe(false)
    expect(files).toEqual([
      {
        path: 'bytes',
        change: 'differs',
        why: 'the bytes differ: a file of 3 bytes (sha256 7692c3ad…) is published, a file of 4 bytes (sha256 a97b629a…) is local'
      },
      { path: 'empty', change: 'only published', why: 'an empty folder is published' },
      { path: 'gone', change: 'only published', why: 'a file of 1 bytes (sha256 2d711642…) is published' },
      {
        path: 'kind',
        change: 'differs',
        why: 'the kinds differ: a file of 1 bytes (sha256 2d711642…) is published, a link to "same" is local'
      },
      {
        path: 'link',
        change: 'differs',
        why: 'the links differ: a link to "kind" is published, a link to "same" is local'
      },
      { path: 'new', change: 'only local', why: 'a file of 1 bytes (sha256 2d711642…) is local' },
      { path: 'run', change: 'differs', why: 'the published file is executable, the local one is not' }
    ])
  })
})
