import { describe, expect, test } from '@jest/globals'
import {
  findMigrationFolders,
  readMigrationSet,
  type MigrationFolder
} from '../../../actions/shared/migrations/migration-set.ts'
import { blobOf, treeOf } from '../../support/trees.ts'

const tree = (...paths: readonly string[]) => treeOf(Object.fromEntries(paths.map((path) => [path, path])))
const ecto: MigrationFolder = { path: 'priv/repo/migrations', framework: 'ecto' }
const prisma: MigrationFolder = { path: 'prisma/migrations', framework: 'prisma' }

describe('where migrations are', () => {
  test.each<[string, string[], string[]]>([
    [
      'Prisma’s default',
      ['prisma/schema.prisma', 'prisma/migrations/0_init/migration.sql'],
      ['prisma prisma/migrations']
    ],
    [
      'the usual place alone',
      ['apps/web/prisma/migrations/20250101000000_a/migration.sql', 'db/x/migration.sql'],
      ['prisma apps/web/prisma/migrations']
    ],
    ['only a lock yet', ['db/migrations/migration_lock.toml'], ['prisma db/migrations']],
    [
      'a schema of many files, in a package of a monorepo',
      ['packages/db/schema/a.prisma', 'packages/db/migrations/1_a/migration.sql'],
      ['prisma packages/db/migrations']
    ],
    [
      'where prisma.config puts them',
      ['prisma.config.ts', 'db/schema.prisma', 'db/history/20260101000000_a/migration.sql'],
      ['prisma db/history']
    ],
    [
      'Drizzle, which is not Prisma',
      ['drizzle/20260101000000_a/migration.sql', 'drizzle/20260101000000_a/snapshot.json', 'a.prisma'],
      []
    ],
    ['SQL of another tool', ['db/migrations/001_a/migration.sql'], []],
    ['Ecto’s default', ['mix.exs', 'priv/repo/migrations/1_a.exs'], ['ecto priv/repo/migrations']],
    [
      'two repositories, and one in an umbrella',
      ['priv/repo/migrations/1_a.exs', 'priv/metrics/migrations/1_a.exs', 'apps/core/priv/repo/migrations/1_a.exs'],
      ['ecto apps/core/priv/repo/migrations', 'ecto priv/metrics/migrations', 'ecto priv/repo/migrations']
    ],
    ['tenants', ['priv/repo/tenant_migrations/1_a.exs'], ['ecto priv/repo/tenant_migrations']],
    ['folders below it are of it', ['priv/repo/migrations/2025/1_a.exs'], ['ecto priv/repo/migrations']],
    ['without a migration there is none', ['priv/repo/migrations/.formatter.exs', 'priv/repo/seeds.exs'], []],
    ['what Mix fetched', ['mix.exs', 'deps/diwa_schema/priv/repo/migrations/1_a.exs'], []],
    [
      'a folder deps of something else',
      ['src/deps/priv/repo/migrations/1_a.exs'],
      ['ecto src/deps/priv/repo/migrations']
    ],
    ['what npm fetched', ['node_modules/a/prisma/migrations/migration_lock.toml'], []]
  ])('%s', (_, paths, expected) => {
    const found = findMigrationFolders(tree(...paths), [])
    expect(found.map(({ framework, path }) => `${framework} ${path}`)).toEqual(expected)
  })

  test('folders that are named are the only ones, also those of a dependency', () => {
    const named: readonly MigrationFolder[] = [{ path: 'deps/diwa_schema/priv/repo/migrations', framework: 'ecto' }]
    expect(findMigrationFolders(tree('priv/repo/migrations/1_a.exs'), named)).toEqual(named)
  })
})

describe("Ecto's folder", () => {
  test('is ordered by the number, then by the name', () => {
    const set = readMigrationSet(
      tree(...['10_b', '9_c', '0009_a', '-1_z', 'old/7_d'].map((name) => `priv/repo/migrations/${name}.exs`)),
      ecto
    )
    expect(set.migrations.map(({ version, name, below }) => [version, name, below])).toEqual([
      ['-1', 'z', '-1_z.exs'],
      ['7', 'd', 'old/7_d.exs'],
      ['9', 'a', '0009_a.exs'],
      ['9', 'c', '9_c.exs'],
      ['10', 'b', '10_b.exs']
    ])
    expect(set.migrations[4]).toMatchObject({
      path: 'priv/repo/migrations/10_b.exs',
      blob: blobOf('priv/repo/migrations/10_b.exs')
    })
  })

  test('tells what Ecto passes over, and how', () => {
    const names = [
      'add.exs',
      '1_a.ex',
      'helper.ex',
      '1_a.sql',
      '.formatter.exs',
      '.old/1_a.exs',
      'README.md',
      '1_a.exs.orig'
    ]
    const { migrations, ignored } = readMigrationSet(tree(...names.map((name) => `priv/repo/migrations/${name}`)), ecto)
    expect(migrations).toEqual([])
    expect(ignored.map(({ path, kind }) => [path.slice(21), kind])).toEqual([
      ['add.exs', 'name'],
      ['1_a.ex', 'extension'],
      ['helper.ex', 'stray'],
      ['1_a.sql', 'stray'],
      ['.formatter.exs', 'beside'],
      ['.old/1_a.exs', 'beside'],
      ['README.md', 'beside'],
      ['1_a.exs.orig', 'stray']
    ])
  })
})

describe("Prisma's folder", () => {
  test('is ordered by the whole name of each folder', () => {
    const names = ['9_c', '10_b', '0_init', '20260101000000_b', '20260101000000_a', 'last']
    const { migrations } = readMigrationSet(
      tree(...names.map((name) => `prisma/migrations/${name}/migration.sql`)),
      prisma
    )
    expect(migrations.map(({ version, name }) => [version, name])).toEqual([
      ['0', 'init'],
      ['10', 'b'],
      ['20260101000000', 'a'],
      ['20260101000000', 'b'],
      ['9', 'c'],
      ['', 'last']
    ])
  })

  test('tells the lock, what lies beside, and folders without SQL', () => {
    const names = [
      'migration_lock.toml',
      'README.md',
      'a.sql',
      '1_a/migration.sql',
      '1_a/down.sql',
      '1_a/b/migration.sql',
      '2_b/steps.json'
    ]
    const set = readMigrationSet(tree(...names.map((name) => `prisma/migrations/${name}`)), prisma)
    expect(set.lock?.path).toBe('prisma/migrations/migration_lock.toml')
    expect(set.ignored.map(({ path, kind }) => [path.slice(18), kind])).toEqual([
      ['README.md', 'beside'],
      ['a.sql', 'stray'],
      ['1_a/down.sql', 'beside'],
      ['1_a/b/migration.sql', 'stray'],
      ['2_b/steps.json', 'without-sql']
    ])
  })
})

test('a folder of plain SQL has each file as a migration', () => {
  const { migrations } = readMigrationSet(tree('db/002_b.sql', 'db/001_a.sql', 'db/x.sql', 'db/README.md'), {
    path: 'db',
    framework: 'sql'
  })
  expect(migrations.map(({ below }) => below)).toEqual(['001_a.sql', '002_b.sql', 'x.sql'])
})
