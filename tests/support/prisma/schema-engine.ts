import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installPrisma, type PrismaRelease } from './install.ts'

/**
 * How a migration's file is run. `split`: each statement commits by itself, as Prisma does from 7.4 on; `whole`: the file
 * is one implicit transaction, as in 6 and up to 7.3 (prisma-engines #5767).
 */
export type CommitMode = 'split' | 'whole'

export interface EngineOptions {
  readonly version: PrismaRelease
  /** What the release itself does unless told. */
  readonly mode?: CommitMode | undefined
  /** The engine's program is written there. */
  readonly folder: string
}

/**
 * A stand-in for Prisma's native schema engine, which is no part of npm's packages and is downloaded from elsewhere at the
 * first use: the same engine as WebAssembly behind the same command line and protocol (`engine/main.ts`).
 *
 * @returns the variables that make the Prisma CLI use it
 */
export async function schemaEngine({ version, mode, folder }: EngineOptions): Promise<Record<string, string>> {
  const packages = await installPrisma(version)
  const commits = mode ?? (version.startsWith('6.') ? 'whole' : 'split')
  mkdirSync(folder, { recursive: true })
  const program = join(folder, 'schema-engine')
  const quoted = [process.execPath, join(import.meta.dirname, 'engine', 'main.ts'), packages, commits].map(
    (word) => `'${word.replaceAll("'", `'\\''`)}'`
  )
  writeFileSync(program, `#!/bin/sh\nexec ${quoted.join(' ')} "$@"\n`)
  chmodSync(program, 0o755)
  return {
    PRISMA_SCHEMA_ENGINE_BINARY: program,
    // 6 asks for the engine of its client too, and uses none of it for what it does to a database.
    ...(version.startsWith('6.') ? { PRISMA_QUERY_ENGINE_LIBRARY: program } : {})
  }
}
