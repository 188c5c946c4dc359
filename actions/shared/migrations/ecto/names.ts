import type { TableName } from '../operation.ts'
import { interpolation, isInterpolated } from '../sql/interpolation.ts'
import { tellNotAnalysed, type Run } from './run.ts'
import type { Syntax } from './syntax.ts'
import { nameOf, option, type Value } from './value.ts'

/**
 * A table as Ecto names it: quoted, so nothing is folded; `prefix:` is the schema. A name that is computed is told and
 * gets a placeholder, the same for the same expression. `node`: the call that names it.
 */
export function tableName(run: Run, node: Syntax, name: Value | undefined, options: Value | undefined): TableName {
  const prefix = options === undefined ? undefined : nameOf(option(options, 'prefix'))
  // A computed prefix is the migrator's own as a rule (`prefix()`), and that is none unless somebody asks for one.
  const schema = prefix === undefined || isInterpolated(prefix) ? {} : { schema: prefix }
  const written = nameOf(name)
  if (written === undefined || isInterpolated(written)) {
    tellNotAnalysed(run, node, 'a table whose name is known only when it runs', true)
  }
  return { ...schema, name: written ?? placeholderFor(run, name) }
}

/** The name of something else than a table; a placeholder where it is computed. */
export function nameOrPlaceholder(run: Run, value: Value | undefined): string {
  return nameOf(value) ?? placeholderFor(run, value)
}

function placeholderFor(run: Run, value: Value | undefined): string {
  const expression = value?.kind === 'unknown' ? value.why : '?'
  const number = run.interpolations.get(expression) ?? run.interpolations.size + 1
  run.interpolations.set(expression, number)
  return interpolation(number)
}
