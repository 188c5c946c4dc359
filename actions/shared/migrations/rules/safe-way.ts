import type { TableName } from '../operation.ts'

/** How the same end is reached without the harm: migrations that are run one after the other. */
export interface SafeWay {
  readonly steps: readonly SafeStep[]
}

export interface SafeStep {
  /** Of the migration, in snake case: `add_orders_email_index`. */
  readonly name: string
  /** Why it is a step of its own, as a comment. */
  readonly says: string
  /** Only right in one transaction. */
  readonly together?: true
  /** Must run outside a transaction, with nothing beside it. */
  readonly alone: boolean
  readonly commands: readonly SafeCommand[]
}

export interface SafeCommand {
  /** Without the semicolon at its end. */
  readonly sql: string
  /** The rule that would speak of it: it is silenced beside it, with a reason for the user to write. */
  readonly acknowledges?: string
  /** What takes it back; absent: nothing needs to be. */
  readonly undo?: string
  /** In Ecto's own words, reversible, where it has them. */
  readonly ecto?: string
  /** The table whose `alter table` block Ecto's words stand in. */
  readonly inTable?: TableName
}

/** Safe ways of the same kind as one: what need not be alone stands in one migration. */
export function joinedWays(ways: readonly SafeWay[]): SafeWay | undefined {
  const [first, ...others] = ways
  if (first === undefined || others.length === 0) return first
  const sameShape = others.every(
    (way) =>
      way.steps.length === first.steps.length && way.steps.every((step, at) => step.alone === first.steps[at]?.alone)
  )
  if (!sameShape) return { steps: ways.flatMap(({ steps }) => steps) }
  return {
    steps: first.steps.flatMap((step, at) => {
      const same = ways.flatMap((way) => way.steps[at] ?? [])
      if (step.alone) return same
      const commands = same.flatMap((one) => one.commands)
      return [
        {
          ...step,
          commands: commands.filter(({ sql }, place) => commands.findIndex((one) => one.sql === sql) === place)
        }
      ]
    })
  }
}
