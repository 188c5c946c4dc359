import type { Session } from '../database/session.ts'
import { listTables, type Relation } from './catalog.ts'
import { eachAlone, readOnly } from './each-alone.ts'

/** Rows of a table: counted, or as the planner estimates them. */
export interface RowCount {
  readonly count: number
  readonly exact: boolean
  /** How many there are at the least; the count itself where that is exact. */
  readonly atLeast: number
  /** Policies may hide rows from the role: these are those that it sees. */
  readonly visible?: true
}

/** What counting one relation came to. */
export interface Counting {
  /** Undefined: it was not counted, and has no estimate either. */
  readonly rows: RowCount | undefined
  /** SQLSTATE by which the server refused to count it, where it was to be counted. */
  readonly refused?: string
}

/** What a table had at one moment; its oid stays when it is renamed. */
export interface CountedTable extends Counting {
  /** `"public"."users"` */
  readonly table: string
  readonly oid: number
}

/** Every table in the schemas that the session's role may use, before the migrations; one that it cannot read without rows. */
export async function countRows(
  session: Session,
  request: { readonly exactCountLimit: number; readonly without: readonly string[]; readonly timeout: number }
): Promise<readonly CountedTable[]> {
  const { tables } = await listTables(session, request.without)
  const readable = tables.filter(({ granted }) => granted)
  const counts = await countRelations(
    session,
    readable.map((relation) => ({ relation, needed: 0 })),
    request
  )
  const countings = new Map(readable.map(({ oid }, at) => [oid, counts[at]]))
  return tables.map(({ quoted, oid }) => ({ table: quoted, oid, ...(countings.get(oid) ?? { rows: undefined }) }))
}

/**
 * Counts rows without ever reading more of a table than is asked for: a count ends one row behind the limit. A table that
 * is larger by the server's own figures is not counted, but estimated.
 *
 * @param wanted `needed`: so many rows are counted whatever the limit, as an expectation turns on them
 */
export async function countRelations(
  session: Session,
  wanted: readonly { readonly relation: Relation; readonly needed: number }[],
  { exactCountLimit, timeout }: { readonly exactCountLimit: number; readonly timeout: number }
): Promise<readonly Counting[]> {
  const bounds = wanted.map(({ relation, needed }) => {
    // What policies hide is not in the server's figures.
    const large = !relation.policed && relation.estimate !== undefined && relation.estimate > exactCountLimit
    return Math.max(needed, large ? 0 : exactCountLimit)
  })
  const answers = await eachAlone(
    session,
    wanted.map(({ relation }, at) => ({
      sql: boundedCount(relation.quoted, bounds[at] ?? 0),
      alone: !isTable(relation)
    })),
    timeout
  )
  const counts: Counting[] = []
  for (const [at, { relation }] of wanted.entries()) {
    const answer = answers[at]
    const bound = bounds[at] ?? 0
    const counted = answer !== undefined && 'value' in answer ? Number(answer.value) : undefined
    const visible = relation.policed ? ({ visible: true } as const) : {}
    if (counted !== undefined && counted <= bound) {
      counts.push({ rows: { count: counted, exact: true, atLeast: counted, ...visible } })
      continue
    }
    const atLeast = counted ?? 0
    const known = relation.policed ? undefined : relation.estimate
    const estimate = known !== undefined && known > atLeast ? known : await plannedRows(session, relation, timeout)
    counts.push({
      rows:
        estimate === undefined
          ? undefined
          : { count: Math.max(Math.round(estimate), atLeast), exact: false, atLeast, ...visible },
      ...(answer !== undefined && 'refused' in answer ? { refused: answer.refused.report.sqlstate } : {})
    })
  }
  return counts
}

function isTable({ kind }: Relation): boolean {
  return kind === 'table' || kind === 'partitioned'
}

/** A bound of 0 asks whether there is any row: figures of a table that was emptied stay as they were until its next ANALYZE. */
function boundedCount(quoted: string, bound: number): string {
  return `SELECT count(*) FROM (SELECT FROM ${quoted} LIMIT ${bound + 1}) AS bounded`
}

/** What the planner expects, from the figures of all partitions and the size that the table has now. */
async function plannedRows(session: Session, { quoted }: Relation, timeout: number): Promise<number | undefined> {
  const answer = await readOnly(session, `EXPLAIN (FORMAT JSON) SELECT FROM ${quoted}`, timeout)
  if ('refused' in answer) return undefined
  const told = answer.rows[0]?.['QUERY PLAN']
  const plans = (typeof told === 'string' ? JSON.parse(told) : told) as readonly { readonly Plan?: Plan }[] | undefined
  return plans?.[0]?.Plan?.['Plan Rows']
}

interface Plan {
  readonly 'Plan Rows'?: number
}
