import { describe, expect, test } from '@jest/globals'
import { uploadForm } from '../../actions/pypi-publish/form.ts'
import { readMetadata } from '../../actions/pypi-publish/metadata.ts'

function read(text: string | Buffer) {
  return readMetadata(Buffer.from(text), 'dist/demo.whl')
}

const start = 'Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n'

function messages(lines: string): string[] {
  return read(start + lines).problems.map((problem) => problem.message)
}

function field(lines: string, name: string): readonly string[] | undefined {
  const fields: ReadonlyMap<string, readonly string[]> | undefined = read(start + lines).metadata?.fields
  return fields?.get(name)
}

describe('reading METADATA as the email package does', () => {
  test('takes the body as the description, byte for byte', () => {
    expect(field('\nline one\r\n\r\n  Name: not a header\rend', 'description')).toEqual([
      'line one\r\n\r\n  Name: not a header\rend'
    ])
  })

  test('takes the Description header where there is no body', () => {
    expect(field('Description: short\n        |more\n', 'description')).toEqual(['short\n        |more'])
  })

  test('keeps the line breaks and indentation of folded fields', () => {
    expect(field('License: MIT\n  and more\n\tagain\n', 'license')).toEqual(['MIT\n  and more\n\tagain'])
  })

  test('ends the headers at the first line that is none, and keeps that line in the body', () => {
    expect(field('Summary: x\nno header here\nrest', 'description')).toEqual(['no header here\nrest'])
  })

  test('reads CRLF files', () => {
    const { metadata, problems } = read(`${start}Summary: x\n\nbody\n`.replaceAll('\n', '\r\n'))
    expect(problems).toEqual([])
    expect(metadata).toMatchObject({ name: 'demo' })
    expect(metadata?.fields.get('description')).toEqual(['body\r\n'])
  })

  test('reads names of fields in any case, and UTF-8', () => {
    expect(field('SUMMARY: größer\n', 'summary')).toEqual(['größer'])
  })

  test('gathers fields that may stand many times', () => {
    expect(field('Requires-Dist: a\nrequires-dist: b; python_version<"3"\n', 'requires-dist')).toEqual([
      'a',
      'b; python_version<"3"'
    ])
  })

  test.each([
    ['Summary: a\nSummary: b\n', 'Summary stands 2 times and may stand once.'],
    ['Flavour: sweet\n', 'Flavour is no field of core metadata.'],
    ['Description: a\n\nb\n', 'Description stands both as a header and as the body of the metadata.']
  ])('refuses %j', (lines, expected) => {
    expect(messages(lines)).toContain(expected)
  })

  test('refuses text that is not UTF-8, in a field and in the body', () => {
    const bytes = Buffer.concat([
      Buffer.from(`${start}Author: `),
      Buffer.from([0xe4]),
      Buffer.from('\n\n'),
      Buffer.from([0xff])
    ])
    expect(read(bytes).problems.map((problem) => problem.message)).toEqual([
      'Author is not UTF-8.',
      'Description is not UTF-8.'
    ])
  })

  test('tells of a byte order mark, which hides every field', () => {
    expect(read(`\ufeff${start}`).problems).toMatchObject([
      { code: 'metadata-unreadable', message: expect.stringContaining('byte order mark') }
    ])
  })
})

describe('the rules of PyPI', () => {
  test('find nothing wrong with good metadata', () => {
    const good = [
      'Summary: A demo',
      'Keywords: a, b',
      'Home-page: https://example.com/a%20b?c=d#e',
      'Author-email: Jane Döe <jane@example.com>',
      'Maintainer-email: A <a@example.com>, B <b@nowhere>',
      'License-Expression: (mit OR Apache-2.0) AND GPL-3.0-or-later WITH Classpath-exception-2.0',
      'License-File: LICENSES/MIT.txt',
      'Project-URL: Source, https://example.com',
      'Requires-Python: >=3.9,!=3.9.*',
      'Requires-Dist: importlib-metadata >= 4 ; (python_version < "3.10") and extra == "old"',
      'Requires-Dist: name[a, b] (>=1.0,<2)',
      'Provides-Extra: old',
      'Dynamic: License-File',
      'Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM'
    ]
    expect(messages(`${good.join('\n')}\n\n# Demo\n`)).toEqual([])
  })

  test.each([
    ['Name: -demo', 'Name is "-demo".'],
    ['Version: one', 'Version is "one", which is no PEP 440 version.'],
    ['Version: 1.0+local.1', 'The version is 1.0+local.1, a local version, and PyPI takes none.'],
    ['Version:', 'Version is missing.'],
    ['Metadata-Version: 2.0', 'Metadata-Version is "2.0", and PyPI takes 1.0, 1.1, 1.2, 2.1, 2.2, 2.3, 2.4, 2.5.'],
    [
      'Metadata-Version: 2.1\nLicense-Expression: MIT',
      'License-Expression came with Metadata-Version 2.4, and this file declares 2.1.'
    ]
  ])('refuse the head %j', (line, expected) => {
    const names = line.split('\n').map((each) => each.split(':')[0])
    const head = start
      .split('\n')
      .filter((each) => !names.includes(each.split(':')[0]))
      .join('\n')
    expect(read(`${line}\n${head}`).problems.map((problem) => problem.message)).toContain(expected)
  })

  test.each([
    ['Summary: a\n b', 'Summary has more than one line.'],
    [`Summary: ${'x'.repeat(513)}`, 'Summary has 513 characters, and PyPI takes 512.'],
    ['Description-Content-Type: text/html', 'must be one of text/plain, text/x-rst, text/markdown'],
    ['Description-Content-Type: text/markdown; charset=latin-1', 'the only charset allowed is UTF-8'],
    ['Description-Content-Type: text/markdown; variant=Pandoc', 'neither GFM nor CommonMark'],
    ['Author-email: jane at example.com', 'there is no @'],
    ['Author-email: jane@localhost', 'has no dot'],
    ['Author-email: jane@host.local', 'is no domain of the public internet'],
    ['Author-email: jane..doe@example.com', 'cannot stand before the @'],
    ['Home-page: example.com', 'is no http or https URI'],
    ['Home-page: https://example.com:99999', 'is no http or https URI'],
    ['Download-URL: ftp://example.com/x', 'is no http or https URI'],
    ['Project-URL: https://example.com', 'which is no http or https URI'],
    [`Project-URL: ${'l'.repeat(33)}, https://example.com`, 'longer than 32 characters'],
    ['Project-URL: A, https://a.example\nProject-URL: A, https://b.example', 'has the label "A" twice'],
    ['Project-URL: , https://example.com', 'without a label'],
    ['Requires-Python: 3.9', 'does not begin with one of'],
    ['Requires-Python: ~=3', '~= needs at least two numbers'],
    ['Requires-Python: >=3.*', '".*" goes only with == and !='],
    ['Requires-Dist: foo >', 'expected'],
    ['Requires-Dist: foo [bar', 'expected "]" or a comma'],
    ['Requires-Dist: foo; python_versoin < "3"', 'expected a marker variable'],
    ['Requires-Dist: foo @ https://example.com/foo.whl', 'a direct reference, which PyPI refuses'],
    ['Provides-Dist: foo @ https://example.com/foo.whl', 'a direct reference, which PyPI refuses'],
    ['Provides-Extra: not ok', 'Provides-Extra has "not ok".'],
    ['License-Expression: MIT AND', 'expected a licence at the end'],
    ['License-Expression: Use-it-after-midnight', 'is no SPDX licence identifier'],
    ['License-Expression: (MIT) WITH Classpath-exception-2.0', 'stands where AND, OR or the end is expected'],
    ['License-Expression: MIT\nLicense: MIT', 'stands beside License-Expression'],
    ['License-File: ../LICENSE', '".." is not allowed'],
    ['License-File: /LICENSE', 'it must be relative'],
    ['License-File: a\\b', 'a plain path with "/"'],
    ['License-File: LICEN*', 'it must name one file'],
    ['Dynamic: Version', 'which may not be dynamic'],
    ['Dynamic: Taste', 'which is no field of core metadata'],
    ['Import-Name: demo', 'Import-Name came with Metadata-Version 2.5']
  ])('refuse %j', (line, expected) => {
    expect(messages(`${line}\n`)).toEqual([expect.stringContaining(expected)])
  })

  test.each([
    ['Import-Name: demo.class', '"class" is no Python identifier'],
    ['Import-Name: demo; secret', 'only "; private" may follow']
  ])('refuse %j in metadata 2.5', (line, expected) => {
    const { problems } = read(`${start.replace('2.4', '2.5')}${line}\nImport-Name: fine._ok ; private\n`)
    expect(problems.map((problem) => problem.message)).toEqual([expect.stringContaining(expected)])
  })

  test('leave out License-File below 2.4, where setuptools wrote it all the same', () => {
    const { metadata, problems } = read(`${start.replace('2.4', '2.1')}License-File: LICENSE\n`)
    expect(problems).toEqual([])
    expect(metadata?.fields.has('license-file')).toBe(false)
  })

  test('say what they cannot tell', () => {
    const { notChecked } = read(`${start}Classifier: Made :: Up\n\nTitle\n=====\n`)
    expect(notChecked).toEqual([expect.stringContaining('classifiers'), expect.stringContaining('reStructuredText')])
  })

  test('name the file and say what to do, in every problem', () => {
    for (const problem of read(`${start}Summary: a\nSummary: b\nFlavour: x\nRequires-Python: 3\n`).problems) {
      expect(problem).toMatchObject({ file: 'dist/demo.whl', hint: expect.stringMatching(/\w+/) })
    }
  })
})

test('the form sends the name, the keywords and the links as upload clients do', () => {
  const { metadata } = read(
    'Metadata-Version: 2.1\nName: Demo.Pkg_x\nVersion: 1.0\nKeywords: a,b ,  c\nProject-URL: Source ,https://example.com\nAuthor: \n'
  )
  const form = uploadForm({ kind: 'sdist', pyversion: 'source', metadata: metadata!, sha256: 'ab', blake2: undefined })
  expect(form).toEqual([
    [':action', 'file_upload'],
    ['protocol_version', '1'],
    ['metadata_version', '2.1'],
    ['name', 'Demo.Pkg-x'],
    ['version', '1.0'],
    ['keywords', 'a, b, c'],
    ['project_urls', 'Source, https://example.com'],
    ['author', ''],
    ['filetype', 'sdist'],
    ['pyversion', 'source'],
    ['sha256_digest', 'ab']
  ])
})
