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
  /** Its reason, where it is known. */
  readonly because?: string
  /** What takes it back; absent: nothing needs to be. */
  readonly undo?: string
  /** In Ecto's own words, reversible, where it has them. */
  readonly ecto?: string
  /** The table whose `alter table` block Ecto's words stand in. */
  readonly inTable?: TableName
}

/** Steps as a way; none where there are none. */
export function safely(steps: readonly SafeStep[] | undefined): { readonly safeWay?: SafeWay } {
  return steps === undefined ? {} : { safeWay: { steps } }
}

/** Safe ways of the same kind as one: what need not be alone stands in one migration. */
export function joinedWays(ways: readonly SafeWay[]): SafeWay | undefined {
  const [first, ...others] = ways
  if (first === undefined || others.length === 0) return first
  const sameShape = others.every(
    (way) =>
      way.steps.length === first.steps.length && way.steps.every((step, at) => step.alone === first.steps[at]?.alone)
  )
  if (!sameShape) return { steps: once(ways.flatMap(({ steps }) => steps)) }
  return {
    steps: first.steps.flatMap((step, at) => {
      const same = ways.flatMap((way) => way.steps[at] ?? [])
      if (step.alone) return once(same)
      const commands = same.flatMap((one) => one.commands)
      return [
        {
          ...step,
          commands: [...new Map(commands.map((command) => [command.sql, command])).values()]
        }
      ]
    })
  }
}

/** Two findings about one column have the same way. */
function once(steps: readonly SafeStep[]): readonly SafeStep[] {
  return [...new Map(steps.map((step) => [step.commands.map(({ sql }) => sql).join(';'), step])).values()]
}
