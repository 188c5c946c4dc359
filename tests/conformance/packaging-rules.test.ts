// needs: python3
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { parseDescriptionType } from '../../actions/pypi-publish/content-type.ts'
import { wrongEmailField } from '../../actions/pypi-publish/email-address.ts'
import { uploadForm } from '../../actions/pypi-publish/form.ts'
import { parseLicenseExpression } from '../../actions/pypi-publish/license-expression.ts'
import { metadataFields } from '../../actions/pypi-publish/metadata-field.ts'
import { readMetadata } from '../../actions/pypi-publish/metadata.ts'
import { isProjectName } from '../../actions/pypi-publish/project-name.ts'
import { parseRequirement } from '../../actions/pypi-publish/requirement.ts'
import { parseSpecifierSet } from '../../actions/pypi-publish/specifier.ts'
import { isLinkUri } from '../../actions/pypi-publish/uri.ts'
import { parseWheelFilename } from '../../actions/pypi-publish/wheel-filename.ts'
import { pythonWith } from '../support/python.ts'
import { randomFrom } from '../support/random.ts'

const random = randomFrom(20_261_121)

function pick(pieces: readonly string[]): string {
  return pieces[random(pieces.length)] ?? ''
}

/** Texts strung together from pieces, most of them nearly right. */
function strung(count: number, longest: number, pieces: readonly string[], start: readonly string[] = ['']): string[] {
  return Array.from(
    { length: count },
    () => pick(start) + Array.from({ length: 1 + random(longest) }, () => pick(pieces)).join('')
  )
}

const versions = [
  '1',
  '1.0',
  '1.0.*',
  '1.0a1',
  '1.0.post2',
  '1.0.dev3',
  '1.0+local',
  '1.0a1.*',
  'v1.0',
  '1!2',
  '1.0-1',
  'one',
  '1.0rc',
  '1.0_2',
  ''
]
const comparisons = ['==', '>=', '<=', '!=', '~=', '<', '>', '===', '=', ' >= ', '=>']
const texts = {
  specifiers: strung(1_500, 3, [
    ...comparisons.flatMap((each) => versions.map((version) => each + version)),
    ',',
    ' , ',
    ' '
  ]),
  requirement: strung(
    2_500,
    5,
    [
      ...comparisons.flatMap((each) => versions.map((version) => each + version)),
      ...[
        '[x]',
        '[x,y]',
        '[ x , y ]',
        '[]',
        '[x',
        '[x y]',
        ' ',
        '(',
        ')',
        ',',
        '@ https://e.example/x.whl',
        '@https://e.example'
      ],
      ...[
        '; python_version < "3"',
        ";os_name=='nt'",
        '; extra == "x" and (os.name != "y" or "a" in sys_platform)',
        '; "x" not in platform_release'
      ],
      ...[
        '; python_version',
        '; nonsense < "3"',
        ' ; a',
        '; "a" == "b" or',
        "; 'a\\x' == os_name",
        '; python_version ~= "3.8" and',
        '\t',
        '\n'
      ]
    ],
    ['name', 'na-me', 'Na.me_2', '-name', 'name-', 'n', '2', 'é', ' name', '']
  ),
  license: strung(1_500, 7, [
    ...[
      'MIT',
      'mit',
      'Apache-2.0',
      'GPL-3.0-or-later',
      'GPL-2.0+',
      'MIT+',
      'LicenseRef-Mine',
      'licenseref-x_y',
      'LicenseRef-',
      'Nonsense'
    ],
    ...[' AND ', ' or ', ' OR ', ' WITH Classpath-exception-2.0', ' with ', ' ', '(', ')', ' and(', '()']
  ]),
  'content-type': strung(
    400,
    3,
    [
      '; charset=UTF-8',
      '; charset=utf-8',
      ';charset=latin-1',
      '; variant=GFM',
      '; variant=CommonMark',
      '; variant=gfm',
      '; variant="GFM"',
      '; other=1',
      '; charset',
      ' ',
      ''
    ],
    ['text/markdown', 'text/plain', 'text/x-rst', 'Text/Markdown', 'text/html', 'markdown', 'text', '']
  ),
  wheel: strung(
    800,
    2,
    [
      '-py3-none-any.whl',
      '-1-py3-none-any.whl',
      '-cp312-abi3-win32.whl',
      '-py2.py3-none-any.whl',
      '-1.0',
      '-1.0.post1',
      '-b1',
      '-3-none-any.whl',
      '-py3..x-none-any.whl',
      '.whl',
      '-one',
      '-py3-none-.whl'
    ],
    ['demo-1.0', 'demo_pkg-1.0a1', 'de__mo-1', 'Demo.Pkg-1!2', 'demo', 'dé-1', 'de mo-1', '-1']
  ),
  name: strung(400, 4, ['a', 'B', '3', '-', '_', '.', ' ', 'é', '\n']),
  uri: strung(
    800,
    4,
    [
      'example.com',
      'e.example',
      ':80/',
      ':99999/',
      '/a/b',
      '/a b',
      '/ä',
      '?q=1',
      '?a b',
      '#f',
      '%20',
      '%2',

      'user@',
      '|',
      '"',
      '<',
      "'",
      '\\\\',
      ':x'
    ],
    ['https://', 'http://', 'HTTPS://', 'ftp://', 'https:', '//', '', 'mailto:']
  ),
  email: strung(
    800,
    1,
    [
      '@example.com',
      '@example.co.uk',
      '@localhost',
      '@host.local',
      '@x.test',
      '@-a.example',
      '@exa_mple.com',
      '@münchen.de',
      '.a',
      '..b',
      '+tag',
      '@1.2.3.4',
      '@[1.2.3.4]',
      '@a.123',
      '@example.com.'
    ],
    ['jane', 'Jane Doe <jane', 'j.d', 'jöhn', '', 'x'.repeat(65), "o'brien", 'a&b']
  ).map((text) => (text.includes('<') ? `${text}>` : text))
} as const

const start = 'Metadata-Version: 2.4\nName: demo\nVersion: 1.0\nPlatform: x\n'
const messages = strung(3_000, 8, [
  ...[
    'Summary: x\n',
    'summary:y\r\n',
    'License: MIT\n  more\n\tyet\n',
    'License: \n  late\n',
    'Author:\n',
    'Author: a\rEmail: b\n',
    'Keywords: a, b ,c\n'
  ],
  ...[
    'Requires-Dist: a\n',
    'Requires-Dist: b\r\n',
    'Project-URL: A, https://a.example\n',
    'Project-URL: B,https://b.example\n',
    'Classifier: X :: Y\n'
  ],
  ...[
    'Description: short\n',
    'Unknown: z\n',
    'Home Page: x\n',
    ': nameless\n',
    ' folded\n',
    '\t\n',
    'no colon\n',
    '\n',
    '\r\n',
    '\r',
    'From someone\n',
    'body\ntext\n'
  ],
  ...[
    'Author: größer\n',
    'Maintainer: \u2028x\n',
    'Summary: a\v\fb\n',
    'Platform: any\n \n',
    'Name : spaced\n',
    'License-File: LICENSE\n'
  ]
]).map((rest) => start + rest)

type Verdicts = Readonly<Record<keyof typeof texts, readonly boolean[]>> & {
  readonly metadata: readonly {
    readonly fields: Readonly<Record<string, readonly string[]>>
    readonly unparsed: readonly string[]
  }[]
}
let theirs: Verdicts

beforeAll(async () => {
  const python = await pythonWith(['packaging==26.3', 'rfc3986==2.0.0', 'email-validator==2.3.0'])
  const child = spawn(python, [join(import.meta.dirname, '..', 'support', 'python', 'packaging_verdicts.py')])
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  child.stderr.pipe(process.stderr)
  child.stdin.end(
    JSON.stringify({ ...texts, metadata: messages.map((message) => Buffer.from(message).toString('base64')) })
  )
  await new Promise((resolve) => child.on('close', resolve))
  theirs = JSON.parse(said) as Verdicts
})

const ours: Readonly<Record<keyof typeof texts, (text: string) => boolean>> = {
  specifiers: (text) => !('wrong' in parseSpecifierSet(text)),
  requirement: (text) => !('wrong' in parseRequirement(text)),
  license: (text) => !('wrong' in parseLicenseExpression(text)),
  'content-type': (text) => !('wrong' in parseDescriptionType(text)),
  wheel: (text) => text.endsWith('.whl') && !('wrong' in parseWheelFilename(text)),
  name: isProjectName,
  uri: isLinkUri,
  email: (text) => wrongEmailField(text) === undefined
}

/** Names of exceptions are not checked here, and the action says so. */
function hasUnknownException(kind: string, text: string): boolean {
  const parsed = kind === 'license' ? parseLicenseExpression(text) : undefined
  return (
    parsed !== undefined &&
    'exceptions' in parsed &&
    parsed.exceptions.some((id) => !/^classpath-exception-2\.0$/i.test(id))
  )
}

describe('packaging and pypi-publish agree', () => {
  test.each(Object.keys(ours) as (keyof typeof texts)[])('on every %s', (kind) => {
    const differences = texts[kind].filter(
      (text, index) => ours[kind](text) !== theirs[kind][index] && !hasUnknownException(kind, text)
    )
    expect(differences).toEqual([])
    const accepted = theirs[kind].filter(Boolean).length
    // A table of one verdict only would prove nothing.
    expect(Math.min(accepted, texts[kind].length - accepted)).toBeGreaterThan(15)
  })

  test('on what stands in a metadata file', () => {
    for (const [index, message] of messages.entries()) {
      const { metadata, problems } = readMetadata(Buffer.from(message), 'METADATA')
      const { fields = {}, unparsed = [] } = theirs.metadata[index] ?? {}
      if (metadata === undefined) throw new Error(`not read: ${JSON.stringify(message)}`)
      const form = uploadForm({ kind: 'sdist', pyversion: 'source', metadata, sha256: '', blake2: undefined })
      const read = Object.fromEntries(
        [...metadata.fields.keys()].map((field) => [
          field,
          form.filter(([name]) => name === metadataFields[field].form).map(([, value]) => value)
        ])
      )
      const doubled = unparsed.includes('project-url') ? ['project-url'] : []
      for (const field of doubled) Reflect.deleteProperty(read, field)
      expect({ message, read }).toEqual({ message, read: fields })
      for (const field of unparsed) {
        expect(problems.map(({ code }) => code)).toContain(`metadata-${field}`)
      }
    }
  })
})
