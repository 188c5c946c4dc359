import type { PlacedFault, ScriptStep, Taken } from './rule.ts'

/** What a rule about work behind a lock looks for, and what it says. */
interface Search {
  readonly isMeant: (taken: Taken) => boolean
  /** Statements that another rule tells already. */
  readonly isTold: (step: ScriptStep) => boolean
  readonly message: (held: string) => string
  readonly hint: string
  readonly lasts: string
}

/**
 * The first work of a kind, in each transaction, behind an ACCESS EXCLUSIVE lock that an earlier statement of it took and
 * that is held until the end.
 */
export function firstUnderLock(steps: readonly ScriptStep[], search: Search): readonly PlacedFault[] {
  const held = new Map<number, string>()
  const told = new Set<number>()
  return steps.flatMap((step) => {
    const { transaction } = step.run
    if (transaction === undefined) return []
    const holding = held.get(transaction)
    const strong = step.takes.find(({ mode }) => mode === 'ACCESS EXCLUSIVE')
    if (strong !== undefined && holding === undefined) held.set(transaction, strong.table)
    const taken = step.takes.find(search.isMeant)
    if (holding === undefined || taken === undefined || told.has(transaction) || search.isTold(step)) return []
    told.add(transaction)
    return [
      {
        span: step.statement.span,
        subject: taken.table,
        table: taken.table,
        message: search.message(holding),
        hint: search.hint,
        lock: {
          mode: 'ACCESS EXCLUSIVE',
          tables: [holding],
          blocks: 'reads and writes',
          rewrite: 'no',
          lasts: search.lasts
        }
      }
    ]
  })
}
