import { lockProvider } from '../../shared/migrations/database.ts'
import type { Check } from '../check.ts'
import { counted } from '../counted.ts'
import type { MigrationFiles } from './migration-files.ts'
import type { MigrationSource } from './project.ts'
import { someOf } from './wording.ts'

/** What the folders alone give reason to say. Nothing where all is as it should be. Pure. */
export function fileChecks({ framework }: MigrationSource, listed: MigrationFiles): readonly Check[] {
  return framework === 'prisma' ? prismaChecks(listed) : ectoChecks(listed)
}

function prismaChecks({ withoutScript, lockText }: MigrationFiles): readonly Check[] {
  const checks: Check[] = []
  if (withoutScript.length > 0) {
    checks.push({
      id: 'migrations-without-script',
      title: 'Folders without migration.sql',
      told: someOf(withoutScript),
      result: 'failed',
      problem: {
        code: 'migrations-without-script',
        message: `${someOf(withoutScript)} ${withoutScript.length === 1 ? 'has' : 'have'} no migration.sql: Prisma stops there (P3015), after it has run what comes before.`,
        hint: 'Bring the file back, or delete the folder. Git keeps no empty folders, so a fresh checkout may be all it takes.'
      }
    })
  }
  const provider = lockText === undefined ? '' : lockProvider(lockText)
  if (provider !== '' && !/^(?:postgresql|postgres|cockroachdb)$/.test(provider)) {
    checks.push({
      id: 'migrations-provider',
      title: 'Provider of migration_lock.toml',
      told: provider,
      result: 'failed',
      problem: {
        code: 'migrations-provider',
        message: `migration_lock.toml says \`provider = "${provider}"\`, and the URL leads to PostgreSQL: Prisma refuses that (P3019).`,
        hint: 'Name the database that these migrations were written for, or start a new history of migrations for PostgreSQL.'
      }
    })
  }
  return checks
}

function ectoChecks({ passedOver }: MigrationFiles): readonly Check[] {
  if (passedOver.length === 0) return []
  const paths = passedOver.map(({ path }) => path)
  const [first] = paths
  return [
    {
      id: 'migrations-passed-over',
      title: 'Files that Ecto passes over',
      told: someOf(paths),
      result: 'warning',
      problem: {
        code: 'migrations-passed-over',
        message: `Ecto does not run ${counted(paths.length, 'file')} in the folders of migrations: ${someOf(paths)}.`,
        hint: 'It runs `VERSION_name.exs` only, with digits and an underscore in front, and .exs behind. Rename what is meant to run, and move away what is not.',
        ...(first === undefined ? {} : { file: first })
      }
    }
  ]
}
