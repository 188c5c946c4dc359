import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '../run-action.ts'
import { installPrisma, type PrismaRelease } from './install.ts'
import { schemaEngine, type CommitMode } from './schema-engine.ts'

export interface PrismaProjectOptions {
  readonly version: PrismaRelease
  /** Of the database; in `DATABASE_URL`. */
  readonly url: string
  /** Models and enums; `datasource` and `generator` are put before it unless it has a `datasource` itself. */
  readonly schema: string
  /** SQL by the migration's name, `20260101000000_init`. */
  readonly migrations: Readonly<Record<string, string>>
  readonly mode?: CommitMode
  /** More files, by path; one that is made otherwise is replaced. */
  readonly files?: Readonly<Record<string, string>>
}

export interface PrismaProject {
  /** Absolute; goes away when the test file is done. */
  readonly folder: string
  /** The variables that the CLI needs: `DATABASE_URL` and the engine's. */
  readonly env: Record<string, string>
}

/** A project of a real Prisma, without having to be installed: its node_modules are a link. */
export async function prismaProject(options: PrismaProjectOptions): Promise<PrismaProject> {
  const root = temporaryFolder('prisma')
  const folder = join(root, 'project')
  const packages = await installPrisma(options.version)
  const env = await schemaEngine({ version: options.version, mode: options.mode, folder: join(root, 'engine') })
  const seven = !options.version.startsWith('6.')
  const head = options.schema.includes('datasource ') ? '' : seven ? schemaOf7 : schemaOf6
  const files: Record<string, string> = {
    'package.json': `${JSON.stringify({ name: 'app', private: true, devDependencies: { prisma: options.version } })}\n`,
    'prisma/schema.prisma': `${head}${options.schema}`,
    'prisma/migrations/migration_lock.toml': 'provider = "postgresql"\n',
    ...(seven ? { 'prisma.config.ts': configurationOf7 } : {}),
    ...Object.fromEntries(
      Object.entries(options.migrations).map(([name, sql]) => [`prisma/migrations/${name}/migration.sql`, sql])
    ),
    ...options.files
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  symlinkSync(join(packages, 'node_modules'), join(folder, 'node_modules'))
  return { folder, env: { ...env, DATABASE_URL: options.url } }
}

const schemaOf6 = `generator client {
  provider   = "prisma-client"
  output     = "../generated"
  engineType = "client"
}

datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

`

const schemaOf7 = `generator client {
  provider = "prisma-client"
  output   = "../generated"
}

datasource db {
  provider = "postgresql"
}

`

const configurationOf7 = `import { defineConfig, env } from 'prisma/config'

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: env('DATABASE_URL') }
})
`
