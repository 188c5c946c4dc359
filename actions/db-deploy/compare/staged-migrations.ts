import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { lockName } from '../../shared/migrations/prisma-folder.ts'
import { isFile } from '../state/folder-patterns.ts'
import type { MigrationState } from '../state/migration-state.ts'
import type { Project } from '../state/project.ts'

/** Copies of the migrations that are applied, each where it has its place below a folder of its own. */
export interface StagedMigrations {
  /** Absolute: one for each folder of the project. */
  readonly folders: readonly string[]
}

/**
 * Lets the tools see a history that ends where the database is: both take all that a folder has. The copies are removed
 * after `use`.
 */
export async function withApplied<T>(
  project: Project,
  states: readonly MigrationState[],
  temp: string | undefined,
  use: (staged: StagedMigrations) => Promise<T>
): Promise<T> {
  const place = mkdtempSync(join(temp ?? tmpdir(), 'applied-migrations-'))
  try {
    const applied = states.flatMap(({ migrations }) => migrations.filter(({ status }) => status === 'applied'))
    const folders = project.folders.map((folder, at) => {
      const from = resolve(project.folder, folder)
      const to = join(place, String(at), 'migrations')
      mkdirSync(to, { recursive: true })
      if (isFile(join(from, lockName))) cpSync(join(from, lockName), join(to, lockName))
      for (const { path } of applied) {
        const file = path === undefined ? undefined : resolve(project.folder, path)
        if (file?.startsWith(`${from}/`) !== true) continue
        const copy = join(to, file.slice(from.length + 1))
        mkdirSync(dirname(copy), { recursive: true })
        cpSync(file, copy)
      }
      return to
    })
    return await use({ folders })
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
