import type { Check } from '../check.ts'
import type { Session } from '../database/session.ts'
import type { Smoke } from '../record.ts'
import type { CountedTable } from './count-rows.ts'
import type { RowExpectation } from './expect-rows.ts'
import type { PrismaSchema } from './prisma-models.ts'

export type SmokeRequest = {
  /** Rows up to which a table is counted exactly. */
  readonly exactCountLimit: number
  readonly expectations: readonly RowExpectation[]
  /** From `countRows` before the migrations, read as the same role. */
  readonly before?: readonly CountedTable[]
  /** Milliseconds that reading or counting one relation may take. */
  readonly timeout: number
} & (
  | { readonly of: 'models'; readonly schema: PrismaSchema; readonly connectionSchema: string }
  | {
      readonly of: 'tables'
      /** Tables of the frameworks, by name: `schema_migrations`. */
      readonly without: readonly string[]
    }
)

/**
 * Reads every model or table as the role of the session: each mapped column, one row; the values stay on the server.
 * Then counts. One that fails says so and hides no other.
 */
export declare function smokeTest(
  session: Session,
  request: SmokeRequest
): Promise<{ readonly smoke: Smoke; readonly checks: readonly Check[] }>
