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

/** What is not counted to its end is at least so much: that may decide, and where it does not, nothing is claimed. */
function judge(expectation: RowExpectation, rows: readonly (RowCount | undefined)[]): Check {
  const check = headed(expectation)
  const atLeast = rows.reduce((sum, each) => sum + (each?.atLeast ?? 0), 0)
  const exact = rows.every((each) => each?.exact === true)
  const told = exact
    ? `${figure({ count: atLeast, exact })} rows`
    : `${figure({ count: rows.reduce((sum, each) => sum + (each?.count ?? 0), 0), exact })} rows, at least ${atLeast}`
  const holdsNow = holds(expectation, atLeast)
  // With more rows than the lower bound `>=` and `>` go on to hold, and `=`, `<=` and `<` go on to fail once they do.
  const rises = expectation.operator === '>=' || expectation.operator === '>'
  const decided = exact || (rises ? holdsNow : atLeast > expectation.rows)
  if (!decided) {
    const next =
      'See above which relation could not be counted; grant the role of smoke-url what it lacks, or give the count more time.'
    return { ...check, result: 'not checked', told, next }
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
