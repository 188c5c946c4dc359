import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { prismaVersions } from '../tests/support/prisma/install.ts'
import { schemaEngine } from '../tests/support/prisma/schema-engine.ts'
import { lend } from './lent-programs.ts'

/**
 * Lets Prisma fetch its schema engine, which is in none of npm's packages, as the install script does that npm did not run.
 * Where it cannot be fetched, nothing happens: `prismaEngine` then lends one.
 *
 * @param packages a `node_modules` folder
 */
export async function fetchEngine(packages: string): Promise<void> {
  const script = join(packages, '@prisma', 'engines', 'dist', 'scripts', 'postinstall.js')
  if (!existsSync(script)) return
  await promisify(execFile)(process.execPath, [script], { cwd: packages, timeout: 60_000 }).catch(() => undefined)
}

/**
 * The variables by which a project's Prisma finds a schema engine: none where it has its own, or is not there.
 *
 * @param packages the project's `node_modules`
 * @param folder where the lent engine is put
 * @param work the rehearsal's folder, whose report tells of it
 */
export async function prismaEngine(packages: string, folder: string, work: string): Promise<Record<string, string>> {
  const version = installedVersion(packages)
  if (version === undefined || hasEngine(packages)) return {}
  const major = version.split('.')[0] ?? ''
  const release = prismaVersions.find((known) => known.startsWith(`${major}.`))
  if (release === undefined) return {}
  const variables = await schemaEngine({ version: release, folder: join(folder, 'engine') })
  const engine = variables['PRISMA_SCHEMA_ENGINE_BINARY'] ?? ''
  const remark = `Prisma's native schema engine could not be downloaded: a stand-in, the same engine as WebAssembly, ran for prisma ${version}`
  lend(folder, work, [{ name: 'schema-engine', command: [engine], remark }])
  return { ...variables, PRISMA_SCHEMA_ENGINE_BINARY: join(folder, 'schema-engine') }
}

function installedVersion(packages: string): string | undefined {
  const file = join(packages, 'prisma', 'package.json')
  if (!existsSync(file)) return undefined
  return /"version":\s*"([^"]+)"/.exec(readFileSync(file, 'utf8'))?.[1]
}

function hasEngine(packages: string): boolean {
  const folder = join(packages, '@prisma', 'engines')
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('schema-engine-'))
}
