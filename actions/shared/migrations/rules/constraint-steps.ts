import type { Constraint, TableName } from '../operation.ts'
import { conventionalName } from './known-schema.ts'
import { withOption } from './dsl-text.ts'
import type { Situation } from './rule.ts'
import type { SafeCommand, SafeStep, SafeWay } from './safe-way.ts'
import { addColumnCommand } from './column-steps.ts'
import { joinedName, quoteColumns, quoteName, quoteTable, withoutSemicolon } from './sql-text.ts'

/** NOT VALID first, which takes a moment; VALIDATE then reads the table while everybody goes on. */
export function checkSteps(
  table: TableName,
  constraint: Constraint,
  situation: Situation
): { readonly safeWay?: SafeWay } {
  const at = `ALTER TABLE ${quoteTable(table)}`
  const name = constraint.name ?? conventionalName(table.name, constraint)
  const add = notValid(table, { ...constraint, name }, situation)
  if (add === undefined) return {}
  return {
    safeWay: {
      steps: [
        {
          name: joinedName('add', name),
          says: 'From now on new rows are checked; older ones are not read.',
          alone: false,
          commands: [...columnOf(table, situation), add]
        },
        {
          name: joinedName('validate', name),
          says: 'Reads older rows while everybody goes on. A migration of its own: the lock of the first one is gone by then.',
          alone: false,
          commands: [{ sql: `${at} VALIDATE CONSTRAINT ${quoteName(name)}` }]
        }
      ]
    }
  }
}

/** The column that the constraint was written with. */
function columnOf(table: TableName, { statement }: Situation): readonly SafeCommand[] {
  const added = statement.operations.flatMap((operation) => (operation.kind === 'add-column' ? [operation] : []))
  const [only] = added
  return only === undefined || added.length > 1 || only.column.constraints.length === 0
    ? []
    : [addColumnCommand(table, only.column)]
}

function notValid(
  table: TableName,
  constraint: Constraint & { readonly name: string },
  { statement, migration }: Situation
): SafeCommand | undefined {
  const name = quoteName(constraint.name)
  const at = `ALTER TABLE ${quoteTable(table)}`
  const undo = `${at} DROP CONSTRAINT IF EXISTS ${name}`
  // VALIDATE is what was found: the statement that added it stays as it is.
  const source = statement.operations.some(({ kind }) => kind === 'validate-constraint')
    ? undefined
    : { text: statement.text, single: statement.operations.length === 1 }
  if (constraint.kind === 'foreign-key') {
    if (constraint.references === undefined) return undefined
    const written = source?.text ?? ''
    const columns = `FOREIGN KEY (${quoteColumns(constraint.columns)})`
    const parent = `REFERENCES ${quoteTable(constraint.references)}${referenceTail(written)}`
    return { sql: `${at} ADD CONSTRAINT ${name} ${columns} ${parent} NOT VALID`, undo }
  }
  if (source === undefined) {
    const earlier = adding(
      migration.statements.map(({ text }) => text),
      constraint.name
    )
    return earlier === undefined ? undefined : { sql: earlier, undo }
  }
  if (statement.written === 'dsl') {
    const ecto = withOption(source.text, /\bconstraint\(/, 'validate: false')
    const check = checkText(source.text)
    return ecto === undefined || check === undefined
      ? undefined
      : { sql: `${at} ADD CONSTRAINT ${name} CHECK (${check}) NOT VALID`, undo, ecto }
  }
  if (source.single && /^\s*ALTER\s+TABLE[^;]*\bADD\s+(?:CONSTRAINT\b|CHECK\b)/i.test(source.text))
    return { sql: `${withoutSemicolon(source.text)} NOT VALID`, undo }
  const expression = /\bCHECK\s*(\([\s\S]*\))/i.exec(source.text)?.[1]
  const whole = expression === undefined ? undefined : balanced(expression)
  return whole === undefined ? undefined : { sql: `${at} ADD CONSTRAINT ${name} CHECK ${whole} NOT VALID`, undo }
}

/** The statement that adds a constraint of this name, out of those of the migration. */
function adding(texts: readonly string[], name: string): string | undefined {
  const found = texts.find((text) => /\bADD\b/i.test(text) && text.includes(name) && /\bNOT\s+VALID\b/i.test(text))
  return found === undefined ? undefined : withoutSemicolon(found)
}

/** The text of `check: "…"`. */
function checkText(text: string): string | undefined {
  const quoted = /\bcheck:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]
  return quoted?.replace(/\\(.)/g, '$1')
}

/** From the first parenthesis to the one that closes it. */
function balanced(text: string): string | undefined {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === "'") quoted = !quoted
    if (quoted) continue
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (depth === 0) return text.slice(0, at + 1)
  }
  return undefined
}

/** What stands behind REFERENCES: the columns, and what happens on DELETE and UPDATE. SQL's words or Ecto's. */
export function referenceTail(text: string): string {
  if ((text.match(/\breferences\b/gi) ?? []).length !== 1) return ''
  const columns = /\bREFERENCES\s+(?:"[^"]*"|[\w.])+(?:\."[^"]*")?\s*(\([^)]*\))/i.exec(text)?.[1]
  const actions = [
    ...text.matchAll(/\bON\s+(?:DELETE|UPDATE)\s+(?:CASCADE|RESTRICT|NO\s+ACTION|SET\s+(?:NULL|DEFAULT))/gi)
  ]
  const ecto = [...text.matchAll(/\bon_(delete|update):\s*:(\w+)/g)].flatMap(([, event, action]) => {
    const sql = ectoActions[action ?? '']
    return sql === undefined ? [] : [`ON ${event === 'delete' ? 'DELETE' : 'UPDATE'} ${sql}`]
  })
  const isSql = /\bREFERENCES\s+["\w]/i.test(text)
  return [
    ...(isSql && columns !== undefined ? [` ${columns}`] : []),
    ...actions.map(([action]) => ` ${action}`),
    ...ecto.map((action) => ` ${action}`)
  ].join('')
}

/** Ecto.Migration.references/2. */
const ectoActions: Readonly<Record<string, string>> = {
  delete_all: 'CASCADE',
  update_all: 'CASCADE',
  nilify_all: 'SET NULL',
  default_all: 'SET DEFAULT',
  restrict: 'RESTRICT'
}

/** A unique index that is built while writes go on, and a constraint that takes it over in a moment. */
export function uniqueSteps(
  table: TableName,
  constraint: Constraint,
  situation: Situation
): { readonly safeWay?: SafeWay } {
  if (constraint.columns.length === 0) return {}
  const name = constraint.name ?? conventionalName(table.name, constraint)
  const index = joinedName(name.replace(/_(key|pkey)$/, ''), constraint.kind === 'primary-key' ? 'pkey' : 'key', 'idx')
  const sort = constraint.kind === 'primary-key' ? 'PRIMARY KEY' : 'UNIQUE'
  const at = `ALTER TABLE ${quoteTable(table)}`
  const column = columnOf(table, situation)
  const first: readonly SafeStep[] =
    column.length === 0
      ? []
      : [
          {
            name: joinedName('add', ...constraint.columns, 'to', table.name),
            says: 'Takes a moment.',
            alone: false,
            commands: column
          }
        ]
  return {
    safeWay: {
      steps: [
        ...first,
        {
          name: joinedName('add', index),
          says: 'Writes go on while it is built. If it fails, drop the INVALID index it leaves behind, and run it again.',
          alone: true,
          commands: [
            {
              sql: `CREATE UNIQUE INDEX CONCURRENTLY ${quoteName(index)} ON ${quoteTable(table)} (${quoteColumns(constraint.columns)})`,
              undo: `DROP INDEX CONCURRENTLY IF EXISTS ${quoteTable({ ...table, name: index })}`
            }
          ]
        },
        {
          name: joinedName('add', name),
          says:
            constraint.kind === 'primary-key'
              ? 'Takes a moment if its columns are NOT NULL already.'
              : 'Takes a moment: the constraint takes the index over, and renames it.',
          alone: false,
          commands: [
            {
              sql: `${at} ADD CONSTRAINT ${quoteName(name)} ${sort} USING INDEX ${quoteName(index)}`,
              undo: `${at} DROP CONSTRAINT IF EXISTS ${quoteName(name)}`
            }
          ]
        }
      ]
    }
  }
}
