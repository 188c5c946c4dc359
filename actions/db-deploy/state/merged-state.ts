import type { MigrationState } from './migration-state.ts'

/** The states of several tables as one, for those who tell how it is: a project with several Ecto repositories has several. */
export function mergedState(states: readonly MigrationState[]): MigrationState | undefined {
  const [first, ...others] = states
  if (first === undefined || others.length === 0) return first
  return {
    ...first,
    folders: states.flatMap(({ folders }) => folders),
    migrations: states.flatMap(({ migrations }) => migrations),
    current: states.map(({ current }) => current).findLast((current) => current !== undefined),
    notChecked: [...new Set(states.flatMap(({ notChecked }) => notChecked))]
  }
}
