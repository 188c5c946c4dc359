import { lockProvider, readDatabase } from '../../shared/migrations/database.ts'
import {
  findMigrationFolders,
  readMigrationSet,
  type MigrationFolder,
  type MigrationSet
} from '../../shared/migrations/migration-set.ts'
import type { Change } from '../change.ts'
import type { Tree } from '../tree.ts'
import type { FolderFacts } from './facts.ts'

/**
 * Reads every folder of migrations that one of the change's three states has. Contents are fetched of locks, schemas and
 * repository modules only. Throws what reading them throws.
 */
export async function readFolderFacts(
  { base, target, head }: Pick<Change, 'base' | 'target' | 'head'>,
  configured: readonly MigrationFolder[]
): Promise<readonly FolderFacts[]> {
  const folders = new Map(
    [base, target, head]
      .flatMap((tree) => findMigrationFolders(tree, configured))
      .map((folder) => [`${folder.framework} ${folder.path}`, folder])
  )
  return Promise.all(
    [...folders.values()].map(async (folder) => {
      const sets = {
        base: readMigrationSet(base, folder),
        target: readMigrationSet(target, folder),
        head: readMigrationSet(head, folder)
      }
      return {
        ...sets,
        lock: { base: await providerOf(base, sets.base), head: await providerOf(head, sets.head) },
        database: await readDatabase(head, folder)
      }
    })
  )
}

async function providerOf(tree: Tree, { lock }: MigrationSet): Promise<string | undefined> {
  return lock === undefined ? undefined : lockProvider((await tree.read(lock.path)).toString('utf8'))
}
