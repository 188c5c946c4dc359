import { pythonRepr, pythonReprList } from './python-repr.ts'

const contentTypes = ['text/plain', 'text/x-rst', 'text/markdown']
const markdownVariants = ['GFM', 'CommonMark']

/** The rules for `Description-Content-Type`: three types, only UTF-8, two kinds of Markdown. */
export function contentTypeFault(value: string): string | undefined {
  const [type = '', ...parameters] = value.split(';').map((part) => part.trim())
  if (!contentTypes.includes(type.toLowerCase()))
    return `'description-content-type' must be one of ${pythonReprList(contentTypes)}, not ${pythonRepr(value)}`
  const values = new Map<string, string>()
  for (const parameter of parameters.filter((each) => each !== '')) {
    const [name = '', text] = parameter.split('=').map((part) => part.trim())
    if (text === undefined || name === '')
      return `${pythonRepr(value)} is not a valid content type for 'description-content-type'`
    values.set(name.toLowerCase(), text.replace(/^"(.*)"$/, '$1'))
  }
  const charset = values.get('charset') ?? 'UTF-8'
  if (charset.toLowerCase() !== 'utf-8')
    return `'description-content-type' can only specify the UTF-8 charset, not ${pythonRepr(charset)}`
  const variant = values.get('variant') ?? 'GFM'
  if (type.toLowerCase() === 'text/markdown' && !markdownVariants.includes(variant))
    return `valid Markdown variants for 'description-content-type' are ${pythonReprList(markdownVariants)}, not ${pythonRepr(variant)}`
  return undefined
}

/** `DYNAMIC_FIELDS` in warehouse/forklift/metadata.py, lower case. */
const dynamicFields = new Set(
  (
    'platform supported-platform summary description description-content-type keywords home-page download-url author ' +
    'author-email maintainer maintainer-email license license-expression license-file classifier requires-dist ' +
    'requires-python requires-external project-url provides-extra provides-dist obsoletes-dist requires provides ' +
    'obsoletes import-name import-namespace'
  ).split(' ')
)

export function dynamicFault(value: string): string | undefined {
  const field = value.toLowerCase()
  if (['name', 'version', 'metadata-version'].includes(field))
    return `${pythonRepr(field)} is not allowed as a dynamic field`
  return dynamicFields.has(field) ? undefined : `${pythonRepr(field)} is not a valid dynamic field`
}

/** PEP 639: the path within the project, with `/`, resolved. */
export function licenseFileFault(path: string): string | undefined {
  const invalid = `${pythonRepr(path)} is invalid for 'license-file'`
  if (path.includes('..')) return `${invalid}, parent directory indicators are not allowed`
  if (path.includes('*')) return `${invalid}, paths must be resolved`
  if (/^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(path)) return `${invalid}, paths must be relative`
  const written = path.split('/')
  if (path.includes('\\') || written.some((part) => part === '' || part === '.'))
    return `${invalid}, paths must use '/' delimiter`
  return undefined
}

const keywords = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global ' +
    'if import in is lambda nonlocal not or pass raise return try while with yield'
  ).split(' ')
)

/** PEP 794: dotted identifiers, with `; private` behind them where it is so. */
export function importNameFault(value: string, field: string): string | undefined {
  const [name = '', ...rest] = value.split(';')
  const shown = name.trimEnd()
  for (const identifier of shown.split('.')) {
    const invalid = `${pythonRepr(shown)} is invalid for ${pythonRepr(field)}; ${pythonRepr(identifier)}`
    if (!/^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(identifier)) return `${invalid} is not a valid identifier`
    if (keywords.has(identifier)) return `${invalid} is a keyword`
  }
  if (rest.length > 0 && rest.join(';').trimStart() !== 'private')
    return `${pythonRepr(value)} is invalid for ${pythonRepr(field)}; the only valid option is 'private'`
  return undefined
}
