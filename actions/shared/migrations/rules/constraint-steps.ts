import type { Column, Constraint, TableName } from '../operation.ts'
import { addNotValid, columnSteps, constraintName, validate } from './column-steps.ts'
import { withOption } from './dsl-text.ts'
import type { Situation } from './rule.ts'
import { safely, type SafeCommand, type SafeWay } from './safe-way.ts'
import { joinedName } from './sql-text.ts'
import { uniqueIndexSteps } from './unique-steps.ts'

/**
 * NOT VALID first, which takes a moment; VALIDATE then reads the table while everybody goes on. A constraint that is
 * written with a new column comes with it. Nothing where a text of it is not known, or it is added only in some cases.
 */
export function checkSteps(
  table: TableName,
  constraint: Constraint,
  situation: Situation
): { readonly safeWay?: SafeWay } {
  if (situation.statement.conditional) return {}
  const column = columnOf(table, constraint, situation)
  if (column !== undefined) return safely(columnSteps(table, column, situation.context.postgres))
  if (constraint.written === undefined) return {}
  const name = constraintName(table, constraint)
  return safely([
    {
      name: joinedName('add', name),
      says: 'From now on new rows are checked; older ones are not read.',
      alone: false,
      commands: [{ ...addNotValid(table, constraint), ...inEcto(constraint, situation) }]
    },
    {
      name: joinedName('validate', name),
      says: 'Reads older rows while everybody goes on. A migration of its own: the lock of the first one is gone by then.',
      alone: false,
      commands: [validate(table, constraint)]
    }
  ])
}

/** `create constraint(…)` of Ecto knows NOT VALID by itself. */
function inEcto({ kind }: Constraint, { statement }: Situation): Pick<SafeCommand, 'ecto'> {
  const ecto =
    statement.written === 'dsl' && kind === 'check'
      ? withOption(statement.text, /\bconstraint\(/, 'validate: false')
      : undefined
  return ecto === undefined ? {} : { ecto }
}

/** The column that the constraint is written with. */
function columnOf(table: TableName, constraint: Constraint, { statement }: Situation): Column | undefined {
  const added = statement.operations.flatMap((operation) =>
    operation.kind === 'add-column' && operation.table.name === table.name ? [operation.column] : []
  )
  return added.find(({ constraints }) => constraints.includes(constraint))
}

/** A unique index that is built while writes go on, and a constraint that takes it over in a moment. */
export function uniqueSteps(
  table: TableName,
  constraint: Constraint,
  situation: Situation
): { readonly safeWay?: SafeWay } {
  if (situation.statement.conditional) return {}
  const column = columnOf(table, constraint, situation)
  return safely(
    column === undefined ? uniqueIndexSteps(table, constraint) : columnSteps(table, column, situation.context.postgres)
  )
}
