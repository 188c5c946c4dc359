import { ActionError, type Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { pastCancellation } from '../cancelled.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import { mergedState } from '../state/merged-state.ts'
import type { MigrationState, MigrationStatus } from '../state/migration-state.ts'
import { toldStates } from '../survey.ts'
import { readStates, statusOf } from './apply.ts'
import type { RollbackFacts } from './inspect.ts'

/**
 * Reads the table again: what was to go back is back, and nothing else is. Also when the job was cancelled meanwhile: it has
 * been done, and nobody would look again.
 *
 * @throws ActionError
 */
export async function verify(inputs: Inputs, facts: RollbackFacts, world: World, journal: Journal): Promise<true> {
  return journal.stage<true>('verify', 'Second status', async (stage) => {
    const after = await readStates(inputs, facts, pastCancellation(world))
    const merged = mergedState(after)
    if (merged !== undefined) journal.learn({ after: merged })
    const problems = rollbackProblems(facts, after)
    if (problems.length > 0) throw new ActionError(problems)
    // What it left is mended now.
    journal.learn({ runbook: [] })
    stage.note(toldStates(after))
    return true
  })
}

/** Everything that the table does not say as it should. Pure. */
export function rollbackProblems(
  { survey, targets }: Pick<RollbackFacts, 'targets'> & { readonly survey: Pick<RollbackFacts['survey'], 'states'> },
  after: readonly MigrationState[]
): readonly Problem[] {
  const going = new Set(targets.map(({ name }) => name))
  const before = survey.states.flatMap(({ migrations }) => migrations)
  const left = targets.filter(({ name }) => isThere(statusOf(after, name)))
  const lost = before.filter(
    ({ name, status }) =>
      targets.length > 0 && status === 'applied' && !going.has(name) && !isThere(statusOf(after, name))
  )
  const none = targets.length === 0 && before.every(({ name, status }) => statusOf(after, name)?.status === status)
  return [
    ...left.map(({ name }) => problem(`${name} was to go back, and the table still has it.`, tooFew)),
    ...lost.map(({ name }) => problem(`${name} was to stay, and the table has it no more.`)),
    ...(none ? [problem('The call ended well, and no migration went back.')] : [])
  ]
}

function isThere(status: MigrationStatus | undefined): boolean {
  return status !== undefined && status.status !== 'pending'
}

function problem(message: string, further = ''): Problem {
  return {
    code: 'rollback-failed',
    message,
    hint: `Look at the state (\`command: status\`), and at what the tool said in the log.${further}`
  }
}

/** What a release's own function does with the version is its own affair. */
const tooFew =
  ' A function in release-rollback-call gets the oldest version that goes for `{to}`, as Ecto.Migrator’s `to:` means it; `to_exclusive:` takes back one less.'
