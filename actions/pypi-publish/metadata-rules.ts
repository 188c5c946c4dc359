import { parsePep440 } from '../shared/pep440.ts'
import type { Problem } from '../shared/problem.ts'
import { parseDescriptionType } from './content-type.ts'
import { wrongEmailField } from './email-address.ts'
import { parseLicenseExpression } from './license-expression.ts'
import { isFieldName, type FieldName } from './metadata-field.ts'
import { metadataProblem } from './metadata-problem.ts'
import { isProjectName } from './project-name.ts'
import { parseRequirement } from './requirement.ts'
import { parseSpecifierSet } from './specifier.ts'
import { isLinkUri } from './uri.ts'

export type Fields = ReadonlyMap<FieldName, readonly string[]>

/**
 * Checks the values of all fields. Empty values count as not given, as they do on PyPI, except for the name and the
 * version, which must be there.
 * @returns the problems, and what only the index can tell
 */
export function checkFields(fields: Fields, file: string): { problems: Problem[]; notChecked: string[] } {
  const problems: Problem[] = []
  const notChecked: string[] = []
  const check: Check = {
    wrong: (field, what, hint) => problems.push(metadataProblem(file, field, what, hint)),
    notChecked: (what) => notChecked.push(what)
  }
  for (const field of ['name', 'version'] as const) {
    if (given(fields, field).length === 0) check.wrong(field, 'is missing', `Set the ${field} in pyproject.toml.`)
  }
  for (const [field, rule] of Object.entries(rules)) {
    if (!isFieldName(field)) continue
    for (const value of given(fields, field)) rule(value, field, check)
  }
  checkTogether(fields, check)
  return { problems, notChecked }
}

interface Check {
  wrong(field: FieldName, what: string, hint: string): void
  notChecked(what: string): void
}

type Rule = (value: string, field: FieldName, check: Check) => void

function given(fields: Fields, field: FieldName): readonly string[] {
  return (fields.get(field) ?? []).filter((value) => value !== '')
}

const email: Rule = (value, field, check) => {
  const wrong = wrongEmailField(value)
  if (wrong !== undefined) check.wrong(field, `is "${value}": ${wrong}`, 'Correct the address in pyproject.toml.')
}

const uri: Rule = (value, field, check) => {
  if (isLinkUri(value)) return
  check.wrong(field, `is "${value}", which is no http or https URI`, 'Write a whole link, https:// included.')
}

const dependency: Rule = (value, field, check) => {
  const parsed = parseRequirement(value)
  if ('wrong' in parsed) {
    const place = `at character ${parsed.position + 1}`
    check.wrong(field, `has "${value}": ${parsed.wrong} (${place})`, 'Correct the dependency in pyproject.toml.')
  } else if (parsed.url !== undefined) {
    check.wrong(
      field,
      `has "${value}", a direct reference, which PyPI refuses`,
      'Depend on a version that is on an index, or move the reference to a dependency group.'
    )
  }
}

const importName: Rule = (value, field, check) => {
  const [name = '', ...options] = value.split(';')
  const bad = name
    .trimEnd()
    .split('.')
    .find((part) => !/^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(part) || keywords.has(part))
  if (bad !== undefined)
    check.wrong(field, `has "${value}": "${bad}" is no Python identifier`, 'Correct the import name.')
  if (options.length > 0 && options.join(';').trimStart() !== 'private') {
    check.wrong(field, `has "${value}": only "; private" may follow the name`, 'Correct the import name.')
  }
}

const rules: Readonly<Partial<Record<FieldName, Rule>>> = {
  name: (value, field, check) => {
    if (isProjectName(value)) return
    check.wrong(
      field,
      `is "${value}"`,
      'Use ASCII letters, digits, ".", "_", "-"; begin and end with a letter or digit.'
    )
  },
  version: (value, field, check) => {
    if (parsePep440(value) !== undefined) return
    check.wrong(
      field,
      `is "${value}", which is no PEP 440 version`,
      'Set a version such as 1.2.3, 1.2.3b1 or 1.2.3rc1.'
    )
  },
  summary: (value, field, check) => {
    if (Array.from(value).some((character) => lineBoundaries.has(character))) {
      check.wrong(field, 'has more than one line', 'Write the description in pyproject.toml on one line.')
    }
    const length = Array.from(value).length
    if (length > 512)
      check.wrong(field, `has ${length} characters, and PyPI takes 512`, 'Shorten the description in pyproject.toml.')
  },
  'description-content-type': (value, field, check) => {
    const parsed = parseDescriptionType(value)
    if ('wrong' in parsed)
      check.wrong(
        field,
        `is "${value}": ${parsed.wrong}`,
        'Name the readme with its ending, or set readme.content-type.'
      )
  },
  'author-email': email,
  'maintainer-email': email,
  'home-page': uri,
  'download-url': uri,
  'requires-dist': dependency,
  'provides-dist': dependency,
  'obsoletes-dist': dependency,
  'requires-python': (value, field, check) => {
    const parsed = parseSpecifierSet(value)
    if ('wrong' in parsed)
      check.wrong(field, `is "${value}": ${parsed.wrong}`, 'Write it like ">=3.9" in requires-python.')
  },
  'provides-extra': (value, field, check) => {
    if (!isProjectName(value))
      check.wrong(field, `has "${value}"`, 'Rename the extra: ASCII letters, digits, ".", "_", "-".')
  },
  'license-expression': (value, field, check) => {
    const parsed = parseLicenseExpression(value)
    if ('wrong' in parsed) {
      check.wrong(
        field,
        `is "${value}": ${parsed.wrong}`,
        'Use SPDX identifiers (spdx.org/licenses), or LicenseRef-NAME.'
      )
    } else if (parsed.exceptions.length > 0) {
      check.notChecked(`whether ${parsed.exceptions.map((id) => `"${id}"`).join(', ')} is a known SPDX exception`)
    }
  },
  'license-file': (value, field, check) => {
    const wrong = wrongLicensePath(value)
    if (wrong !== undefined) check.wrong(field, `has "${value}": ${wrong}`, 'Correct license-files in pyproject.toml.')
  },
  dynamic: (value, field, check) => {
    const name = value.toLowerCase()
    if (name === 'name' || name === 'version' || name === 'metadata-version') {
      check.wrong(field, `has "${value}", which may not be dynamic`, 'Take it out of the dynamic fields.')
    } else if (!isFieldName(name)) {
      check.wrong(field, `has "${value}", which is no field of core metadata`, 'Take it out of the dynamic fields.')
    }
  },
  'import-name': importName,
  'import-namespace': importName
}

/** Where Python's `str.splitlines` breaks a line. */
const lineBoundaries = new Set('\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029')

function wrongLicensePath(path: string): string | undefined {
  if (path.includes('..')) return '".." is not allowed'
  if (path.includes('*')) return 'it must name one file'
  if (path.startsWith('/') || path.startsWith('\\') || /^[a-z]:/i.test(path)) return 'it must be relative'
  if (path.includes('\\') || path.includes('//') || /(?:^|\/)\.(?:\/|$)|\/$/.test(path)) {
    return 'it must be a plain path with "/" between its parts'
  }
  return undefined
}

/** Rules about more than one value. */
function checkTogether(fields: Fields, check: Check): void {
  const labels = new Set<string>()
  for (const pair of fields.get('project-url') ?? []) {
    const { label, url } = readProjectUrl(pair)
    if (labels.has(label))
      check.wrong('project-url', `has the label "${label}" twice`, 'Give every link a label of its own.')
    labels.add(label)
    if (label === '') check.wrong('project-url', `has "${pair}", without a label`, 'Write "Label, https://…".')
    else if (Array.from(label).length > 32) {
      check.wrong('project-url', `has the label "${label}", longer than 32 characters`, 'Shorten the label.')
    } else if (!isLinkUri(url)) {
      check.wrong(
        'project-url',
        `"${label}" is "${url}", which is no http or https URI`,
        'Correct the link in [project.urls].'
      )
    }
  }
  if (given(fields, 'license').length > 0 && given(fields, 'license-expression').length > 0) {
    check.wrong(
      'license',
      'stands beside License-Expression, and only one of them may',
      'Remove the old licence field and classifiers.'
    )
  }
  const classifiers = given(fields, 'classifier')
  if (classifiers.length > 0) check.notChecked('whether the classifiers are on PyPI’s list')
  if (given(fields, 'description').length > 0) {
    const type = parseDescriptionType(given(fields, 'description-content-type')[0] ?? 'text/x-rst')
    if ('type' in type && type.type === 'text/x-rst') {
      check.notChecked('whether the reStructuredText description renders (`twine check` can tell)')
    }
  }
}

/** `Label, https://…` at its first comma. */
export function readProjectUrl(pair: string): { readonly label: string; readonly url: string } {
  const comma = pair.indexOf(',')
  if (comma < 0) return { label: pair.trim(), url: '' }
  return { label: pair.slice(0, comma).trim(), url: pair.slice(comma + 1).trim() }
}

/** `keyword.kwlist` of Python 3.13. */
const keywords = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' '
  )
)
