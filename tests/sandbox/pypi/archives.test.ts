import { describe, expect, test } from '@jest/globals'
import { gzipSync } from 'node:zlib'
import {
  pax,
  sdist,
  tar,
  wheel,
  zip,
  type BuiltFile,
  type WheelOptions,
  type ZipEntry
} from '../../support/distributions.ts'
import { indexClient, refused, type UploadOptions } from './index-client.ts'

function uploaded(file: BuiltFile, fields: UploadOptions['fields'] & object = {}): string {
  return refused(indexClient().upload(file, { fields }))
}

const taken = '200 '
const seeArchives = 'See https://docs.pypi.org/archives for more information'

describe('a file name', () => {
  const bytes = Buffer.from('x')
  test.each([
    [
      'demo\u0007.whl',
      'Cannot upload a file with non-printable characters (ordinals 0-31) or the DEL character (ordinal 127) in the name.'
    ],
    ['a/demo.whl', "Cannot upload a file with '/' or '\\' in the name."],
    [
      'demo.egg',
      'Invalid file extension: Use .tar.gz, .whl or .zip extension. See https://www.python.org/dev/peps/pep-0527 and https://peps.python.org/pep-0715/ for more information'
    ]
  ])('%p is refused', (filename, message) => {
    expect(uploaded({ filename, bytes })).toBe(`400 ${message}`)
  })

  test('must fit the file type', () => {
    expect(uploaded({ filename: 'demo.tar.gz', bytes }, { filetype: 'bdist_wheel', pyversion: 'py3' })).toBe(
      '400 Invalid file extension: Extension .tar.gz is invalid for filetype bdist_wheel. See https://www.python.org/dev/peps/pep-0527 for more information.'
    )
  })
})

describe("a wheel's name", () => {
  test.each<[string, WheelOptions, string]>([
    [
      'with a platform that is none',
      { tag: 'cp313-cp313-linux_x86_64' },
      "Binary wheel 'demo_pkg-1.0.0-cp313-cp313-linux_x86_64.whl' has an unsupported platform tag 'linux_x86_64'."
    ],
    [
      'with one such platform among others',
      { tag: 'py3-none-any.linux_x86_64' },
      "Binary wheel 'demo_pkg-1.0.0-py3-none-any.linux_x86_64.whl' has an unsupported platform tag 'linux_x86_64'."
    ],
    [
      'with too few parts',
      { filename: 'demo_pkg-1.0.0-py3-none.whl' },
      "Invalid wheel filename (wrong number of parts): 'demo_pkg-1.0.0-py3-none'"
    ],
    [
      'with a build number that is none',
      { filename: 'demo_pkg-1.0.0-x-py3-none-any.whl' },
      "Invalid build number: x in 'demo_pkg-1.0.0-x-py3-none-any'"
    ],
    [
      'with another project in capitals',
      {
        name: 'Demo-Pkg',
        filename: 'Demo_Pkg-1.0.0-py3-none-any.whl',
        entries: (all) => all.map((entry) => ({ ...entry, name: String(entry.name).replace('demo_pkg-', 'Demo_Pkg-') }))
      },
      "Filename 'Demo_Pkg-1.0.0-py3-none-any.whl' should contain the normalized project name 'demo_pkg', not 'Demo_Pkg'."
    ],
    ['of another version', { version: '2.0.0' }, "Version in filename should be '1.0.0' not '2.0.0'."],
    ['of another project', { name: 'other' }, "Start filename for 'demo-pkg' with 'demo_pkg'."]
  ])('%s is refused', (_name, options, message) => {
    expect(uploaded(wheel(options))).toBe(`400 ${message}`)
  })

  test.each([
    'cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64',
    'cp313-cp313-musllinux_1_2_aarch64',
    'cp313-cp313-macosx_10_13_x86_64',
    'cp313-cp313-macosx_11_0_arm64',
    'cp313-cp313-win_amd64',
    'cp313-cp313-android_24_arm64_v8a',
    'cp313-cp313-ios_13_0_arm64_iphoneos',
    'cp313-cp313-pyemscripten_2025_0_wasm32'
  ])('with the tag %s is taken', (tag) => {
    expect(uploaded(wheel({ tag }))).toBe(taken)
  })

  test.each([
    'macosx_11_1_arm64',
    'macosx_16_0_arm64',
    'manylinux_2_17_mips',
    'musllinux_1_2_ppc64',
    'win_arm',
    'freebsd_14_0_amd64'
  ])('with the platform %s is refused', (platform) => {
    expect(uploaded(wheel({ tag: `py3-none-${platform}` }))).toContain(`unsupported platform tag '${platform}'`)
  })
})

describe('a wheel', () => {
  const without = (path: string): BuiltFile =>
    wheel({ entries: (all) => all.filter(({ name }) => name !== `demo_pkg-1.0.0.dist-info/${path}`) })

  test.each([
    ['WHEEL', 'Invalid distribution file. WHEEL not found at demo_pkg-1.0.0.dist-info/WHEEL'],
    [
      'METADATA',
      "Wheel 'demo_pkg-1.0.0-py3-none-any.whl' does not contain the required METADATA file: demo_pkg-1.0.0.dist-info/METADATA"
    ],
    [
      'RECORD',
      "Wheel 'demo_pkg-1.0.0-py3-none-any.whl' does not contain the required RECORD file: demo_pkg-1.0.0.dist-info/RECORD"
    ]
  ])('without %s is refused', (path, message) => {
    expect(uploaded(without(path))).toBe(`400 ${message}`)
  })

  test('whose RECORD does not list everything is taken: PyPI only writes to the owners', () => {
    const unlisted = { name: 'unlisted.py', content: Buffer.from('') }
    expect(uploaded(wheel({ entries: (all) => [...all, unlisted] }))).toBe(taken)
  })

  test('without a license file that the metadata names is refused', () => {
    expect(uploaded(wheel(), { license_file: 'LICENSE' })).toBe(
      '400 License-File LICENSE does not exist in distribution file demo_pkg-1.0.0-py3-none-any.whl at demo_pkg-1.0.0.dist-info/licenses/LICENSE'
    )
    const licensed = wheel({ files: { 'demo_pkg-1.0.0.dist-info/licenses/LICENSE': 'MIT' } })
    expect(uploaded(licensed, { license_file: 'LICENSE' })).toBe(taken)
  })

  test.each([
    ['a path for a script', '[console_scripts]\n../evil = a:b\n'],
    ['no section', 'a = b\n'],
    ['a section twice', '[x]\na = b\n[x]\nc = d\n'],
    ['bytes that are no text', '\u00ff']
  ])('with entry points of %s is refused', (name, text) => {
    const content = name.startsWith('bytes') ? Buffer.from([0xff, 0xfe]) : text
    expect(uploaded(wheel({ files: { 'demo_pkg-1.0.0.dist-info/entry_points.txt': content } }))).toBe(
      "400 Wheel 'demo_pkg-1.0.0-py3-none-any.whl' has invalid entry points defined in the entry_points.txt file"
    )
  })

  test('with proper entry points is taken', () => {
    const text = '[console_scripts]\ndemo-run = demo_pkg:main\n\n# more\n[demo.plugins]\na:b = demo_pkg:x [extra]\n'
    expect(uploaded(wheel({ files: { 'demo_pkg-1.0.0.dist-info/entry_points.txt': text } }))).toBe(taken)
  })
})

describe('a zip archive is refused for', () => {
  const first = (change: Partial<ZipEntry>): Required<WheelOptions>['entries'] => {
    return (all) => all.map((entry, index) => (index === 0 ? { ...entry, ...change } : entry))
  }
  test.each<[string, WheelOptions]>([
    ['ZIP contains a data descriptor', { entries: first({ local: { flags: 8 } }) }],
    ['Duplicate filename in local headers', { entries: (all) => [...all, ...all.slice(0, 1)] }],
    ['Comment in central directory', { entries: first({ comment: 'x' }) }],
    ['Filename not in central directory', { entries: first({ local: { name: 'demo_pkg/__INIT__.py' } }) }],
    ['Mis-matched file size', { entries: first({ local: { size: 1 } }) }],
    ['Unknown record signature', { entries: first({ after: Buffer.from('zzzz') }) }],
    ['Unknown record signature', { zip: { before: Buffer.from('#!/bin/sh\n') } }]
  ])('%s', (fault, options) => {
    expect(uploaded(wheel(options))).toBe(
      `400 Invalid distribution file. ZIP archive not accepted: ${fault}. ${seeArchives}`
    )
  })

  test('data behind its end', () => {
    const { filename, bytes } = wheel()
    expect(uploaded({ filename, bytes: Buffer.concat([bytes, Buffer.from('x')]) })).toBe(
      `400 Invalid distribution file. ZIP archive not accepted: Trailing data. ${seeArchives}`
    )
  })

  test('a character in a name that cannot be printed', () => {
    expect(uploaded(wheel({ files: { 'a\tb': '' } }))).toContain('Invalid character in filename')
  })

  test('a compression of its own', () => {
    expect(uploaded(wheel({ entries: first({ method: 12 }) }))).toBe(
      '400 Invalid distribution file. File does not use a supported compression type'
    )
  })

  test('unpacking to fifty times its size', () => {
    expect(uploaded(wheel({ files: { 'zeros.bin': Buffer.alloc(65 * 1024 ** 2) } }))).toBe(
      '400 Invalid distribution file. File exceeds compression ratio of 50'
    )
  })

  test('being a tar as well', () => {
    const both = Buffer.concat([tar([{ name: 'a', content: Buffer.from('b') }]), zip([])])
    expect(uploaded({ filename: wheel().filename, bytes: both })).toBe(
      '400 Invalid distribution file. File is both a zip and a tar file'
    )
  })

  test('having lost bytes of its directory', () => {
    const { filename, bytes } = wheel()
    expect(uploaded({ filename, bytes: Buffer.concat([bytes.subarray(0, -40), bytes.subarray(-22)]) })).toBe(
      '400 Invalid distribution file. None'
    )
  })

  test('having a member whose own header names another', () => {
    const entries: WheelOptions['entries'] = (all) =>
      all.map((entry) => (String(entry.name).endsWith('/WHEEL') ? { ...entry, local: { name: 'x/WHEEL' } } : entry))
    expect(uploaded(wheel({ entries }))).toBe('400 Invalid distribution file. None')
  })

  test('nothing when it is in 64-bit form', () => {
    expect(uploaded(wheel({ zip: { zip64: true } }))).toBe(taken)
  })
})

describe('an sdist', () => {
  test.each<[string, BuiltFile, string]>([
    [
      'that is no archive',
      { filename: 'demo_pkg-1.0.0.tar.gz', bytes: Buffer.from('x') },
      'Invalid distribution file. File is not a tarfile'
    ],
    [
      'cut short',
      { filename: 'demo_pkg-1.0.0.tar.gz', bytes: sdist().bytes.subarray(0, -20) },
      'Invalid distribution file. None'
    ],
    [
      'without PKG-INFO',
      sdist({ entries: (all) => all.filter(({ name }) => !name.endsWith('PKG-INFO')) }),
      'Invalid distribution file. PKG-INFO not found at demo_pkg-1.0.0/PKG-INFO'
    ],
    [
      'with two folders at the top',
      sdist({ entries: (all) => [...all, { name: 'other/x', content: Buffer.from('') }] }),
      'Invalid distribution file. Incorrect number of top-level directories in sdist'
    ],
    [
      'with a sparse member',
      sdist({ entries: (all) => [...all, { name: 'demo_pkg-1.0.0/s', kind: 'S' }] }),
      `Invalid distribution file. tar archive not accepted: Sparse members are not allowed. ${seeArchives}`
    ],
    [
      'with a sparse member in pax form',
      sdist({ entries: (all) => [...all, pax({ 'GNU.sparse.major': '1' }), { name: 'demo_pkg-1.0.0/s' }] }),
      `Invalid distribution file. tar archive not accepted: Sparse members are not allowed. ${seeArchives}`
    ],
    [
      'without a version in its name',
      sdist({ filename: 'demo_pkg.tar.gz' }),
      'Invalid source distribution filename: demo_pkg.tar.gz'
    ],
    ['of another project', sdist({ filename: 'other-1.0.0.tar.gz' }), "Start filename for 'demo-pkg' with 'demo_pkg'."],
    [
      'with a hyphen in its name',
      sdist({ filename: 'demo-pkg-1.0.0.tar.gz' }),
      "Filename 'demo-pkg-1.0.0.tar.gz' is invalid, should be 'demo_pkg-1.0.0.tar.gz'."
    ],
    [
      'with a version spelled otherwise',
      sdist({ filename: 'demo_pkg-1.0.tar.gz' }),
      "Filename 'demo_pkg-1.0.tar.gz' is invalid, should be 'demo_pkg-1.0.0.tar.gz'."
    ]
  ])('%s is refused', (_name, file, message) => {
    expect(uploaded(file)).toBe(`400 ${message}`)
  })

  test('as zip is refused for its name alone', () => {
    const bytes = zip(
      ['PKG-INFO', 'setup.py'].map((name) => ({ name: `demo_pkg-1.0.0/${name}`, content: Buffer.from('x') }))
    )
    expect(uploaded({ filename: 'demo_pkg-1.0.0.zip', bytes })).toBe(
      "400 Filename 'demo_pkg-1.0.0.zip' is invalid, should be 'demo_pkg-1.0.0.tar.gz'."
    )
  })

  test('must hold the license files that the metadata names', () => {
    expect(uploaded(sdist(), { license_file: 'LICENSE' })).toBe(
      '400 License-File LICENSE does not exist in distribution file demo_pkg-1.0.0.tar.gz at demo_pkg-1.0.0/LICENSE'
    )
    expect(uploaded(sdist({ files: { LICENSE: 'MIT' } }), { license_file: 'LICENSE' })).toBe(taken)
  })

  test('may have long names, by pax header', () => {
    const path = `${'deep/'.repeat(40)}LICENSE`
    expect(uploaded(sdist({ files: { [path]: 'MIT' } }), { license_file: path })).toBe(taken)
  })

  test('that is a tar without compression is no tar.gz', () => {
    const bytes = tar(
      ['PKG-INFO', 'setup.py'].map((name) => ({ name: `demo_pkg-1.0.0/${name}`, content: Buffer.from('x') }))
    )
    expect(uploaded({ filename: 'demo_pkg-1.0.0.tar.gz', bytes })).toBe('400 Invalid distribution file. None')
    expect(uploaded({ filename: 'demo_pkg-1.0.0.tar.gz', bytes: gzipSync(bytes) })).toBe(taken)
  })
})
