import type { Check } from '../check.ts'
import type { RowCount } from './count-rows.ts'
import { expectedRelation, holds, type NamedRelation, type RowExpectation } from './expect-rows.ts'
import { figure } from './row-losses.ts'

export interface CountedRelation extends NamedRelation {
  readonly rows: RowCount | undefined
}

/**
 * How many rows of a relation an expectation turns on: that many and one more decide it, however large the table is. That
 * of `total` may be all in one table.
 */
export function rowsNeeded<Relation extends NamedRelation>(
  expectations: readonly RowExpectation[],
  relations: readonly Relation[],
  inTotal: readonly Relation[]
): ReadonlyMap<Relation, number> {
  const needed = new Map<Relation, number>()
  for (const { of, rows } of expectations) {
    const named = of === 'total' ? inTotal.map((relation) => ({ relation })) : [expectedRelation(of, relations)]
    for (const found of named) {
      if ('problem' in found) continue
      needed.set(found.relation, Math.max(needed.get(found.relation) ?? 0, rows + 1))
    }
  }
  return needed
}

/**
 * One check for each expectation.
 *
 * @param inTotal those whose rows make up `total`: views show rows of others
 */
export function judgeRows(
  expectations: readonly RowExpectation[],
  relations: readonly CountedRelation[],
  inTotal: readonly CountedRelation[]
): readonly Check[] {
  return expectations.map((expectation): Check => {
    if (expectation.of === 'total')
      return judge(
        expectation,
        inTotal.map(({ rows }) => rows)
      )
    const found = expectedRelation(expectation.of, relations)
    if ('relation' in found) return judge(expectation, [found.relation.rows])
    return { ...headed(expectation), result: 'failed', told: 'unknown name', problem: found.problem }
  })
}

function headed({ text }: RowExpectation): Pick<Check, 'id' | 'title'> {
  return { id: 'expect-rows', title: `Expected ${text}` }
}

/**
 * What is not counted to its end, or only as far as policies let the role see, is at least so much: that may decide. Where
 * it does not, nobody knows whether what was asked for is so, and that is no success.
 */
function judge(expectation: RowExpectation, rows: readonly (RowCount | undefined)[]): Check {
  const check = headed(expectation)
  const atLeast = rows.reduce((sum, each) => sum + (each?.atLeast ?? 0), 0)
  const counted = rows.every((each) => each?.exact === true)
  const hidden = rows.some((each) => each?.visible === true)
  const exact = counted && !hidden
  const told = counted
    ? `${figure({ count: atLeast, exact: true })}${hidden ? ' visible' : ''} rows`
    : rows.includes(undefined)
      ? `not counted, at least ${atLeast} rows`
      : `${figure({ count: rows.reduce((sum, each) => sum + (each?.count ?? 0), 0), exact: false })} rows, at least ${atLeast}`
  const holdsNow = holds(expectation, atLeast)
  // With more rows than the lower bound `>=` and `>` go on to hold, and `=`, `<=` and `<` go on to fail once they do.
  const rises = expectation.operator === '>=' || expectation.operator === '>'
  const decided = exact || (rises ? holdsNow : atLeast > expectation.rows)
  if (!decided) {
    return {
      ...check,
      result: 'failed',
      told: `${told}: not known`,
      problem: {
        code: 'rows-not-known',
        message: `${expectation.text} was expected, and whether it is so is not known: ${told}.`,
        hint: hidden
          ? 'Row-level security may hide rows from the role that reads: give smoke-url a role that sees all (BYPASSRLS).'
          : 'The smoke test says which relation could not be read: grant the role of smoke-url what it lacks. Where counting takes more than 30 seconds, expect a smaller number, or write the question into a verify file.'
      }
    }
  }
  if (holdsNow) return { ...check, result: 'ok', told }
  const what = expectation.of === 'total' ? 'all relations together' : shownName(expectation.of)
  return {
    ...check,
    result: 'failed',
    told,
    problem: {
      code: 'rows-not-as-expected',
      message: `${expectation.text} was expected, and ${what} has ${told}.`,
      hint: 'Look whether a seed or a migration of rows did not run, or whether smoke-url reads as a role that sees fewer rows; correct expect-rows where the number is out of date.'
    }
  }
}

function shownName({ schema, name }: { readonly schema: string | undefined; readonly name: string }): string {
  return schema === undefined ? name : `${schema}.${name}`
}
