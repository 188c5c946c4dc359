import type { ModuleText } from './functions.ts'

/**
 * The migration of a file: Ecto takes the first module that `use`s Ecto.Migration (Ecto.Migrator, load_migration!/1); an
 * application may have a module of its own that does so.
 */
export function migrationModule(modules: readonly ModuleText[]): ModuleText | undefined {
  return (
    modules.find(({ uses }) => uses.includes('Ecto.Migration')) ??
    modules.find(({ uses }) => uses.some((name) => name.endsWith('Migration'))) ??
    modules.find(({ uses, functions }) => uses.length > 0 && (functions.has('change/0') || functions.has('up/0')))
  )
}
