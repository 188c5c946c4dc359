import type { Family } from './rules.ts'
import { counted } from './wording.ts'

/** mix.exs stops migrations: what was found in it is judged with the other rules. */
export const mixGuard: Family = {
  name: 'Aliases of mix.exs',
  rules: ['mix-guard', 'guard-disarmed'],
  look({ configuration, mixGuard: found }) {
    if (configuration.mixGuard === 'off') return undefined
    return {
      detail: `mix.exs of ${counted(configuration.mixProjects.length, 'project')}: ${configuration.mixProjects.join(', ')}`,
      findings: found.map((finding) => ({
        ...finding,
        rule: finding.rule === 'guard-disarmed' ? 'guard-disarmed' : 'mix-guard'
      }))
    }
  }
}
