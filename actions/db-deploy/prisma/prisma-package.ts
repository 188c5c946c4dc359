import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Problem } from '../../shared/problem.ts'
import { fieldOf } from '../../shared/answer-fields.ts'

/** The package `prisma` as it is installed. */
export interface PrismaPackage {
  /** `7.10.1` */
  readonly version: string
  /** Absolute: the script that `prisma` runs. */
  readonly script: string
}

/**
 * Finds the package that the project has installed, in `node_modules` of the folder or of one above it, as Node does.
 * Links are followed, which pnpm and workspaces make.
 *
 * @param folder absolute
 * @param shown as the user wrote it
 */
export function findPrismaPackage(
  folder: string,
  shown: string
): { readonly found: PrismaPackage } | { readonly problem: Problem } {
  for (let place = folder; ; place = dirname(place)) {
    const manifest = join(place, 'node_modules', 'prisma', 'package.json')
    if (statSync(manifest, { throwIfNoEntry: false })?.isFile() === true) return judged(readPackage(manifest), shown)
    if (dirname(place) === place) return { problem: absent(folder, shown) }
  }
}

function readPackage(manifest: string): PrismaPackage | undefined {
  try {
    const parsed = JSON.parse(readFileSync(manifest, 'utf8')) as unknown
    const version = fieldOf(parsed, 'version')
    const bin = fieldOf(parsed, 'bin')
    const script = typeof bin === 'string' ? bin : fieldOf(bin, 'prisma')
    if (typeof version !== 'string' || typeof script !== 'string') return undefined
    const path = join(realpathSync(dirname(manifest)), script)
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? { version, script: path } : undefined
  } catch {
    // Half of an installation: what is not JSON, or links that lead nowhere.
    return undefined
  }
}

function judged(found: PrismaPackage | undefined, shown: string) {
  if (found === undefined) {
    return {
      problem: {
        code: 'prisma-missing',
        message: `The package prisma that is installed for ${shown} is not whole: its package.json names no program that is there.`,
        hint: 'Install the packages again, from the lock file: `npm ci`, `pnpm install --frozen-lockfile` or `yarn install --immutable`.'
      }
    }
  }
  const major = Number(/^\d+/.exec(found.version)?.[0] ?? 0)
  if (major === 6 || major === 7) return { found }
  return {
    problem: {
      code: 'prisma-version',
      message: `The project in ${shown} has Prisma ${found.version}; db-deploy works with Prisma 6 and 7.`,
      hint:
        major > 7
          ? 'Prisma 8 is another tool: it keeps its migrations, and what of them was applied, in another way. Deploy with Prisma 7, or without this action until it knows 8.'
          : 'Upgrade prisma and @prisma/client to 6 or 7 (https://www.prisma.io/docs/orm/more/upgrade-guides), and run the job again.'
    }
  }
}

function absent(folder: string, shown: string): Problem {
  const plugAndPlay = above(folder, '.pnp.cjs')
  return {
    code: 'prisma-missing',
    message: `There is no node_modules/prisma in ${shown}, nor in a folder above it.`,
    hint: plugAndPlay
      ? "Yarn's Plug'n'Play keeps packages in archives, where Prisma's engines cannot run: set `nodeLinker: node-modules` in .yarnrc.yml, and install again."
      : 'Install the packages of the project in a step before this one (`npm ci`, `pnpm install --frozen-lockfile`), development dependencies included, and set working-directory to the package that has prisma. It is never downloaded here.'
  }
}

function above(folder: string, name: string): boolean {
  for (let place = folder; ; place = dirname(place)) {
    if (statSync(join(place, name), { throwIfNoEntry: false }) !== undefined) return true
    if (dirname(place) === place) return false
  }
}
