import type { Statement } from '../../shared/migrations/migration.ts'
import type { TableName } from '../../shared/migrations/operation.ts'
import { both, either, enumIs, not, typeThere, type Expression } from './expression.ts'
import { key, plainName, type Lookup } from './lookup.ts'
import { writtenNames } from './written-name.ts'

/**
 * PostgreSQL takes no value out of an enum, so `prisma migrate dev` makes another one, turns the columns to it, and gives it
 * the name of the first (prisma-engines, postgres_renderer.rs, render_alter_enum). Which names are there says nothing then,
 * but the values do: they are what it changes. Pure.
 *
 * @param schema where names without one are looked for
 * @returns the lookups, of which those that are about such an enum ask for its values
 */
export function followRemadeEnums<T extends Followed>(lookups: readonly T[], schema: string): readonly T[] {
  if (lookups.some(({ opaque, elsewhere }) => opaque === true || elsewhere)) return lookups
  const plain = plainName(schema)
  const typeKey = (type: TableName): string => plain(key('type', type))
  return remadeEnums(lookups, typeKey).reduce<readonly T[]>(
    (all, remade) => all.map((lookup) => ({ ...lookup, ...followed(lookup, remade, plain, typeKey) })),
    lookups
  )
}

type Followed = Lookup & { readonly statement: Statement; readonly elsewhere: boolean }

interface RemadeEnum {
  /** As it is made. */
  readonly made: TableName
  /** The name that it gets, which the one before it had. */
  readonly type: TableName
  /** What the one before it is called until it is dropped, where it is renamed. */
  readonly old: TableName | undefined
  readonly values: readonly string[]
}

function remadeEnums(lookups: readonly Followed[], typeKey: (type: TableName) => string): readonly RemadeEnum[] {
  const steps = [...new Set(lookups.map(({ statement }) => statement))].flatMap(stepsOf)
  const about = (type: TableName): readonly Step[] =>
    steps.filter(({ from, to, changes }) =>
      [from, to, changes].some((each) => each !== undefined && typeKey(each) === typeKey(type))
    )
  return steps.flatMap((first) => {
    if (first.values === undefined || first.to === undefined) return []
    const [made, renamed, ...more] = about(first.to)
    if (made !== first || renamed?.from === undefined || renamed.to === undefined || more.length > 0) return []
    const [left, came, ...others] = about(renamed.to)
    if (left?.from === undefined || came !== renamed || others.length > 0) return []
    // Between the two it has no other name, and afterwards the name is not given again.
    const oldSteps = left.to === undefined ? [] : about(left.to).slice(1)
    if (oldSteps.length > 1 || oldSteps.some(({ to }) => to !== undefined)) return []
    return [{ made: first.to, type: renamed.to, old: left.to, values: first.values }]
  })
}

/** What a statement does to a type: made (`to`), renamed (both), dropped (`from`), given or taken a value (`changes`). */
interface Step {
  readonly from?: TableName
  readonly to?: TableName
  readonly changes?: TableName
  readonly values?: readonly string[]
}

function stepsOf({ operations, text }: Statement): readonly Step[] {
  const to = writtenNames.renamedTo(text)
  return operations.flatMap((operation): readonly Step[] => {
    const { kind } = operation
    if (kind === 'create-enum') return [{ to: operation.type, values: operation.values }]
    if (kind === 'rename-type')
      return [{ from: operation.type, ...(to === undefined ? {} : { to: { ...operation.type, name: to } }) }]
    if (kind === 'drop-type') return [{ from: operation.type }]
    return kind === 'add-enum-value' || kind === 'rename-enum-value' ? [{ changes: operation.type }] : []
  })
}

/** What is looked for instead: the new one is told by its values, the old one by not being it. */
function followed(
  { names, within, done, retyped }: Lookup,
  { made, type, old, values }: RemadeEnum,
  plain: (name: string) => string,
  typeKey: (type: TableName) => string
): Partial<Lookup> {
  const isNew = enumIs(type, values)
  const hasLeft = either(not(typeThere(type)), isNew)
  if (retyped !== undefined && done !== undefined && within.some((name) => plain(name) === typeKey(made))) {
    const is = either(done, both(isNew, retyped(type)))
    return { there: is, done: is, within: within.filter((name) => plain(name) !== typeKey(made)) }
  }
  const of = names.map(({ name, becomes }) => `${plain(name)} ${becomes}`).join()
  const gone = (each: TableName): string => `${typeKey(each)} gone`
  const there = (each: TableName): string => `${typeKey(each)} there`
  const dones: Readonly<Record<string, Expression>> = {
    [there(made)]: either(typeThere(made), isNew),
    [`${gone(made)},${there(type)}`]: isNew,
    [gone(type)]: hasLeft,
    ...(old === undefined
      ? {}
      : {
          [`${gone(type)},${there(old)}`]: hasLeft,
          [gone(old)]: both(hasLeft, not(typeThere(old)))
        })
  }
  const is = dones[of]
  if (is === undefined) return {}
  // The names have told all they can. It is gone again under the name by which it could be dropped.
  return { there: of.endsWith('gone') ? not(is) : is, done: is, names: [], undo: undefined }
}
