import type { TableName } from '../../shared/migrations/operation.ts'

/** Names that an operation does not hold, read from the statement as it is written; undefined where they are not found. */
export const writtenNames = {
  /** `CREATE SEQUENCE name`, `DROP SEQUENCE name` */
  sequence: (text: string) => nameIn(sequence, text.trim()),
  /** `CREATE TYPE name AS (…)`, `CREATE DOMAIN name` */
  type: (text: string) => nameIn(type, text.trim()),
  /** `ALTER INDEX name` */
  index: (text: string) => nameIn(index, text.trim()),
  /** `… RENAME TO name` */
  renamedTo: (text: string) => nameIn(renaming, text.trim())?.name
}

/** A name or `"a ""quoted"" name"`, with a schema or without. */
const written = String.raw`((?:(?:"(?:[^"]|"")+"|[\w$]+)\s*\.\s*)?(?:"(?:[^"]|"")+"|[\w$]+))`

const sequence = new RegExp(
  String.raw`^(?:CREATE|DROP)\b[^"]*?\bSEQUENCE\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?${written}`,
  'i'
)
const type = new RegExp(String.raw`^CREATE\s+(?:TYPE|DOMAIN)\s+${written}`, 'i')
const index = new RegExp(String.raw`^ALTER\s+INDEX\s+(?:IF\s+EXISTS\s+)?${written}`, 'i')
const renaming = new RegExp(String.raw`\bRENAME\s+TO\s+${written}\s*;?\s*$`, 'i')
function nameIn(pattern: RegExp, text: string): TableName | undefined {
  const found = pattern.exec(text)?.[1]
  if (found === undefined) return undefined
  const parts = [...found.matchAll(/"((?:[^"]|"")+)"|([\w$]+)/g)].map(
    ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain.toLowerCase()
  )
  const [schema, name] = parts
  if (schema === undefined) return undefined
  return name === undefined ? { name: schema } : { schema, name }
}
