import { filesBelow, parentOf, type FileTree } from './file-tree.ts'
import type { MigrationFolder } from './migration-set.ts'
import { lockName } from './prisma-folder.ts'

/** Which database migrations are for, and which file says so. */
export interface Database {
  /** In Prisma's words: `postgresql`, `mysql`, `sqlite`, `sqlserver`, `mongodb`, `cockroachdb`; `unknown`. */
  readonly name: string
  readonly from: string | undefined
}

/** Whether it is PostgreSQL, or speaks its SQL. What is not known is taken for it. */
export function isPostgres({ name }: Database): boolean {
  return name === 'postgresql' || name === 'cockroachdb' || name === 'unknown'
}

/** Finds the database of a folder of migrations: Prisma's lock or schema, the adapter of Ecto's repository. */
export async function readDatabase(tree: FileTree, folder: MigrationFolder): Promise<Database> {
  const unknown: Database = { name: 'unknown', from: undefined }
  if (folder.framework === 'prisma') return (await prismaDatabase(tree, folder)) ?? unknown
  if (folder.framework === 'ecto') return (await ectoDatabase(tree, folder)) ?? unknown
  return unknown
}

/** The provider that a migration_lock.toml names; '' where it names none. */
export function lockProvider(text: string): string {
  return /^[ \t]*provider[ \t]*=[ \t]*["']([^"'\r\n]*)["']/m.exec(text)?.[1] ?? ''
}

async function prismaDatabase(tree: FileTree, { path }: MigrationFolder): Promise<Database | undefined> {
  const lock = `${path}/${lockName}`
  if (tree.files.has(lock)) {
    const name = lockProvider((await tree.read(lock)).toString('utf8'))
    if (name !== '') return { name: inPrismaWords(name), from: lock }
  }
  for (const schema of schemasNear(tree, path)) {
    const text = (await tree.read(schema)).toString('utf8')
    const block = /^[ \t]*datasource\s+\w+\s*\{([^}]*)\}/m.exec(text)?.[1]
    const name = /^[ \t]*provider\s*=\s*"([^"]*)"/m.exec(block ?? '')?.[1]
    if (name !== undefined) return { name: inPrismaWords(name), from: schema }
  }
  return undefined
}

/** Prisma writes `postgres` too, in schemas of its own past. */
function inPrismaWords(name: string): string {
  return name === 'postgres' ? 'postgresql' : name
}

/** At most this many schema files are opened. */
const mostSchemas = 50

/** Schema files of the folder that the migrations lie in: one, or many (a multi-file schema). */
function schemasNear(tree: FileTree, migrations: string): readonly string[] {
  return filesBelow(tree.files, parentOf(migrations))
    .map(({ file: { path } }) => path)
    .filter((path) => path.endsWith('.prisma'))
    .toSorted((a, b) => a.length - b.length)
    .slice(0, mostSchemas)
}

/** Ecto.Adapters as ecto_sql, ecto_sqlite3 and ch name them. */
const adapters: Readonly<Record<string, string>> = {
  'Ecto.Adapters.Postgres': 'postgresql',
  'Ecto.Adapters.MyXQL': 'mysql',
  'Ecto.Adapters.SQLite3': 'sqlite',
  'Ecto.Adapters.Tds': 'sqlserver',
  'Ecto.Adapters.ClickHouse': 'clickhouse'
}

/**
 * The adapter in the repository's module: `lib/…/repo.ex` for `priv/repo/migrations`, where Ecto's generator puts it. It
 * is read from the text; what is computed stays unknown.
 */
async function ectoDatabase(tree: FileTree, { path }: MigrationFolder): Promise<Database | undefined> {
  const match = /^(.*?)\/?priv\/(?:([^/]+)\/)?[^/]+$/.exec(`/${path}`)
  if (match === null) return undefined
  const project = (match[1] ?? '').slice(1)
  const module = `${match[2] ?? 'repo'}.ex`
  const candidates = filesBelow(tree.files, project === '' ? '.' : project)
    .filter(({ below }) => below.startsWith('lib/') && (below.endsWith(`/${module}`) || below === `lib/${module}`))
    .map(({ file }) => file.path)
    .toSorted((a, b) => a.length - b.length)
    .slice(0, 5)
  for (const candidate of candidates) {
    const text = (await tree.read(candidate)).toString('utf8')
    const adapter = /\badapter:\s*(Ecto\.Adapters\.\w+)/.exec(text)?.[1]
    const name = adapter === undefined ? undefined : adapters[adapter]
    if (name !== undefined) return { name, from: candidate }
  }
  return undefined
}
