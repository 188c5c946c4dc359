import type { Deed } from '../../actions/db-deploy/deed.ts'
import type { RunState } from '../../actions/db-deploy/run-state.ts'

/** A run state that is kept nowhere but here. */
export function keptDeeds(): { readonly state: RunState; readonly deeds: Deed[] } {
  const deeds: Deed[] = []
  const nothing = (): void => undefined
  const doing = (deed: Deed): void => {
    deeds.push(deed)
  }
  return {
    deeds,
    state: {
      doing,
      migrating: (tool) => {
        doing({ kind: 'migrate', ...tool })
      },
      hear: nothing,
      begun: nothing,
      learned: nothing,
      leaves: nothing,
      unsettled: nothing,
      finish: nothing
    }
  }
}
