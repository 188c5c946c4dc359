import { describe, expect, test } from '@jest/globals'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { readDistribution } from '../../actions/pypi-publish/distribution.ts'
import { temporaryFolder } from '../support/run-action.ts'
import {
  coreMetadata,
  pax,
  sdist,
  tar,
  wheel,
  writeFiles,
  zip,
  type BuiltFile,
  type ZipEntry
} from '../support/distributions.ts'

const folder = temporaryFolder('archives')

async function read(file: BuiltFile) {
  const [path = ''] = writeFiles(folder, file)
  return readDistribution(path, `dist/${file.filename}`)
}

async function faults(file: BuiltFile): Promise<string[]> {
  return (await read(file)).problems.map((problem) => `${problem.code}: ${problem.message}`)
}

/** Changes the first entry, the package's `__init__.py`. */
function firstEntry(change: Partial<ZipEntry>): BuiltFile {
  return wheel({ entries: ([first, ...rest]) => [{ ...first!, ...change }, ...rest] })
}

const long = Buffer.from('x = 1\n'.repeat(100))

describe('a wheel that is as it should be', () => {
  test('is read whole, with hashes, tag and metadata', async () => {
    const { distribution, problems, warnings } = await read(
      wheel({
        tag: 'cp312-cp312-win_amd64',
        headers: ['Summary: A demo'],
        description: '# Demo\r\n\nLF and CRLF stay\n'
      })
    )
    expect(problems).toEqual([])
    expect(warnings).toEqual([])
    expect(distribution).toMatchObject({ kind: 'wheel', name: 'demo-pkg', pyversion: 'cp312' })
    expect(distribution?.metadata.fields.get('description')).toEqual(['# Demo\r\n\nLF and CRLF stay\n'])
    expect(distribution?.sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  test.each([
    ['64-bit records', wheel({ zip: { zip64: true } })],
    ['a comment at its end', wheel({ zip: { comment: 'built by hand' } })],
    ['a non-ASCII name marked as UTF-8', wheel({ files: { 'demo_pkg/größe.txt': 'x' } })],
    ['a name with a comma and quotes, quoted in RECORD', wheel({ files: { 'demo_pkg/a, "b".txt': 'x' } })],
    [
      'an empty file and a folder',
      wheel({
        files: { 'demo_pkg/py.typed': '' },
        entries: (all) => [{ name: 'demo_pkg/', content: Buffer.alloc(0) }, ...all]
      })
    ],
    [
      'entry points',
      wheel({ files: { 'demo_pkg-1.0.0.dist-info/entry_points.txt': '[console_scripts]\ndemo = demo_pkg:main\n' } })
    ]
  ])('is accepted with %s', async (_what, file) => {
    expect(await read(file)).toMatchObject({ problems: [], warnings: [] })
  })
})

describe('a wheel is refused', () => {
  const encrypted = 1
  const descriptor = 8
  test.each<[string, BuiltFile, string]>([
    [
      'that is no zip',
      { filename: wheel().filename, bytes: Buffer.from('not a zip, but longer than an end record') },
      'it is no zip file'
    ],
    ['that is empty', { filename: wheel().filename, bytes: Buffer.alloc(0) }, 'it is no zip file'],
    ['that is cut off', { ...wheel(), bytes: wheel().bytes.subarray(0, -30) }, 'its end is missing'],
    ['with data after its end', wheel({ zip: { after: Buffer.from('more') } }), 'data after its end'],
    ['with data before its first file', wheel({ zip: { before: Buffer.from('#!/bin/sh\n') } }), 'data before'],
    ['with data between files', firstEntry({ after: Buffer.from('hidden') }), 'data before'],
    [
      'with a file its directory does not list',
      wheel({ entries: ([first, ...rest]) => [first!, { name: 'hidden.py', content: long, hidden: true }, ...rest] }),
      'data before'
    ],
    ['with one name twice', wheel({ entries: ([first, ...rest]) => [first!, first!, ...rest] }), 'is in it twice'],
    ['whose directory declares another number of files', wheel({ zip: { count: 2 } }), 'entries and declares 2'],
    ['with a data descriptor', firstEntry({ flags: descriptor }), 'data descriptor'],
    [
      'with a data descriptor in the local header only',
      firstEntry({ local: { flags: descriptor } }),
      'data descriptor'
    ],
    ['that is encrypted', firstEntry({ flags: encrypted }), 'is encrypted'],
    ['compressed by bzip2', firstEntry({ method: 12 }), 'compressed by method 12'],
    ['with a comment in the directory', firstEntry({ comment: 'x' }), 'has a comment'],
    [
      'with another name in the local header',
      firstEntry({ local: { name: 'demo_pkg/__exit__.py' } }),
      'does not agree'
    ],
    ['with another size in the local header', firstEntry({ local: { size: 3 } }), 'does not agree'],
    ['with another checksum in the local header', firstEntry({ local: { crc: 3 } }), 'does not agree'],
    ['with a name that is not UTF-8', firstEntry({ name: Buffer.from([0x64, 0xe4]), flags: 0x800 }), 'is not UTF-8'],
    [
      'with a non-ASCII name not marked as UTF-8',
      firstEntry({ name: 'demo_pkg/größe.py', flags: 0 }),
      'not marked as UTF-8'
    ],
    ['with a line break in a name', firstEntry({ name: 'demo_pkg/a\nb.py' }), 'control character'],
    ['with a cut-off extra field', firstEntry({ extra: Buffer.from([9, 9, 9]) }), 'extra field is cut off'],
    [
      'with a 64-bit field twice',
      firstEntry({ extra: Buffer.from('0100000001000000', 'hex') }),
      'extra field stands twice'
    ],
    ['with a wrong checksum', firstEntry({ crc: 1 }), 'its checksum does not match'],
    [
      'that inflates to more than it declares',
      firstEntry({ content: long, method: 8, size: 10 }),
      'inflates to more than'
    ],
    ['that inflates to less than it declares', firstEntry({ content: long, method: 8, size: 10_000 }), 'declares 10000']
  ])('%s', async (_what, file, expected) => {
    expect(await faults(file)).toEqual([expect.stringMatching(/^archive-refused/)])
    expect((await faults(file))[0]).toContain(expected)
  })

  test('with damaged compressed data', async () => {
    const good = wheel({ files: { 'demo_pkg/long.py': long } })
    const bytes = Buffer.from(good.bytes)
    const at = bytes.indexOf(deflateRawSync(long))
    bytes.fill(0xff, at, at + 6)
    expect(await faults({ ...good, bytes })).toEqual([expect.stringContaining('cannot be inflated')])
  })

  test('as a bomb, by the ratio PyPI allows', async () => {
    const file = wheel({ files: { 'demo_pkg/zeros.bin': Buffer.alloc(65 * 1024 * 1024) } })
    expect(await faults(file)).toEqual([expect.stringContaining('times its size, and at most 50 are allowed')])
  })

  test('that a tar reader would take as well', async () => {
    const header = tar([{ name: 'PK\u0003\u0004', content: Buffer.alloc(0) }]).subarray(0, 512)
    const file = { filename: wheel().filename, bytes: Buffer.concat([header, zip([])]) }
    expect(await faults(file)).toEqual([expect.stringContaining('both a zip and a tar file')])
  })

  test.each<[string, BuiltFile, string]>([
    [
      'without METADATA',
      wheel({ entries: (all) => all.filter(({ name }) => !name.includes('METADATA')) }),
      'wheel-incomplete: The wheel has no demo_pkg-1.0.0.dist-info/METADATA'
    ],
    [
      'without WHEEL',
      wheel({ entries: (all) => all.filter(({ name }) => !name.includes('/WHEEL')) }),
      'wheel-incomplete: The wheel has no demo_pkg-1.0.0.dist-info/WHEEL'
    ],
    [
      'without RECORD',
      wheel({ entries: (all) => all.filter(({ name }) => !name.includes('RECORD')) }),
      'wheel-incomplete: The wheel has no demo_pkg-1.0.0.dist-info/RECORD'
    ],
    [
      'for plain Linux',
      wheel({ tag: 'cp312-cp312-linux_x86_64' }),
      'wheel-platform: PyPI does not take wheels for the platform "linux_x86_64"'
    ],
    [
      'with bad entry points',
      wheel({ files: { 'demo_pkg-1.0.0.dist-info/entry_points.txt': '[console_scripts]\n../x = demo:main\n' } }),
      'wheel-entry-points'
    ],
    [
      'whose licence file is missing',
      wheel({ headers: ['License-File: LICENSE'] }),
      'has no demo_pkg-1.0.0.dist-info/licenses/LICENSE'
    ],
    [
      'whose name is of another project',
      wheel({ metadata: coreMetadata({ name: 'other' }) }),
      'it must begin with "other"'
    ],
    [
      'whose name is of another version',
      wheel({ metadata: coreMetadata({ version: '1.0.1' }) }),
      'The file name says version 1.0.0, and the metadata 1.0.1'
    ]
  ])('%s', async (_what, file, expected) => {
    expect(await faults(file)).toEqual([expect.stringContaining(expected)])
  })

  test.each([
    ['demo_pkg-1.0.0-py3-none.whl', 'it must be NAME-VERSION-PYTHON-ABI-PLATFORM.whl'],
    ['demo__pkg-1.0.0-py3-none-any.whl', 'is no project name'],
    ['demo_pkg-one-py3-none-any.whl', '"one" is no PEP 440 version'],
    ['demo_pkg-1.0.0-b1-py3-none-any.whl', 'build number "b1"'],
    ['demo_pkg-1.0.0-py3..py2-none-any.whl', 'one of its tags is empty'],
    ['demo_pkg-1.0.0-3-none-any.whl', '"3" is no Python tag']
  ])('named %s', async (filename, expected) => {
    expect(await faults(wheel({ filename }))).toEqual([expect.stringContaining(expected)])
  })

  test('only with a warning when RECORD does not describe it', async () => {
    const file = wheel({
      entries: ([first, ...rest]) => [
        { ...first!, content: Buffer.from('changed = True\n') },
        ...rest,
        { name: 'extra.py', content: long }
      ]
    })
    const { problems, warnings } = await read(file)
    expect(problems).toEqual([])
    expect(warnings.map((warning) => warning.message)).toEqual([
      'demo_pkg-1.0.0.dist-info/RECORD does not describe the wheel: "demo_pkg/__init__.py" has another hash, "extra.py" is not listed.'
    ])
  })
})

describe('a source distribution', () => {
  test('that is as it should be is read whole', async () => {
    const { distribution, problems } = await read(
      sdist({ headers: ['License-File: LICENSE'], files: { LICENSE: 'MIT' } })
    )
    expect(problems).toEqual([])
    expect(distribution).toMatchObject({ kind: 'sdist', name: 'demo-pkg', pyversion: 'source' })
  })

  test.each([
    ['long names in PAX headers', sdist({ files: { [`src/${'deep/'.repeat(30)}x.py`]: 'x' } })],
    ['global PAX headers', sdist({ entries: (all) => [pax({ comment: 'a commit' }, 'g'), ...all] })],
    [
      'GNU long names',
      sdist({
        entries: (all) => [
          ...all,
          { name: '././@LongLink', kind: 'L', content: Buffer.from(`demo_pkg-1.0.0/${'y'.repeat(120)}\0`) },
          { name: 'short' }
        ]
      })
    ],
    [
      'a link inside its folder',
      sdist({
        entries: (all) => [...all, { name: 'demo_pkg-1.0.0/docs/link', kind: '2', target: '../pyproject.toml' }]
      })
    ]
  ])('is accepted with %s', async (_what, file) => {
    expect((await read(file)).problems).toEqual([])
  })

  test.each<[string, BuiltFile, string]>([
    ['that is no gzip', { filename: sdist().filename, bytes: Buffer.from('plain') }, 'it is no gzip file'],
    ['that is cut off', { ...sdist(), bytes: sdist().bytes.subarray(0, -60) }, 'it is no gzip file, or damaged'],
    [
      'whose tar is cut off',
      { filename: sdist().filename, bytes: gzipSync(tar([{ name: 'a/b', content: long }]).subarray(0, 600)) },
      'it ends too early'
    ],
    [
      'with a damaged header',
      sdist({ entries: (all) => [...all, { name: 'demo_pkg-1.0.0/x', checksum: 1 }] }),
      'a header in it is damaged'
    ],
    [
      'with two folders at the top',
      sdist({ entries: (all) => [...all, { name: 'other/x', content: long }] }),
      'it has 2 folders and files at the top'
    ],
    [
      'with a path that leaves it',
      sdist({ entries: (all) => [...all, { name: 'demo_pkg-1.0.0/../../etc/x' }] }),
      'unpacked outside'
    ],
    [
      'with a sparse file',
      sdist({ entries: (all) => [...all, { name: 'demo_pkg-1.0.0/s', kind: 'S' }] }),
      'is a sparse file'
    ],
    [
      'with a sparse file by PAX',
      sdist({ entries: (all) => [...all, pax({ 'GNU.sparse.major': '1' }), { name: 'demo_pkg-1.0.0/s' }] }),
      'is a sparse file'
    ],
    [
      'with a device',
      sdist({ entries: (all) => [...all, { name: 'demo_pkg-1.0.0/null', kind: '3' }] }),
      'neither a file, a folder nor a link'
    ],
    [
      'with a link that leaves it',
      sdist({ entries: (all) => [...all, { name: 'demo_pkg-1.0.0/l', kind: '2', target: '../../etc/passwd' }] }),
      'points outside'
    ],
    ['with PKG-INFO twice', sdist({ entries: (all) => [...all, all[1]!] }), 'PKG-INFO is in it twice'],
    [
      'with a damaged PAX header',
      sdist({ entries: (all) => [...all, { name: 'p', kind: 'x', content: Buffer.from('999 path=x\n') }] }),
      'PAX header'
    ],
    [
      'without PKG-INFO',
      sdist({ entries: (all) => all.filter(({ name }) => !name.endsWith('PKG-INFO')) }),
      'sdist-incomplete: The source distribution has no demo_pkg-1.0.0/PKG-INFO'
    ],
    [
      'with another name than PEP 625 gives it',
      sdist({ filename: 'demo-pkg-1.0.0.tar.gz' }),
      'by its metadata it must be demo_pkg-1.0.0.tar.gz'
    ],
    ['whose licence file is missing', sdist({ headers: ['License-File: LICENSE'] }), 'has no demo_pkg-1.0.0/LICENSE'],
    [
      'that a zip reader would take as well',
      { ...sdist(), bytes: Buffer.concat([sdist().bytes, zip([])]) },
      'both a zip and a tar file'
    ]
  ])('is refused %s', async (_what, file, expected) => {
    expect(await faults(file)).toEqual([expect.stringContaining(expected)])
  })

  test('that unpacks to a thousand times its size is refused before it is unpacked whole', async () => {
    const bytes = gzipSync(tar([{ name: 'a/zeros', content: Buffer.alloc(80 * 1024 * 1024) }]))
    expect(await faults({ filename: 'demo_pkg-1.0.0.tar.gz', bytes })).toEqual([
      expect.stringContaining('it unpacks to more than')
    ])
  })
})
