import type { Problem } from '../../shared/problem.ts'
import type { Family, PolicyFinding } from './rules.ts'
import { counted } from './wording.ts'

/** A configuration that cannot be read is red before it is merged: afterwards it would fail every run. */
export const changedConfiguration: Family = {
  name: 'Configuration of the change',
  rules: ['guard-configuration-broken'],
  look({ changedConfiguration: changed }) {
    if (changed === undefined) return undefined
    const { file, problems } = changed
    return {
      detail: problems.length === 0 ? `${file} can be read` : `${counted(problems.length, 'fault')} in ${file}`,
      findings: problems.map(broken)
    }
  }
}

function broken({ message, hint, file, line, column }: Problem): PolicyFinding {
  const at = line === undefined ? undefined : { line, column: column ?? 1 }
  return {
    rule: 'guard-configuration-broken',
    level: 'error',
    ...(file === undefined ? {} : { file }),
    ...(at === undefined ? {} : { span: { start: at, end: at } }),
    message: `${message} Once this is merged, every run fails.`,
    hint
  }
}
