import { baseOf, filesBelow, joinPath, parentOf, type FileTree } from './file-tree.ts'
import type { LintContext } from './lint.ts'

/**
 * Finds how Ecto keeps two runs of migrations apart: `migration_lock` in config/*.exs of the nearest mix project, or of
 * the umbrella around it, as far as it stands there plainly. A repository that is configured without one has Ecto's table
 * lock (Ecto.Adapters.Postgres, lock_for_migrations/3). `advisory` is said of no lock at all, too: neither keeps a
 * transaction open.
 */
export async function readEctoLock(
  tree: FileTree,
  { path }: { readonly path: string }
): Promise<LintContext['ectoLock']> {
  const repository = baseOf(parentOf(path))
  for (let folder = projectOf(path); ; folder = parentOf(folder)) {
    const texts = await configurationOf(tree, folder)
    const mine = texts.flatMap(blocksOf).filter(({ module }) => underscored(module) === repository)
    if (mine.length > 0) return lockIn(mine.map(({ text }) => text))
    if (folder === '.') return 'unknown'
  }
}

/** `apps/shop/priv/repo/migrations` → `apps/shop`. */
function projectOf(path: string): string {
  const at = `/${path}/`.lastIndexOf('/priv/')
  return at <= 0 ? '.' : path.slice(0, at - 1)
}

/** The texts of config/*.exs, without comments. */
async function configurationOf(tree: FileTree, folder: string): Promise<readonly string[]> {
  const files = filesBelow(tree.files, joinPath(folder, 'config')).filter(({ below }) => /^[^/]+\.exs$/.test(below))
  const texts = await Promise.all(files.map(async ({ file }) => (await tree.read(file.path)).toString('utf8')))
  return texts.map((text) => text.replace(/^[ \t]*#.*$/gm, ''))
}

interface Block {
  readonly module: string
  readonly text: string
}

/** What stands between one `config :app, Module,` and the next `config`. */
function blocksOf(text: string): readonly Block[] {
  return text.split(/^[ \t]*config\b/m).flatMap((block) => {
    const module = /^[ \t(]*:\w+,\s*([A-Z][\w.]*)\s*[,)]/.exec(block)?.[1]
    return module === undefined ? [] : [{ module, text: block }]
  })
}

/** `Acme.OtherRepo` → `other_repo`, as Ecto names the folder below priv. */
function underscored(module: string): string {
  return module
    .slice(module.lastIndexOf('.') + 1)
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}

const locks: Readonly<Record<string, LintContext['ectoLock']>> = {
  ':table_lock': 'table',
  ':pg_advisory_lock': 'advisory',
  false: 'advisory',
  nil: 'advisory'
}

function lockIn(texts: readonly string[]): LintContext['ectoLock'] {
  const written = texts.flatMap((text) =>
    [...text.matchAll(/\bmigration_lock:\s*([^\s,)\]]+)/g)].map(([, value]) => value)
  )
  if (written.length === 0) return texts.some((text) => text.includes('migration_lock')) ? 'unknown' : 'table'
  const meant = new Set(written.map((value = '') => locks[value] ?? 'unknown'))
  const [only = 'unknown'] = meant
  return meant.size === 1 ? only : 'unknown'
}
