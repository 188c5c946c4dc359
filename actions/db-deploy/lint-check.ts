import type { Check } from './check.ts'
import { counted } from './counted.ts'
import type { FailOn } from './inputs.ts'
import type { PendingMigration } from './record.ts'

/**
 * What the linter of migration-guard says of what is pending, as one check. The place to stop a migration is its pull
 * request: here it is told, and fails where `fail-on` has `lint`. Nothing pending, nothing to say. Pure.
 */
export function lintCheck(pending: readonly PendingMigration[], failOn: ReadonlySet<FailOn>): readonly Check[] {
  if (pending.length === 0) return []
  return [findingsCheck(pending, failOn), ...unreadChecks(pending)]
}

/** What a migration does by code or text that the linter cannot follow: nothing found there is not nothing to find. */
function unreadChecks(pending: readonly PendingMigration[]): readonly Check[] {
  return pending.flatMap(({ path, notAnalysed = [] }): Check[] => {
    const [first] = notAnalysed
    if (first === undefined) return []
    const more = notAnalysed.length === 1 ? '' : ` and ${notAnalysed.length - 1} more`
    return [
      {
        id: 'lint-not-analysed',
        title: `Unsafe SQL in ${path}`,
        told: `line ${first.line}: ${first.why}${more}`,
        result: 'not checked',
        next: 'Read that part yourself: the linter did not.'
      }
    ]
  })
}

function findingsCheck(pending: readonly PendingMigration[], failOn: ReadonlySet<FailOn>): Check {
  const all = { id: 'lint', title: 'Unsafe SQL in what is pending' }
  const findings = pending.flatMap(({ findings: each }) => each)
  const errors = findings.filter(({ level }) => level === 'error')
  const warnings = findings.filter(({ level }) => level === 'warning')
  if (errors.length + warnings.length === 0) {
    return { ...all, result: 'ok', told: `nothing found in ${counted(pending.length, 'migration')}` }
  }
  const told = [
    ...(errors.length === 0 ? [] : [counted(errors.length, 'error')]),
    ...(warnings.length === 0 ? [] : [counted(warnings.length, 'warning')])
  ].join(', ')
  // Warnings are for a pull request to weigh: here they stand in the summary, and colour nothing.
  if (errors.length === 0) return { ...all, result: 'ok', told: `no errors; ${told}` }
  const [first] = errors
  return {
    ...all,
    result: failOn.has('lint') ? 'failed' : 'warning',
    told,
    problem: {
      code: 'deploy-lint',
      message: `The linter finds ${told} in what is pending; the first is ${first?.rule ?? ''}: ${first?.message ?? ''}`,
      hint: `${first?.hint ?? ''} All of them stand in the job summary, each with its safe way.`,
      ...(first?.file === undefined ? {} : { file: first.file }),
      ...(first?.span === undefined ? {} : { line: first.span.start.line })
    }
  }
}
