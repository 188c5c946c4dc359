// needs: python3
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { beforeAll, expect, test } from '@jest/globals'
import { formatPep440 } from '../../actions/shared/pep440.ts'
import { UploadRefused } from '../../sandbox/pypi/answers.ts'
import { parseWheelName, sdistProject } from '../../sandbox/pypi/distribution-name.ts'
import { isLicenseExpression } from '../../sandbox/pypi/license-expression.ts'
import {
  contentTypeFault,
  dynamicFault,
  importNameFault,
  licenseFileFault
} from '../../sandbox/pypi/metadata-values.ts'
import { pythonRepr } from '../../sandbox/pypi/python-repr.ts'
import { parseRequirement } from '../../sandbox/pypi/requirement.ts'
import { isSpecifierSet } from '../../sandbox/pypi/specifier.ts'
import { pythonWith } from '../support/python.ts'
import { createVersionTexts } from '../support/version-texts.ts'

/**
 * The index reads metadata with code of its own; PyPI reads it with the `packaging` library. Thousands of texts, right
 * and nearly right, must get the same answer from both, word for word where PyPI passes the words on.
 */

const script = join(import.meta.dirname, '..', 'sandbox', 'pypi', 'packaging_rules.py')
let python = ''

beforeAll(async () => {
  python = await pythonWith(['packaging==26.3'])
}, 120_000)

async function packaging(questions: readonly (readonly [kind: string, text: string])[]): Promise<readonly unknown[]> {
  const child = spawn(python, [script], {
    env: { ...process.env, PYTHONUTF8: '1' },
    stdio: ['pipe', 'pipe', 'inherit']
  })
  child.stdin.end(JSON.stringify(questions))
  const answers: unknown = JSON.parse(await readText(child.stdout))
  if (!Array.isArray(answers)) throw new Error('no answers')
  return answers.map((answer: unknown) => answer)
}

/** Each text, and a thousand with small changes; the same ones in every run. */
function mutated(texts: readonly string[]): readonly string[] {
  const { nearly } = createVersionTexts(20_261_121)
  const many = Array.from({ length: Math.ceil(1500 / texts.length) }, () => texts).flat()
  return [...new Set([...texts, ...nearly(many), ...nearly(nearly(many))])]
}

/** Compares our answer with packaging's for each text, and gives those that differ. */
async function differences(
  kind: string,
  texts: readonly string[],
  ours: (text: string) => unknown
): Promise<readonly unknown[]> {
  const theirs = await packaging(texts.map((text) => [kind, text]))
  return texts
    .map((text, index) => ({ text, ours: ours(text) ?? null, theirs: theirs[index] }))
    .filter((each) => JSON.stringify(each.ours) !== JSON.stringify(each.theirs))
}

const requirements = [
  'demo',
  'Demo.Pkg_x [a,b-c]  >=1.0, !=1.4.*, <2 ; python_version < "3.9"',
  'demo (==1.0.post1, ~=1.4.2)',
  'demo===1.0+anything',
  'demo==1.0+local.1',
  'demo @ https://example.org/demo-1.0.whl',
  'demo @ https://example.org/demo.zip#sha256=00 ; os_name == "nt"',
  "demo; (sys_platform == 'win32' or platform_machine not in 'x86_64 aarch64') and extra == \"test\"",
  'demo[];implementation_name=="cpython"',
  'demo<=1!2.0rc1,>v1.0.dev0'
]

test('requirements are read alike, faults in the same words', async () => {
  expect(await differences('requirement', mutated(requirements), parseRequirement)).toEqual([])
})

test('specifiers are read alike', async () => {
  const specifiers = [
    '',
    '>=3.9',
    '>=3.9,<4',
    '~=3.8.1',
    '==3.*',
    '!=3.0.*, !=3.1.*',
    '===any',
    '>= 3.7 , ',
    '<3.13.0rc1'
  ]
  expect(await differences('specifier', mutated(specifiers), isSpecifierSet)).toEqual([])
})

test('license expressions are read alike', async () => {
  const expressions = [
    'MIT',
    'mit and (apache-2.0 or bsd-2-clause)',
    'GPL-2.0-or-later WITH Classpath-exception-2.0',
    'LicenseRef-My-Own.1 OR (EPL-2.0+ AND ISC)',
    '((MIT))',
    'GPL-3.0+ with gcc-exception-3.1 or lgpl-2.1-only'
  ]
  expect(await differences('license', mutated(expressions), isLicenseExpression)).toEqual([])
})

test('the names of wheels are read alike, faults in the same words', async () => {
  const names = [
    'demo_pkg-1.0.0-py3-none-any.whl',
    'demo_pkg-1.0.0-1abc-py2.py3-none-any.whl',
    'Demo.Pkg-1!2.0rc1.post3-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    'd-0-cp39-abi3-macosx_11_0_arm64.whl'
  ]
  const ours = (filename: string): unknown => {
    try {
      const { name, version, platforms } = parseWheelName(filename)
      return { name, version: formatPep440(version), platforms: [...new Set(platforms)].toSorted() }
    } catch (error) {
      if (error instanceof UploadRefused) return error.message
      throw error
    }
  }
  // Without the extension no name comes this far.
  const texts = mutated(names).filter((name) => name.endsWith('.whl'))
  expect(await differences('wheel', texts, ours)).toEqual([])
})

test('the names of sdists are read alike', async () => {
  const names = ['demo_pkg-1.0.0.tar.gz', 'demo-pkg-1.0.zip', 'a-1.0-1.tar.gz', 'a-b-1!2.0.post1.tar.gz']
  const ours = (filename: string): boolean => sdistProject(filename) !== undefined
  expect(await differences('sdist', mutated(names), ours)).toEqual([])
})

test('texts are quoted as Python quotes them', async () => {
  const texts = ["it's", '"both\'', 'a\\b\n\t\r\u0000\u007f\u0085ä→𝒳\u2028\u200b', '']
  expect(await differences('repr', mutated(texts), pythonRepr)).toEqual([])
})

test('license files are judged alike', async () => {
  const files = [
    'LICENSE',
    'licenses/MIT.txt',
    './LICENSE',
    'a//b',
    '/abs',
    'C:\\x',
    'C:/x',
    '\\\\server\\share\\x',
    'a/..',
    'LICEN*',
    'a/',
    'a\\b'
  ]
  expect(await differences('license-file', files, licenseFileFault)).toEqual([])
})

test('dynamic fields are judged alike', async () => {
  const fields = [
    'License',
    'version',
    'NAME',
    'Classifier',
    'Import-Name',
    'Metadata-Version',
    'Project-URL',
    'Nothing',
    ''
  ]
  expect(await differences('dynamic', fields, dynamicFault)).toEqual([])
})

test('import names are judged alike', async () => {
  const names = [
    'demo',
    'demo.sub ; private',
    '_x',
    'ünï',
    '1a',
    'a..b',
    'a.class',
    'a;public',
    'a ;  private',
    '',
    'match'
  ]
  const ours = (name: string): string | undefined => importNameFault(name, 'import-name')
  expect(await differences('import-name', names, ours)).toEqual([])
})

test('content types are taken and refused alike', async () => {
  const types = [
    'text/markdown',
    'text/markdown; charset=UTF-8; variant=GFM',
    'TEXT/X-RST; charset="utf-8"',
    'text/markdown; variant=gfm',
    'text/plain; charset=latin-1',
    'text/html',
    'markdown',
    'text/plain;'
  ]
  const theirs = await packaging(types.map((type) => ['content-type', type]))
  expect(types.filter((_type, index) => theirs[index] === null)).toEqual(
    types.filter((type) => contentTypeFault(type) === undefined)
  )
})
