import { resolve } from 'node:path'
import type { Problem } from '../../shared/problem.ts'
import type { Inputs } from '../inputs.ts'
import { ectoFoldersOf, readEctoTable } from './ecto-folders.ts'
import { foldersOf, isFolder, shownPath } from './folder-patterns.ts'
import { frameworkOf } from './framework.ts'
import { findPrismaFiles, type PrismaFiles } from './prisma-files.ts'
import { someOf } from './wording.ts'

/** Where migrations are, and which table of the database says what was applied. */
export interface MigrationSource {
  /** Absolute: the working directory. */
  readonly folder: string
  readonly framework: 'prisma' | 'ecto'
  /** Relative to `folder`, with `/`; absolute where they lie outside of it. In the order in which they were named. */
  readonly folders: readonly string[]
  /**
   * Schema of what migrations name without one: Prisma's `?schema=`; the prefix that Ecto is given, else its
   * `migration_default_prefix`. Undefined: by the search path.
   */
  readonly schema: string | undefined
  /** `_prisma_migrations`, or Ecto's `migration_source`. */
  readonly table: string
  /**
   * Schema that the table is in: Prisma's `?schema=`; the prefix that Ecto is given, and none that is configured. Undefined:
   * by the search path.
   */
  readonly tableSchema: string | undefined
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

type Found = { readonly project: Project } | { readonly problems: readonly Problem[] }

/** Finds out which framework a project's migrations belong to and where they are, or every reason why it cannot be told. */
export function projectOf(inputs: ProjectInputs): Promise<Found> {
  return Promise.resolve(find(inputs))
}

function find(inputs: ProjectInputs): Found {
  const { folder, shownFolder } = inputs
  if (!isFolder(folder)) {
    return problem({
      code: 'project-not-found',
      message: `There is no folder ${shownFolder}.`,
      hint: 'Check out the repository before this step (actions/checkout), and set working-directory to the project’s folder.'
    })
  }
  const named = namedFolders(inputs)
  if ('problems' in named) return named
  const framework = frameworkOf(inputs, named.folders)
  if ('problems' in framework) return framework
  return framework.framework === 'prisma' ? prismaProject(inputs, named.folders) : ectoProject(inputs, named.folders)
}

function prismaProject({ folder, shownFolder, migrations, urls }: ProjectInputs, named: readonly string[]): Found {
  const found = findPrismaFiles(folder, migrations.schema, named[0])
  if ('problems' in found) return found
  const { files } = found
  if (named.length > 1) {
    return problem({
      code: 'project-not-found',
      message: `migrations-paths names ${named.length} folders, and Prisma has one: ${someOf(named)}.`,
      hint: 'Name one, or take the input away: Prisma’s own configuration says where it is.'
    })
  }
  if (!isFolder(files.migrations)) {
    return problem({
      code: 'project-not-found',
      message: `There is no folder ${shownPath(files.migrations, folder)} in ${shownFolder}, where Prisma keeps its migrations${files.schema === undefined ? ', and no schema in any of its places' : ''}.`,
      hint: 'Set working-directory to the folder that `prisma migrate deploy` is run in; set schema if the schema is elsewhere. A project that uses `db push` has no migrations to deploy.'
    })
  }
  const schema = (urls.direct ?? urls.database)?.schema ?? 'public'
  return {
    project: {
      folder,
      framework: 'prisma',
      folders: [shownPath(files.migrations, folder)],
      schema,
      table: '_prisma_migrations',
      tableSchema: schema,
      named: named.length > 0,
      prisma: files
    }
  }
}

function ectoProject(inputs: ProjectInputs, named: readonly string[]): Found {
  const { folder, migrations } = inputs
  const table = readEctoTable(folder, inputs.tool, migrations)
  if ('problems' in table) return table
  const found = named.length > 0 ? { folders: named } : ectoFoldersOf(inputs)
  if ('problems' in found) return found
  return {
    project: {
      folder,
      framework: 'ecto',
      folders: found.folders,
      ...table,
      named: named.length > 0,
      prisma: undefined
    }
  }
}

/** The folders that migrations-paths names. One that is not there is a problem: its migrations would be forgotten. */
function namedFolders({
  folder,
  migrations: { paths }
}: ProjectInputs): { readonly folders: readonly string[] } | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const folders = paths.flatMap((path) => {
    const found = foldersOf(path, folder)
    if (found.length === 0) {
      problems.push({
        code: 'project-not-found',
        message: `migrations-paths names ${path}, and there is no such folder (${resolve(folder, path)}).`,
        hint: 'Fetch dependencies before this step (`mix deps.get`) if it is in one of them; a path is relative to working-directory, and `*` stands for one name.'
      })
    }
    return found.map((each) => shownPath(each, folder))
  })
  return problems.length > 0 ? { problems } : { folders: [...new Set(folders)] }
}

function problem(one: Problem): Found {
  return { problems: [one] }
}
