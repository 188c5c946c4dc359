import type { Problem } from '../../shared/problem.ts'
import type { Inputs } from '../inputs.ts'
import type { PrismaFiles } from './prisma-files.ts'

/** Where migrations are, and which table of the database says what was applied. */
export interface MigrationSource {
  /** Absolute: the working directory. */
  readonly folder: string
  readonly framework: 'prisma' | 'ecto'
  /** Relative to `folder`, with `/`; absolute where they lie outside of it. In the order in which they were named. */
  readonly folders: readonly string[]
  /** Schema of the database that the table is in: Prisma's `?schema=`, Ecto's prefix; undefined: by the search path. */
  readonly schema: string | undefined
  /** `_prisma_migrations`, or Ecto's `migration_source`. */
  readonly table: string
}

/** A project, as its files say. Nothing of it is run. */
export interface Project extends MigrationSource {
  /** The input migrations-paths named the folders, so that Ecto has to be told of them. */
  readonly named: boolean
  /** Of a project of Prisma's. */
  readonly prisma: PrismaFiles | undefined
}

/** What of the inputs says where a project is. */
export type ProjectInputs = Pick<Inputs, 'folder' | 'shownFolder' | 'migrations' | 'tool' | 'urls'>

/** Finds out which framework a project's migrations belong to and where they are, or every reason why it cannot be told. */
export declare function projectOf(
  inputs: ProjectInputs
): Promise<{ readonly project: Project } | { readonly problems: readonly Problem[] }>
