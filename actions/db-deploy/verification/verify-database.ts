import type { World } from '../../shared/world.ts'
import type { Check } from '../check.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import type { CountedTable } from './count-rows.ts'
import type { PrismaSchemaFile } from './prisma-models.ts'

export interface VerificationRequest {
  readonly inputs: Inputs
  /** `release-actions/db-deploy 1234` */
  readonly applicationName: string
  readonly framework: 'prisma' | 'ecto'
  /** Prisma's; empty for Ecto, whose tables are read. */
  readonly schemaFiles: readonly PrismaSchemaFile[]
  /** Of the framework, by name: they are not the application's. */
  readonly frameworkTables: readonly string[]
  /** From `countRows`, before the migrations. */
  readonly before?: readonly CountedTable[]
  /** Past smoke and indexes: files, commands, expect-app. False for the command `smoke` and a run with nothing pending. */
  readonly thorough: boolean
}

/**
 * Everything that is looked at after the migrations besides the state itself: invalid indexes, pgvector's indexes, the
 * smoke test with counts and expectations, verify files, applications and commands. Each is a stage of the journal,
 * which learns `smoke` and `verification`.
 */
export declare function verifyDatabase(
  request: VerificationRequest,
  world: World,
  journal: Journal
): Promise<readonly Check[]>
