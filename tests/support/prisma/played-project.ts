import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { temporaryFolder } from '../run-action.ts'
import type { Play } from './play.ts'

export interface PlayedProject {
  /** Absolute; goes away when the test file is done. */
  readonly folder: string
  /** Adds or replaces files. */
  write(files: Readonly<Record<string, string>>): void
  play(play: Play): void
}

/** A project whose node_modules have the command that plays Prisma (command-line.ts), and nothing else. */
export function playedProject(options: {
  readonly migrations: Readonly<Record<string, string>>
  readonly schema?: string
  readonly play?: Play
  readonly files?: Readonly<Record<string, string>>
  readonly version?: string
}): PlayedProject {
  const folder = temporaryFolder('played')
  const write = (files: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
  }
  const version = options.version ?? (options.play?.whole === true ? '7.3.0' : '7.10.1')
  const seed = options.play?.seed
  write({
    'package.json': '{ "name": "app", "private": true }\n',
    'prisma.config.ts': `import { defineConfig, env } from 'prisma/config'

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations'${seed === undefined ? '' : `, seed: ${JSON.stringify(seed)}`} },
  datasource: { url: env('DATABASE_URL') }
})
`,
    'prisma/schema.prisma': `datasource db {
  provider = "postgresql"
}

${options.schema ?? ''}`,
    'prisma/migrations/migration_lock.toml': 'provider = "postgresql"\n',
    'node_modules/prisma/package.json': `${JSON.stringify({ name: 'prisma', version, bin: { prisma: 'build/index.js' }, type: 'module' })}\n`,
    'node_modules/prisma/build/index.js': `await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'command-line.ts')).href)})\n`,
    ...Object.fromEntries(
      Object.entries(options.migrations).map(([name, sql]) => [`prisma/migrations/${name}/migration.sql`, sql])
    ),
    ...options.files
  })
  const play = (how: Play): void => {
    write({ 'play.json': JSON.stringify(how) })
  }
  play(options.play ?? {})
  return { folder, write, play }
}
