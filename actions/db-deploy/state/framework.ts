import { readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Problem } from '../../shared/problem.ts'
import { ectoFoldersBelow } from './ecto-folders.ts'
import { isFile } from './folder-patterns.ts'
import { findPrismaFiles } from './prisma-files.ts'
import type { ProjectInputs } from './project.ts'

type Framework = 'prisma' | 'ecto'
type Found = { readonly framework: Framework } | { readonly problems: readonly Problem[] }

/**
 * Whose migrations they are: what the input says, or what the folders hold, or what lies in the project.
 * @param named the folders of migrations-paths
 */
export function frameworkOf(inputs: ProjectInputs, named: readonly string[]): Found {
  const { folder, tool } = inputs
  if (tool.tool !== 'auto') return { framework: tool.tool }
  if (tool.releaseBinary !== undefined) return { framework: 'ecto' }
  const held = new Set(named.flatMap((path) => heldIn(resolve(folder, path))))
  const signs: readonly (readonly [Framework, string])[] =
    held.size > 0 ? [...held].map((framework) => [framework, named.join(', ')] as const) : signsIn(inputs)
  const [first, ...others] = signs
  const other = others.find(([framework]) => framework !== first?.[0])
  if (first === undefined) return none(inputs)
  if (other === undefined) return { framework: first[0] }
  return {
    problems: [
      {
        code: 'project-ambiguous',
        message: `There are migrations of Prisma and of Ecto here: ${first[1]} and ${other[1]}.`,
        hint: 'Say which this step deploys: `tool: prisma` or `tool: ecto`. Two databases take two steps.'
      }
    ]
  }
}

/** What the files of a folder of migrations say. */
function heldIn(path: string): readonly Framework[] {
  const entries = readdirSync(path, { withFileTypes: true, recursive: false })
  if (entries.some((entry) => entry.isFile() && /^\d+_.*\.exs$/.test(entry.name))) return ['ecto']
  const isPrisma = entries.some(
    (entry) =>
      entry.name === 'migration_lock.toml' || (entry.isDirectory() && isFile(join(path, entry.name, 'migration.sql')))
  )
  return isPrisma ? ['prisma'] : []
}

function signsIn({ folder, migrations }: ProjectInputs): readonly (readonly [Framework, string])[] {
  const signs: (readonly [Framework, string])[] = []
  const prisma = findPrismaFiles(folder, migrations.schema)
  if ('problems' in prisma) signs.push(['prisma', 'a configuration of Prisma’s'])
  else {
    const { configuration, schema } = prisma.files
    const sign = schema ?? configuration?.file
    if (sign !== undefined) signs.push(['prisma', basename(sign)])
  }
  const [first] = ectoFoldersBelow(folder)
  if (first !== undefined) signs.push(['ecto', first])
  return signs
}

function none({ shownFolder }: ProjectInputs): Found {
  return {
    problems: [
      {
        code: 'project-not-found',
        message: `In ${shownFolder} there are no migrations of Prisma or Ecto: no schema.prisma, no prisma.config, no priv/REPO/migrations.`,
        hint: 'Set working-directory to the project’s folder; in a monorepo that is the package with the schema. For migrations that come with a dependency, set migrations-paths (`deps/NAME/priv/repo/migrations`).'
      }
    ]
  }
}
