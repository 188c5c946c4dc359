import { lockName } from '../../shared/migrations/prisma-folder.ts'
import { joinPath, parentOf } from '../../shared/migrations/file-tree.ts'
import type { FolderFacts, PolicyFacts } from './facts.ts'
import { quoted } from './rename-plan.ts'
import type { Family, PolicyFinding } from './rules.ts'
import { counted } from './wording.ts'

/** What Prisma needs beside the SQL: each folder's migration.sql, and the lock that names the provider. */
export const prismaFiles: Family = {
  name: "Prisma's files",
  rules: ['missing-migration-sql', 'migration-lock'],
  look(facts) {
    const folders = facts.folders.filter(({ head }) => head.folder.framework === 'prisma')
    if (folders.length === 0) return undefined
    return {
      detail: `${lockName} and migration.sql of ${counted(folders.length, 'folder')}`,
      findings: folders.flatMap((folder) => [...withoutScript(folder), ...lockOf(facts, folder)])
    }
  }
}

/** Only what is new: a folder that was so before is told by Prisma itself. */
function withoutScript({ base, head }: FolderFacts): readonly PolicyFinding[] {
  const of = (set: FolderFacts['head']): ReadonlySet<string> =>
    new Set(
      set.ignored
        .filter(({ kind }) => kind === 'without-sql')
        .map(({ path }) => path.slice(set.folder.path.length + 1).split('/')[0] ?? '')
    )
  const before = of(base)
  return [...of(head)]
    .filter((name) => !before.has(name))
    .map((name) => {
      const folder = joinPath(head.folder.path, name)
      const file = head.ignored.find(({ path }) => path.startsWith(`${folder}/`))?.path
      return {
        rule: 'missing-migration-sql',
        level: 'error',
        ...(file === undefined ? {} : { file }),
        message: `${folder} has no migration.sql: Prisma takes every folder there for a migration, and stops with P3015.`,
        hint: `Commit ${folder}/migration.sql, or remove the folder: \`git rm -r ${quoted(folder)}\`.`
      }
    })
}

function lockOf({ change }: PolicyFacts, { base, head, lock }: FolderFacts): readonly PolicyFinding[] {
  const file = joinPath(head.folder.path, lockName)
  const restore = `Restore it: \`git checkout ${change.base.commit.slice(0, 12)} -- ${quoted(file)}\`.`
  const rule = 'migration-lock'
  if (lock.head === undefined) {
    if (base.lock === undefined || head.migrations.length === 0) return []
    return [
      {
        rule,
        level: 'error',
        file,
        message: `${file} is deleted, and ${counted(head.migrations.length, 'migration')} ${head.migrations.length === 1 ? 'stays' : 'stay'}: Prisma no longer sees when the provider changes.`,
        hint: restore
      }
    ]
  }
  if (lock.base === undefined || lock.base === lock.head) return []
  return [
    {
      rule,
      level: 'error',
      file,
      message: `${parentOf(file)} was made for ${lock.base === '' ? 'no provider' : lock.base}, and ${lockName} now names ${lock.head === '' ? 'none' : lock.head}: the SQL of one is not that of another, and Prisma refuses a provider that differs from the lock (P3019).`,
      hint: `${restore} For another database, begin a new folder of migrations.`
    }
  ]
}
