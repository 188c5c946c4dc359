import { describe, expect, test } from '@jest/globals'
import { wheel } from '../../support/distributions.ts'
import { indexClient, refused, type UploadOptions } from './index-client.ts'

function uploadWith(fields: UploadOptions['fields'] & object): string {
  return refused(indexClient().upload(wheel(), { fields }))
}

const taken = '200 '
const see = 'See https://packaging.python.org/specifications/core-metadata for more information.'

describe('metadata is refused with', () => {
  test.each<[string, UploadOptions['fields'] & object, string]>([
    ['no metadata version', { metadata_version: undefined }, 'None is not a valid metadata version.'],
    ['a metadata version that never was', { metadata_version: '2.0' }, "'2.0' is not a valid metadata version."],
    ['one that PyPI does not take yet', { metadata_version: '2.6' }, "'2.6' is not a valid metadata version."],
    ['no version', { version: undefined }, "'version' is a required field."],
    ['a version that is none', { version: '1.0-beta.x' }, "'1.0-beta.x' is invalid for 'version'."],
    ['a single field twice', { summary: ['a', 'b'] }, "'summary' has invalid data."],
    [
      'a label twice',
      { project_urls: ['Docs, https://a.example', 'Docs, https://b.example'] },
      "'project_urls' has invalid data."
    ],
    [
      'a field before its time',
      { metadata_version: '2.1', dynamic: 'License' },
      'dynamic introduced in metadata version 2.2, not 2.1.'
    ],
    [
      'license files before 2.4',
      { metadata_version: '2.3', license_file: 'LICENSE' },
      'license-file introduced in metadata version 2.4, not 2.3.'
    ],
    ['a summary of two lines', { summary: 'a\nb' }, "'summary' must be a single line."],
    ['a summary of 513 characters', { summary: 'ä'.repeat(513) }, "'summary' field must be 512 characters or less."],
    [
      'an unknown content type',
      { description_content_type: 'text/html' },
      "'description-content-type' must be one of ['text/plain', 'text/x-rst', 'text/markdown'], not 'text/html'."
    ],
    [
      'another charset',
      { description_content_type: 'text/plain; charset=latin-1' },
      "'description-content-type' can only specify the UTF-8 charset, not 'latin-1'."
    ],
    [
      'another Markdown',
      { description_content_type: 'text/markdown; variant=Pandoc' },
      "valid Markdown variants for 'description-content-type' are ['GFM', 'CommonMark'], not 'Pandoc'."
    ],
    [
      'an address that is none',
      { author_email: 'A <not-an-address>' },
      "'not-an-address' is not a valid email address: An email address must have an @-sign."
    ],
    [
      'a classifier of no family',
      { classifiers: ['Private :: Do Not Upload'] },
      "'Private :: Do Not Upload' is not a valid classifier."
    ],
    ['a home page without a scheme', { home_page: 'example.org' }, "'example.org' is not a valid url."],
    ['a link that is no link', { project_urls: ['Docs, not a link'] }, "'not a link' is not a valid url."],
    [
      'a label of 33 characters',
      { project_urls: [`${'l'.repeat(33)}, https://a.example`] },
      `'${'l'.repeat(33)}' must be 32 characters or less.`
    ],
    ['a link without a label', { project_urls: [', https://a.example'] }, 'Must have a label.'],
    ['a label without a link', { project_urls: ['Docs'] }, 'Must have a URL.'],
    ['a requirement that is none', { requires_dist: ['ok', 'demo =='] }, "'demo ==' is invalid for 'requires-dist'."],
    [
      'a direct reference',
      { requires_dist: ['demo @ https://a.example/demo.whl'] },
      "Can't have direct dependency: demo @ https://a.example/demo.whl."
    ],
    ['a Python version that is no specifier', { requires_python: '3.9' }, "'3.9' is invalid for 'requires-python'."],
    [
      'a license that SPDX does not know',
      { license_expression: 'MIT AND Own' },
      "'MIT AND Own' is invalid for 'license-expression'."
    ],
    [
      'both kinds of license',
      { license: 'MIT', license_expression: 'MIT' },
      'License is deprecated when License-Expression is present. Only License-Expression should be present.'
    ],
    [
      'a license file above the project',
      { license_file: '../LICENSE' },
      "'../LICENSE' is invalid for 'license-file', parent directory indicators are not allowed."
    ],
    [
      'a license file pattern',
      { license_file: 'LICEN*' },
      "'LICEN*' is invalid for 'license-file', paths must be resolved."
    ],
    [
      'an absolute license file',
      { license_file: '/LICENSE' },
      "'/LICENSE' is invalid for 'license-file', paths must be relative."
    ],
    [
      'a license file with a backslash',
      { license_file: 'a\\LICENSE' },
      "'a\\\\LICENSE' is invalid for 'license-file', paths must use '/' delimiter."
    ],
    ['a dynamic name', { dynamic: 'Name' }, "'name' is not allowed as a dynamic field."],
    ['a dynamic field that is none', { dynamic: 'Colour' }, "'colour' is not a valid dynamic field."],
    ['an extra that is no name', { provides_extra: '-x' }, "'-x' is invalid for 'provides-extra'."],
    [
      'an import name that is a keyword',
      { metadata_version: '2.5', import_name: 'demo.class' },
      "'demo.class' is invalid for 'import-name'; 'class' is a keyword."
    ],
    [
      'an import name with another mark',
      { metadata_version: '2.5', import_name: 'demo; secret' },
      "'demo; secret' is invalid for 'import-name'; the only valid option is 'private'."
    ]
  ])('%s', (_name, fields, message) => {
    expect(uploadWith(fields)).toBe(`400 ${message} ${see}`)
  })

  test('a local version, and the page on local versions', () => {
    expect(uploadWith({ version: '1.0.0+linux' })).toBe(
      "400 The use of local versions in '1.0.0+linux' is not allowed. See https://packaging.python.org/en/latest/specifications/version-specifiers/#local-version-identifiers for more information."
    )
  })
})

describe('of many faults one is told:', () => {
  test('metadata version, name and version first', () => {
    expect(uploadWith({ version: 'x', author_email: '', requires_python: 'y' })).toMatch(/'version'/)
    expect(uploadWith({ metadata_version: '9', version: 'x' })).toMatch(/'9' is not a valid metadata version/)
  })

  test('then by the name of the field', () => {
    expect(uploadWith({ requires_python: 'y', license_expression: 'Own' })).toMatch(/'license-expression'/)
    expect(uploadWith({ home_page: 'x', author_email: 'nobody' })).toMatch(/not a valid email address/)
  })

  test("PyPI's own rules after those of the specification", () => {
    expect(uploadWith({ author_email: 'nobody', requires_python: 'y' })).toMatch(/'requires-python'/)
  })
})

describe('metadata is taken with', () => {
  test.each<[string, UploadOptions['fields'] & object]>([
    ['every version there is', { metadata_version: '1.0' }],
    ['2.5 and its import names', { metadata_version: '2.5', import_name: ['demo_pkg', '_demo ; private'] }],
    ['a license expression in any case', { license_expression: 'mit AND (apache-2.0 or BSD-3-Clause) ' }],
    ['an exception', { license_expression: 'GPL-3.0-or-later WITH Classpath-exception-2.0' }],
    ['a license of its own', { license_expression: 'LicenseRef-Proprietary' }],
    ['a later version of a license', { license_expression: 'EPL-1.0+' }],
    [
      'requirements with everything',
      {
        requires_dist: [
          'a',
          'b[x,y] (>=1,<2) ; python_version < "3.9" and extra == \'z\'',
          'c~=1.4.2 ; (os_name == "nt" or sys_platform not in "linux")'
        ]
      }
    ],
    ['an empty field', { summary: '', requires_python: '' }],
    ['two authors', { author_email: 'A <a@example.org>, B <b@example.org>' }],
    [
      'a content type with parameters',
      { description_content_type: 'text/markdown; charset="UTF-8"; variant=CommonMark' }
    ],
    ['a summary of 512 characters beyond the basic plane', { summary: '𝒳'.repeat(512) }],
    ['a dynamic field in capitals', { dynamic: ['LICENSE', 'Home-Page'] }]
  ])('%s', (_name, fields) => {
    expect(uploadWith(fields)).toBe(taken)
  })
})
