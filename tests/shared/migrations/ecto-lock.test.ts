import { expect, test } from '@jest/globals'
import { readEctoLock } from '../../../actions/shared/migrations/ecto-lock.ts'
import { treeOf, type Files } from '../../support/trees.ts'

const repo = (options: string, module = 'Acme.Repo'): string =>
  `import Config\n\nconfig :acme, ${module},\n  username: "postgres"${options}\n\nconfig :logger, level: :info\n`

test.each<[string, Files, string]>([
  ['advisory', { 'config/config.exs': repo(',\n  migration_lock: :pg_advisory_lock') }, 'advisory'],
  ['none', { 'config/config.exs': repo(',\n  migration_lock: false') }, 'advisory'],
  ['a table', { 'config/runtime.exs': repo(',\n  migration_lock: :table_lock') }, 'table'],
  ["Ecto's default", { 'config/config.exs': repo('') }, 'table'],
  ['not what a comment says', { 'config/config.exs': repo('\n  # migration_lock: :pg_advisory_lock') }, 'table'],
  ['not known where it is computed', { 'config/config.exs': repo(', migration_lock: lock()') }, 'unknown'],
  [
    'not known where files differ',
    {
      'config/dev.exs': repo(', migration_lock: :table_lock'),
      'config/prod.exs': repo(', migration_lock: :pg_advisory_lock')
    },
    'unknown'
  ],
  ['not known where no repository is configured', { 'config/config.exs': 'import Config\n' }, 'unknown'],
  ['not that of another repository', { 'config/config.exs': repo(', migration_lock: false', 'Acme.Other') }, 'unknown']
])('the lock of migrations is %s', async (_, files, lock) => {
  expect(await readEctoLock(treeOf(files), { path: 'priv/repo/migrations' })).toBe(lock)
})

test('an umbrella keeps the configuration of its applications', async () => {
  const files = {
    'config/config.exs': `${repo(', migration_lock: :pg_advisory_lock')}\n${repo('', 'Acme.ReadModelRepo')}`,
    'apps/shop/config/config.exs': 'import Config\n',
    'apps/shop/mix.exs': ''
  }

  expect(await readEctoLock(treeOf(files), { path: 'apps/shop/priv/repo/migrations' })).toBe('advisory')
  expect(await readEctoLock(treeOf(files), { path: 'apps/shop/priv/read_model_repo/migrations' })).toBe('table')
})
