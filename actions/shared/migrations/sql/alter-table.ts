import type { AlterTableCmd, AlterTableStmt, AlterTableType } from '@pgsql/types'
import type { Operation, TableName } from '../operation.ts'
import { readColumn, readConstraint, typeOf } from './column.ts'
import { defaultValue } from './default-value.ts'
import type { StatementSource } from './statement-source.ts'
import { relationName, type TreeNode } from './tree.ts'

/** Every command of an ALTER TABLE, in order. */
export function readAlterTable(statement: AlterTableStmt, source: StatementSource): Operation[] {
  const table = relationName(statement.relation)
  const ofTable = statement.objtype === 'OBJECT_TABLE' || statement.objtype === 'OBJECT_FOREIGN_TABLE'
  return (statement.cmds ?? []).flatMap((node: TreeNode) => {
    const command = node.AlterTableCmd
    if (command === undefined) return []
    // An index, a view, a sequence or a composite type: what the words mean for tables does not hold for them.
    if (!ofTable) return [{ kind: 'other', what: `ALTER ${objectName(statement.objtype)}` }]
    return readCommand(command, table, source)
  })
}

function objectName(type: string | undefined): string {
  return (type ?? '').replace('OBJECT_', '').replace('MATVIEW', 'MATERIALIZED VIEW').replaceAll('_', ' ')
}

type Command = (command: AlterTableCmd, table: TableName, source: StatementSource) => Operation[]

function readCommand(command: AlterTableCmd, table: TableName, source: StatementSource): Operation[] {
  const read = commands[command.subtype ?? 'AT_AddOf']
  return read?.(command, table, source) ?? [{ kind: 'other', what: 'ALTER TABLE' }]
}

const columnCommand =
  (kind: 'set-not-null' | 'drop-not-null'): Command =>
  (command, table) => [{ kind, table, column: command.name ?? '' }]

const tableCommand =
  (kind: 'set-tablespace' | 'set-logged' | 'cluster' | 'set-access-method'): Command =>
  (_, table) => [{ kind, table }]

const triggerCommand: Command = (command, table) => [{ kind: 'switch-trigger', table, trigger: command.name ?? '' }]

const securityCommand =
  (change: 'enable' | 'disable' | 'force' | 'no-force'): Command =>
  (_, table) => [{ kind: 'row-level-security', table, change }]

/** What is not here changes the catalog only, or nothing that a rule is about (SET STATISTICS, OWNER TO, INHERIT …). */
const commands: Partial<Record<AlterTableType, Command>> = {
  AT_AddColumn: (command, table, source) => {
    const definition = definitionOf(command)?.ColumnDef
    if (definition === undefined) return []
    const ifNotExists = command.missing_ok === true
    return [{ kind: 'add-column', table, column: readColumn(definition, source), ifNotExists }]
  },
  AT_DropColumn: (command, table) => [
    { kind: 'drop-column', table, column: command.name ?? '', cascade: command.behavior === 'DROP_CASCADE' }
  ],
  AT_AlterColumnType: (command, table, source) => {
    const definition = definitionOf(command)?.ColumnDef
    const type = typeOf(definition, source)
    if (type === undefined) return []
    const using: TreeNode | undefined = definition?.raw_default
    return [
      {
        kind: 'alter-column-type',
        table,
        column: command.name ?? '',
        type,
        ...(using === undefined ? {} : { using: source.expression(using) })
      }
    ]
  },
  AT_ColumnDefault: (command, table, source) => {
    const expression = definitionOf(command)
    const value =
      expression === undefined
        ? ({ kind: 'none', text: '' } as const)
        : defaultValue(expression, source.expression(expression))
    return [{ kind: 'set-default', table, column: command.name ?? '', value }]
  },
  AT_SetNotNull: columnCommand('set-not-null'),
  AT_DropNotNull: columnCommand('drop-not-null'),
  AT_SetExpression: (command, table) => [{ kind: 'set-expression', table, column: command.name ?? '' }],
  AT_AddConstraint: (command, table, source) => {
    const written = definitionOf(command)?.Constraint
    const constraint = written === undefined ? undefined : readConstraint(written, source.from(written.location))
    return constraint === undefined ? [] : [{ kind: 'add-constraint', table, constraint }]
  },
  AT_ValidateConstraint: (command, table) => [{ kind: 'validate-constraint', table, constraint: command.name ?? '' }],
  AT_DropConstraint: (command, table) => [{ kind: 'drop-constraint', table, constraint: command.name ?? '' }],
  AT_AttachPartition: (command, table) => [{ kind: 'attach-partition', table, partition: partitionOf(command) }],
  AT_DetachPartition: (command, table) => [
    {
      kind: 'detach-partition',
      table,
      partition: partitionOf(command),
      concurrently: definitionOf(command)?.PartitionCmd?.concurrent === true
    }
  ],
  AT_SetTableSpace: tableCommand('set-tablespace'),
  AT_SetLogged: tableCommand('set-logged'),
  AT_SetUnLogged: tableCommand('set-logged'),
  AT_SetAccessMethod: tableCommand('set-access-method'),
  AT_EnableTrig: triggerCommand,
  AT_EnableAlwaysTrig: triggerCommand,
  AT_EnableReplicaTrig: triggerCommand,
  AT_DisableTrig: triggerCommand,
  AT_EnableTrigAll: (_, table) => [{ kind: 'switch-trigger', table, trigger: 'ALL' }],
  AT_DisableTrigAll: (_, table) => [{ kind: 'switch-trigger', table, trigger: 'ALL' }],
  AT_EnableTrigUser: (_, table) => [{ kind: 'switch-trigger', table, trigger: 'USER' }],
  AT_DisableTrigUser: (_, table) => [{ kind: 'switch-trigger', table, trigger: 'USER' }],
  AT_EnableRowSecurity: securityCommand('enable'),
  AT_DisableRowSecurity: securityCommand('disable'),
  AT_ForceRowSecurity: securityCommand('force'),
  AT_NoForceRowSecurity: securityCommand('no-force')
}

function definitionOf(command: AlterTableCmd): TreeNode | undefined {
  return command.def
}

function partitionOf(command: AlterTableCmd): TableName {
  return relationName(definitionOf(command)?.PartitionCmd?.name)
}
