import type { Framework } from '../shared/migrations/migration.ts'
import type { World } from '../shared/world.ts'
import { findEcto } from './ecto/find-ecto.ts'
import type { Inputs } from './inputs.ts'
import { findPrisma } from './prisma/find-prisma.ts'
import type { PrismaFiles } from './state/prisma-files.ts'
import type { FoundTool } from './tool.ts'

/** What must be known of a project to find its tool; the project that `state/` finds is one. */
export interface ToolProject {
  /** Absolute: the working directory. */
  readonly folder: string
  readonly framework: Framework
  /** Folders of migrations, relative to `folder` or absolute. */
  readonly folders: readonly string[]
  /** The input migrations-paths named them, so that Ecto has to be told. */
  readonly named?: boolean
  /** Prisma's files where they were looked for before. */
  readonly prisma?: PrismaFiles | undefined
}

/** Of the inputs, what says how the tool is started. */
export type ToolChoice = Pick<Inputs, 'environmentVariables' | 'migrations' | 'shownFolder' | 'tool' | 'seed'> &
  Partial<Pick<Inputs, 'urls'>>

/**
 * Finds the program that runs the project's migrations, with everything that can be known of it without running it.
 * Nothing is downloaded.
 *
 * @returns the tool, or every reason why there is none
 */
export function findMigrationTool(
  project: ToolProject,
  inputs: ToolChoice,
  world: Pick<World, 'log' | 'secrets'> & Partial<Pick<World, 'cancelled'>>
): Promise<FoundTool> {
  if (project.framework === 'prisma') return Promise.resolve(findPrisma(project, inputs, world))
  if (project.framework === 'ecto') return Promise.resolve(findEcto(project, inputs, world))
  return Promise.resolve({
    problems: [
      {
        code: 'tool-unknown',
        message: `The migrations in ${project.folders.join(', ')} belong to no tool that is known.`,
        hint: 'Set tool to prisma or ecto, and migrations-paths to the folders of its migrations.'
      }
    ]
  })
}
