import { textOf } from '../database/sql.ts'
import type { Session } from '../database/session.ts'
import type { Check } from '../check.ts'
import type { Smoke, SmokeRelation } from '../record.ts'
import { countRelations, type CountedTable, type Counting } from './count-rows.ts'
import type { RowExpectation } from './expect-rows.ts'
import { judgeRows, rowsNeeded } from './judge-rows.ts'
import type { PrismaSchema } from './prisma-models.ts'
import { readRelations } from './read-relations.ts'
import { figure, lossChecks, type TableAfter } from './row-losses.ts'
import { refusedProblem } from './smoke-problems.ts'
import { modelTargets, tableTargets, type Target, type Targets } from './smoke-targets.ts'
import { tablesAfter } from './tables-after.ts'

export type SmokeRequest = {
  /** Rows up to which a table is counted exactly. */
  readonly exactCountLimit: number
  readonly expectations: readonly RowExpectation[]
  /** From `countRows` before the migrations, read as the same role. */
  readonly before?: readonly CountedTable[]
  /** Milliseconds that reading or counting one relation may take. */
  readonly timeout: number
} & (
  | {
      readonly of: 'models'
      readonly schema: PrismaSchema
      /** The URL's `?schema=`: where models are that name none. */
      readonly connectionSchema: string
    }
  | {
      readonly of: 'tables'
      /** Tables of the frameworks, by name: `schema_migrations`. */
      readonly without: readonly string[]
    }
)

/**
 * Reads every model or table as the role of the session: each mapped column, one row; the values stay on the server.
 * Then counts tables; views only where an expectation names them, as they show rows of others. A relation that fails says
 * so and hides no other; zero of them is a failure.
 *
 * @throws ActionError when the connection is lost or the job cancelled
 */
export async function smokeTest(
  session: Session,
  request: SmokeRequest
): Promise<{ readonly smoke: Smoke; readonly checks: readonly Check[] }> {
  const targets =
    request.of === 'models'
      ? await modelTargets(session, request.schema, request.connectionSchema)
      : await tableTargets(session, request.without)
  const read = await readTargets(session, targets.relations, request.timeout)
  const counted = await countTargets(session, read, request)
  const after = request.before === undefined ? [] : await tablesAfter(session, request.before, counted, request)
  const relations = counted.map((each) => smokeRelation(each, after))
  const summed = forTotal(counted)
  const rows = summed.flatMap((each) => (each.rows === undefined ? [] : [each.rows]))
  const total = {
    rows: rows.reduce((sum, { count }) => sum + count, 0),
    exact: rows.every(({ exact }) => exact)
  }
  const [role] = await session.query('SELECT current_user::text AS role')
  return {
    smoke: { of: request.of, relations, total },
    checks: [
      ...targets.checks,
      ...readingChecks(request.of, counted, targets, total),
      ...hiddenRows(counted, textOf(role, 'role')),
      ...judgeRows(request.expectations, counted, summed),
      ...(request.before === undefined ? [] : lossChecks(after))
    ]
  }
}

type ReadTarget = Target & Counting

async function readTargets(
  session: Session,
  targets: readonly Target[],
  timeout: number
): Promise<readonly (Target & { readonly readable: boolean })[]> {
  const found = targets.flatMap((target) =>
    target.relation === undefined || target.problem !== undefined
      ? []
      : [{ target, relation: target.relation, columns: target.columns }]
  )
  const refused = await readRelations(session, found, timeout)
  const whyNot = new Map(found.map(({ target }, at) => [target, refused[at]]))
  return targets.map((target) => {
    const error = whyNot.get(target)
    const problem = target.problem ?? (error === undefined ? undefined : refusedProblem(target, error.report, timeout))
    return { ...target, ...(problem === undefined ? {} : { problem }), readable: problem === undefined }
  })
}

async function countTargets(
  session: Session,
  targets: readonly (Target & { readonly readable: boolean })[],
  request: SmokeRequest
): Promise<readonly ReadTarget[]> {
  const needed = rowsNeeded(request.expectations, targets, forTotal(targets))
  const countable = targets.flatMap((target) =>
    target.readable && target.relation !== undefined && (isCounted(target) || needed.has(target))
      ? [{ target, relation: target.relation, needed: needed.get(target) ?? 0 }]
      : []
  )
  const counts = await countRelations(session, countable, request)
  const countings = new Map(countable.map(({ target }, at) => [target, counts[at]]))
  return targets.map((target) => ({ ...target, ...(countings.get(target) ?? { rows: undefined }) }))
}

/** Views show rows of others, and the tables of relations are no models: neither belongs to a sum of models. */
function isCounted({ of, relation }: Target): boolean {
  return of !== 'join table' && relation?.kind !== 'view' && relation?.kind !== 'materialized'
}

/** Each row once: two models may have one table, and a table has the rows of those that inherit from it. */
function forTotal<Counted extends Target>(targets: readonly Counted[]): readonly Counted[] {
  const candidates = targets.filter(isCounted)
  const all = new Set(candidates.flatMap(({ relation }) => (relation === undefined ? [] : [relation.oid])))
  const seen = new Set<number>()
  return candidates.filter(({ relation }) => {
    if (relation === undefined) return true
    if (seen.has(relation.oid) || relation.parents.some((oid) => all.has(oid))) return false
    seen.add(relation.oid)
    return true
  })
}

function smokeRelation(
  { name, quoted, relation, rows, problem }: ReadTarget,
  after: readonly TableAfter[]
): SmokeRelation {
  // Of two that became one table, the one that has its oid is that table.
  const was = after.filter(({ oid }) => oid !== undefined && oid === relation?.oid)
  const earlier = (was.find(({ remade }) => !remade) ?? was[0])?.before.rows
  return {
    name,
    table: quoted,
    readable: problem === undefined,
    ...(rows === undefined ? {} : { rows: { count: rows.count, exact: rows.exact } }),
    ...(earlier === undefined ? {} : { before: { count: earlier.count, exact: earlier.exact } }),
    ...(problem === undefined ? {} : { problem }),
    ...(relation?.policed === true ? { note: 'under row-level security: only visible rows are counted' } : {})
  }
}

/** More problems than these say nothing that these do not. */
const mostFailures = 20

function readingChecks(
  of: Smoke['of'],
  targets: readonly ReadTarget[],
  { leftOut }: Targets,
  total: Smoke['total']
): readonly Check[] {
  const check = { id: 'smoke', title: `Smoke test of ${of}` }
  if (targets.length === 0) {
    return [
      {
        ...check,
        result: 'failed',
        told: `no ${of}`,
        problem: {
          code: 'smoke-nothing-to-read',
          message: `The smoke test found no ${of} that it could read: nothing was tested.`,
          hint:
            of === 'models'
              ? 'Give the Prisma schema by `schema`, the file or the folder that holds the models; `smoke: tables` reads the tables that are there instead, `smoke: off` nothing.'
              : 'Look whether the URL names the right database, and whether its role may use the schema of the application (GRANT USAGE ON SCHEMA); `smoke: off` where there are no tables yet.'
        }
      }
    ]
  }
  const failed = targets.flatMap(({ name, problem }) => (problem === undefined ? [] : [{ name, problem }]))
  const left = leftOut.length === 0 ? '' : `; left out: ${leftOut.join(', ')}`
  const read = targets.length - failed.length
  if (failed.length === 0)
    return [
      {
        ...check,
        result: 'ok',
        told: `${read} ${of} read, ${figure({ count: total.rows, exact: total.exact })} rows${left}`
      }
    ]
  const more = failed.length - mostFailures
  return failed.slice(0, mostFailures).map(({ name, problem }, at): Check => ({
    id: 'smoke',
    title: `Smoke test of ${name}`,
    result: 'failed',
    told:
      at === 0
        ? `${failed.length} of ${targets.length} ${of} could not be read${more > 0 ? `, ${more} of them not listed here` : ''}${left}`
        : 'not read',
    problem
  }))
}

/** An empty table and one whose rows are hidden look the same, and so do all rows and some. */
function hiddenRows(targets: readonly ReadTarget[], role: string): readonly Check[] {
  const policed = targets.filter(({ relation, rows }) => relation?.policed === true && rows !== undefined)
  if (policed.length === 0) return []
  const shown = policed.map(({ name, rows }) => `${name} ${rows === undefined ? '' : figure(rows)}`)
  return [
    {
      id: 'smoke-row-security',
      title: 'Rows under row-level security',
      result: 'not checked',
      told: `under row-level security for ${role}, only visible rows are counted: ${shown.slice(0, mostFailures).join(', ')}${shown.length > mostFailures ? ` and ${shown.length - mostFailures} more` : ''}`,
      next: 'Policies may hide rows from this role: give smoke-url a role that sees all (BYPASSRLS) where their number matters.'
    }
  ]
}
