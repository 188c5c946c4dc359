import { describe, expect, test } from '@jest/globals'
import { isPostgres, readDatabase } from '../../../actions/shared/migrations/database.ts'
import { readPrismaVersion } from '../../../actions/shared/migrations/prisma-version.ts'
import { treeOf, type Files } from '../../support/trees.ts'

const prisma = { path: 'packages/db/prisma/migrations', framework: 'prisma' } as const
const schema = (provider: string): string =>
  `generator client {\n  provider = "prisma-client"\n}\n\ndatasource db {\n  provider = "${provider}"\n  url = env("URL")\n}\n`

describe('the database', () => {
  test.each<[string, Files, string, string | undefined]>([
    [
      'is what the lock names',
      {
        'packages/db/prisma/migrations/migration_lock.toml': '# x\nprovider = "mysql"\n',
        'packages/db/prisma/schema.prisma': schema('sqlite')
      },
      'mysql',
      'packages/db/prisma/migrations/migration_lock.toml'
    ],
    [
      'is that of the schema',
      { 'packages/db/prisma/schema.prisma': schema('cockroachdb') },
      'cockroachdb',
      'packages/db/prisma/schema.prisma'
    ],
    [
      'is in one file of many',
      {
        'packages/db/prisma/models/a.prisma': 'model A {\n  id Int @id\n}\n',
        'packages/db/prisma/models/base.prisma': schema('sqlite')
      },
      'sqlite',
      'packages/db/prisma/models/base.prisma'
    ],
    [
      'is PostgreSQL by its old name',
      { 'packages/db/prisma/schema.prisma': schema('postgres') },
      'postgresql',
      'packages/db/prisma/schema.prisma'
    ],
    ['is not known', {}, 'unknown', undefined]
  ])('of Prisma %s', async (_, files, name, from) => {
    expect(await readDatabase(treeOf(files), prisma)).toEqual({ name, from })
  })

  const repo = (adapter: string): string =>
    `defmodule Core.Repo do\n  use Ecto.Repo,\n    otp_app: :core,\n    adapter: ${adapter}\nend\n`

  test.each<[string, Files, string]>([
    ['Ecto.Adapters.Postgres', { 'apps/core/lib/core/repo.ex': repo('Ecto.Adapters.Postgres') }, 'postgresql'],
    ['Ecto.Adapters.MyXQL', { 'apps/core/lib/core/repo.ex': repo('Ecto.Adapters.MyXQL') }, 'mysql'],
    ['Ecto.Adapters.SQLite3', { 'apps/core/lib/core/repo.ex': repo('Ecto.Adapters.SQLite3') }, 'sqlite'],
    ['Ecto.Adapters.Tds', { 'apps/core/lib/core/repo.ex': repo('Ecto.Adapters.Tds') }, 'sqlserver'],
    ['one that is computed', { 'apps/core/lib/core/repo.ex': repo('@adapter') }, 'unknown'],
    ['that of another application', { 'apps/web/lib/web/repo.ex': repo('Ecto.Adapters.MyXQL') }, 'unknown']
  ])("of Ecto is its repository's: %s", async (_, files, name) => {
    const database = await readDatabase(treeOf(files), { path: 'apps/core/priv/repo/migrations', framework: 'ecto' })
    expect(database.name).toBe(name)
  })

  test.each([
    ['postgresql', true],
    ['cockroachdb', true],
    ['unknown', true],
    ['mysql', false],
    ['sqlite', false],
    ['sqlserver', false],
    ['mongodb', false]
  ])('%s: its SQL is read: %s', (name, expected) => {
    expect(isPostgres({ name, from: undefined })).toBe(expected)
  })
})

describe("Prisma's version", () => {
  const manifest = JSON.stringify({ devDependencies: { prisma: '^7.1.0' } })
  test.each<[string, Files, { version: string; from: string; exact: boolean } | undefined]>([
    [
      'npm',
      {
        'package-lock.json': JSON.stringify({
          lockfileVersion: 3,
          packages: { 'node_modules/prisma': { version: '7.4.1' } }
        })
      },
      { version: '7.4.1', from: 'package-lock.json', exact: true }
    ],
    [
      'npm 6',
      { 'package-lock.json': JSON.stringify({ lockfileVersion: 1, dependencies: { prisma: { version: '3.1.0' } } }) },
      { version: '3.1.0', from: 'package-lock.json', exact: true }
    ],
    [
      'pnpm 9',
      {
        'pnpm-lock.yaml':
          "lockfileVersion: '9.0'\n\nimporters:\n\n  packages/db:\n    devDependencies:\n      prisma:\n        specifier: 7.9.1\n        version: 7.9.1(@types/react@19.2.18)(typescript@5.9.3)\n\npackages:\n\n  '@prisma/client@7.9.1':\n    peerDependencies:\n      prisma: '*'\n\n  prisma@7.9.1:\n    resolution: {integrity: sha512-x}\n"
      },
      { version: '7.9.1', from: 'pnpm-lock.yaml', exact: true }
    ],
    [
      'pnpm 7',
      { 'pnpm-lock.yaml': 'packages:\n\n  /prisma/4.16.2:\n    dev: true\n' },
      { version: '4.16.2', from: 'pnpm-lock.yaml', exact: true }
    ],
    [
      'Yarn 1',
      {
        'yarn.lock':
          '"@prisma/client@^6.0.0":\n  version "6.0.1"\n\nprisma@^6.1.0:\n  version "6.19.3"\n  resolved "https://x"\n'
      },
      { version: '6.19.3', from: 'yarn.lock', exact: true }
    ],
    [
      'Yarn 4',
      { 'yarn.lock': '"prisma@npm:^7.0.0, prisma@npm:^7.4.0":\n  version: 7.4.2\n  resolution: "prisma@npm:7.4.2"\n' },
      { version: '7.4.2', from: 'yarn.lock', exact: true }
    ],
    [
      'Bun',
      { 'bun.lock': '{\n  "packages": {\n    "prisma": ["prisma@7.4.0", "", {}],\n  }\n}\n' },
      { version: '7.4.0', from: 'bun.lock', exact: true }
    ],
    [
      'a range alone',
      { 'packages/db/package.json': manifest },
      { version: '7.1.0', from: 'packages/db/package.json', exact: false }
    ],
    [
      'two, of which one is of the range',
      {
        'packages/db/package.json': manifest,
        'bun.lock': '"prisma": ["prisma@7.4.0", ""],\n"old/prisma": ["prisma@5.2.0", ""],\n'
      },
      { version: '7.4.0', from: 'bun.lock', exact: true }
    ],
    [
      'two of the range: only the range is sure',
      {
        'packages/db/package.json': manifest,
        'bun.lock': '"prisma": ["prisma@7.4.0", ""],\n"old/prisma": ["prisma@7.2.0", ""],\n'
      },
      { version: '7.1.0', from: 'packages/db/package.json', exact: false }
    ],
    [
      'the nearest of two lock files',
      { 'packages/db/bun.lock': '["prisma@6.1.0"', 'bun.lock': '["prisma@7.4.0"' },
      { version: '6.1.0', from: 'packages/db/bun.lock', exact: true }
    ],
    ['a lock file that is broken', { 'package-lock.json': '{' }, undefined],
    ['nothing', { 'mix.exs': '' }, undefined]
  ])('is read from %s', async (_, files, expected) => {
    expect(await readPrismaVersion(treeOf(files), prisma)).toEqual(expected)
  })
})
