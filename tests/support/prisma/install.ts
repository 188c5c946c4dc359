import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** The releases of Prisma that are tested: the two majors that db-deploy works with. */
export const prismaVersions = ['6.19.3', '7.10.1'] as const
export type PrismaRelease = (typeof prismaVersions)[number]

const tools = join(import.meta.dirname, '..', '..', '..', '.tools')

/**
 * What is installed for each release. The schema engine is the commit's that the release names in its package
 * `@prisma/engines-version`, as WebAssembly: npm carries no native one. adapter-pg is 7's for both, as 6.19's cannot read
 * columns of the type "char"; libpg-query splits scripts into statements as the native engine's parser does.
 */
const packages: Readonly<Record<PrismaRelease, readonly string[]>> = {
  '6.19.3': [
    'prisma@6.19.3',
    '@prisma/schema-engine-wasm@7.1.1-3.c2990dca591cba766e3b7ef5d9e8a84796e47ab7',
    '@prisma/adapter-pg@7.10.1',
    'pg@8.23.1',
    'libpg-query@18.1.5'
  ],
  '7.10.1': [
    'prisma@7.10.1',
    '@prisma/schema-engine-wasm@8.1.0-2.59be4fda12412a79eeb9c2ae727b6aa723593323',
    '@prisma/adapter-pg@7.10.1',
    'pg@8.23.1',
    'libpg-query@18.1.5'
  ]
}

/** Where a release belongs; another list of packages is another folder. */
export function prismaFolder(version: PrismaRelease): string {
  const made = createHash('sha256').update(JSON.stringify(packages[version])).digest('hex').slice(0, 12)
  return join(tools, `prisma-${version}-${made}`)
}

/**
 * The real Prisma CLI of a release with a schema engine as WebAssembly, installed at the first call by npm, without running
 * any script of a package: some hundred megabytes, so only one process fetches it and others wait for it.
 *
 * @returns the folder that has `node_modules`
 * @throws Error with what npm said
 */
export async function installPrisma(version: PrismaRelease): Promise<string> {
  const folder = prismaFolder(version)
  if (existsSync(folder)) return folder
  mkdirSync(tools, { recursive: true })
  const unlock = await lock(`${folder}.lock`)
  try {
    // Whoever had the lock before may have brought it.
    if (!existsSync(folder)) await install(version, folder)
    return folder
  } finally {
    unlock()
  }
}

async function install(version: PrismaRelease, folder: string): Promise<void> {
  const draft = mkdtempSync(`${folder}-`)
  try {
    writeFileSync(join(draft, 'package.json'), JSON.stringify({ name: 'prisma-for-tests', private: true }))
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', '--loglevel=error']
    await promisify(execFile)('npm', ['install', ...options, ...packages[version]], {
      cwd: draft,
      timeout: 600_000,
      // npm is a script on Windows, which only a shell starts; nothing of the arguments is foreign.
      shell: process.platform === 'win32'
    })
    renameSync(draft, folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** A lock of an older run that was killed is taken over. */
const longestInstallation = 660_000

/** Making a folder succeeds for one process only. */
async function lock(path: string): Promise<() => void> {
  for (;;) {
    try {
      mkdirSync(path)
      return () => {
        rmdirSync(path)
      }
    } catch {
      if (age(path) > longestInstallation) rmSync(path, { recursive: true, force: true })
      await sleep(250)
    }
  }
}

function age(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs
  } catch {
    // It was given back meanwhile.
    return 0
  }
}
