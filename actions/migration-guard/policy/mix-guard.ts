import type { Family } from './rules.ts'
import { counted } from './wording.ts'

/** mix.exs stops migrations: what was found in it is judged with the other rules. */
export const mixGuard: Family = {
  name: 'Aliases of mix.exs',
  rules: ['mix-guard', 'guard-disarmed'],
  look({ change, configuration, mixGuard: found }) {
    if (configuration.mixGuard === 'off') return undefined
    return {
      detail: `mix.exs of ${counted(configuration.mixProjects.length, 'project')}: ${configuration.mixProjects.join(', ')}`,
      findings: found.map((finding) => ({
        ...finding,
        rule: finding.rule === 'guard-disarmed' ? 'guard-disarmed' : 'mix-guard'
      })),
      notChecked: unnamed([...change.head.files.keys()], configuration.mixProjects)
    }
  }
}

/** Projects of an umbrella have tasks of their own. What is vendored below `deps` nobody runs Mix in. */
function unnamed(paths: readonly string[], projects: readonly string[]): readonly string[] {
  const folders = paths
    .filter((path) => /(^|\/)mix\.exs$/.test(path) && !/(^|\/)deps\//.test(path))
    .map((path) => path.replace(/\/?mix\.exs$/, '') || '.')
    .filter((folder) => !projects.includes(folder))
  if (folders.length === 0) return []
  const more = folders.length > mostNamed ? ` and ${String(folders.length - mostNamed)} more` : ''
  return [`Whether Mix is stopped in ${folders.slice(0, mostNamed).join(', ')}${more}: not named in \`mix-projects\`.`]
}

const mostNamed = 5
