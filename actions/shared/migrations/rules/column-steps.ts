import type { Column, Constraint, TableName } from '../operation.ts'
import { conventionalName } from './known-schema.ts'
import type { SafeCommand, SafeStep } from './safe-way.ts'
import { joinedName, objectName, quoteName, quoteTable, tableLabel, typeText } from './sql-text.ts'
import { uniqueIndexSteps } from './unique-steps.ts'

/**
 * The way to a column as it is written, with all its constraints: the column by itself, which takes a moment; what checks
 * its rows, as constraints that are not valid at first; its keys, by indexes that are built while writes go on.
 *
 * @returns undefined where a part of the column cannot be told word for word, or has no such way (identity, GENERATED)
 */
export function columnSteps(table: TableName, column: Column, postgres: number): readonly SafeStep[] | undefined {
  const type = column.serial && column.type !== undefined ? typeText(column.type) : column.type?.written
  const inline = isFreeDefault(column, postgres)
  const keys = column.constraints.filter(({ kind }) => kind === 'unique' || kind === 'primary-key')
  const checks = column.constraints.filter(({ kind }) => kind === 'check' || kind === 'foreign-key')
  const keySteps = keys.map((key) => uniqueIndexSteps(table, key))
  if (type === undefined || column.identity || column.generated !== 'no') return undefined
  if (!inline && column.default.text === '' && column.default.kind !== 'none') return undefined
  if (inline && column.default.text === '') return undefined
  if (keys.length + checks.length < column.constraints.length) return undefined
  if (checks.some(({ written }) => written === undefined) || keySteps.includes(undefined)) return undefined

  const required = column.notNull || keys.some(({ kind }) => kind === 'primary-key')
  const at = `ALTER TABLE ${quoteTable(table)}`
  const name = quoteName(column.name)
  const rest = inline ? ` DEFAULT ${column.default.text}${required ? ' NOT NULL' : ''}` : ''
  const add: SafeCommand = { sql: `${at} ADD COLUMN ${name} ${type}${rest}`, undo: `${at} DROP COLUMN ${name}` }
  const added = checks.map((check) => addNotValid(table, check))
  const validated = checks.map((check) => validate(table, check))
  const further = keySteps.flatMap((steps) => steps ?? [])
  const isFilled = column.serial || !(inline || ['none', 'null'].includes(column.default.kind))
  if (!isFilled && (inline || !required)) {
    const first: SafeStep = {
      name: joinedName('add', column.name, 'to', table.name),
      says: checks.length === 0 ? 'Takes a moment.' : 'Takes a moment. From now on new rows are checked.',
      alone: false,
      commands: [add, ...added]
    }
    return [first, ...validating(table, column, validated), ...further]
  }
  const counted = column.serial ? sequenceCommands(table, column) : []
  const standard =
    isFilled && !column.serial ? [{ sql: `${at} ALTER COLUMN ${name} SET DEFAULT ${column.default.text}` }] : []
  const fill: SafeStep = { ...fillStep(table, column.name), commands: [add, ...counted, ...standard] }
  if (!required) {
    const checking: readonly SafeStep[] =
      added.length === 0
        ? []
        : [{ name: joinedName('check', table.name, column.name), says: notRead, alone: false, commands: added }]
    return [fill, ...checking, ...validating(table, column, validated), ...further]
  }
  const [check, ...prove] = proveSteps(table, column.name, postgres)
  const [proof] = prove
  if (check === undefined || proof === undefined) return undefined
  return [
    fill,
    { ...check, commands: [...check.commands, ...added] },
    { ...proof, commands: [...proof.commands, ...validated] },
    ...further
  ]
}

/** Written once for the whole table, and not into every row, since PostgreSQL 11. */
function isFreeDefault({ default: { kind, text } }: Column, postgres: number): boolean {
  if (postgres < 11) return false
  return kind === 'constant' || kind === 'stable' || (kind === 'unknown' && text !== '' && !/\w"?\s*\(/.test(text))
}

const notRead = 'From now on new rows are checked; older ones are not read.'

function validating(table: TableName, column: Column, commands: readonly SafeCommand[]): readonly SafeStep[] {
  return commands.length === 0
    ? []
    : [
        {
          name: joinedName('validate', table.name, column.name),
          says: 'Reads older rows while everybody goes on. A migration of its own: the lock of the one before is gone by then.',
          alone: false,
          commands
        }
      ]
}

/** A CHECK or a foreign key as it is written, without a look at the rows that are there. */
export function addNotValid(table: TableName, constraint: Constraint): SafeCommand {
  const at = `ALTER TABLE ${quoteTable(table)}`
  const name = quoteName(constraintName(table, constraint))
  return {
    sql: `${at} ADD CONSTRAINT ${name} ${constraint.written ?? ''} NOT VALID`,
    undo: `${at} DROP CONSTRAINT IF EXISTS ${name}`
  }
}

export function validate(table: TableName, constraint: Constraint): SafeCommand {
  return { sql: `ALTER TABLE ${quoteTable(table)} VALIDATE CONSTRAINT ${quoteName(constraintName(table, constraint))}` }
}

/** The name that it has, or that PostgreSQL would give it: said, so that later steps can name it. */
export function constraintName(table: TableName, constraint: Constraint): string {
  return constraint.name ?? conventionalName(table.name, constraint)
}

/** A default from a sequence of its own, as a serial has it. */
function sequenceCommands(table: TableName, column: Column): readonly SafeCommand[] {
  const sequence = { ...table, name: objectName(table.name, column.name, 'seq') }
  const at = `ALTER TABLE ${quoteTable(table)}`
  const next = `nextval('${quoteTable(sequence).replaceAll("'", "''")}')`
  const type = column.type === undefined ? '' : ` AS ${typeText(column.type)}`
  return [
    {
      sql: `CREATE SEQUENCE ${quoteTable(sequence)}${type} OWNED BY ${quoteTable(table)}.${quoteName(column.name)}`,
      undo: `DROP SEQUENCE IF EXISTS ${quoteTable(sequence)} CASCADE`
    },
    { sql: `${at} ALTER COLUMN ${quoteName(column.name)} SET DEFAULT ${next}` }
  ]
}

/** The first migration of several: the release that writes the column comes after it, and the filling of older rows. */
export function fillStep(table: TableName, column: string): Omit<SafeStep, 'commands'> {
  return {
    name: joinedName('add', column, 'to', table.name),
    says: `Takes a moment. Release what writes ${column}, then fill older rows of ${tableLabel(table)} in batches outside a migration.`,
    alone: false
  }
}

/**
 * NOT NULL without reading the table under the strong lock. PostgreSQL 18 has NOT NULL constraints that are not valid at
 * first; before, a CHECK stands in for it until NOT NULL believes it (PostgreSQL 12).
 */
export function proveSteps(table: TableName, column: string, postgres: number): readonly SafeStep[] {
  const at = `ALTER TABLE ${quoteTable(table)}`
  const newer = postgres >= 18
  const name = objectName(table.name, column, newer ? 'not_null' : 'not_null_check')
  const constraint = quoteName(name)
  const drop = `${at} DROP CONSTRAINT IF EXISTS ${constraint}`
  const validation = { sql: `${at} VALIDATE CONSTRAINT ${constraint}` }
  const definition = newer ? `NOT NULL ${quoteName(column)}` : `CHECK (${quoteName(column)} IS NOT NULL)`
  const setNotNull = { sql: `${at} ALTER COLUMN ${quoteName(column)} SET NOT NULL` }
  return [
    {
      name: joinedName('check', table.name, column, 'not_null'),
      says: notRead,
      alone: false,
      commands: [{ sql: `${at} ADD CONSTRAINT ${constraint} ${definition} NOT VALID`, undo: drop }]
    },
    {
      name: joinedName('set', table.name, column, 'not_null'),
      says: 'Reads older rows while everybody goes on' + (newer ? '.' : '; NOT NULL then believes the constraint.'),
      alone: false,
      commands: newer ? [validation] : [validation, setNotNull, { sql: drop }]
    }
  ]
}
