import { lend } from './lent-programs.ts'
import { installLocked, installsPackages } from './npm.ts'
import { postgresClients } from './postgres-clients.ts'
import { prismaEngine } from './prisma-engine.ts'
import type { Say } from './progress.ts'

/** Where programs are lent, and what is known there. */
export interface Lending {
  /** The repository as a runner would have it. */
  readonly repository: string
  /** The project's tool folder. */
  readonly tools: string
  /** Folder of the jobs' PATH. */
  readonly folder: string
  /** The rehearsal's folder, whose report tells of what was taken. */
  readonly work: string
  readonly say: Say
  readonly signal: AbortSignal
}

/**
 * Puts in front of jobs what they could fetch on GitHub and cannot fetch here: the packages of their lock files, Prisma's
 * engine, and for a database PostgreSQL's clients.
 *
 * @param texts the workflows
 * @param database whether there is one
 * @returns variables that all steps get
 */
export async function lendPrograms(
  texts: readonly string[],
  database: boolean,
  { repository, tools, folder, work, say, signal }: Lending
): Promise<Record<string, string>> {
  if (database) lend(folder, work, await postgresClients(tools, say))
  if (!installsPackages(texts)) return {}
  const installed = await installLocked(repository, tools, folder, say, signal)
  if (installed === undefined) return {}
  lend(folder, work, [installed.program])
  for (const packages of installed.packages) {
    const variables = await prismaEngine(packages, folder, work)
    if (Object.keys(variables).length > 0) return variables
  }
  return {}
}
