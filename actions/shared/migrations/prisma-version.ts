import { joinPath, parentOf, type FileTree } from './file-tree.ts'
import type { MigrationFolder } from './migration-set.ts'
import { fieldOf } from '../answer-fields.ts'

/** Which Prisma applies a folder's migrations. */
export interface PrismaVersion {
  /** `7.4.1`; of a range without a lock file the least that it takes, `7.4.0` for `^7.4`. */
  readonly version: string
  /** The file that says so. */
  readonly from: string
  /** Whether it is what a lock file pins. */
  readonly exact: boolean
}

/**
 * Finds the version of the package `prisma` for a folder of migrations: in the lock file, otherwise in the package.json,
 * that is nearest above it. Undefined where nothing says it. Throws what reading the tree throws.
 */
export async function readPrismaVersion(tree: FileTree, folder: MigrationFolder): Promise<PrismaVersion | undefined> {
  let range: PrismaVersion | undefined
  let written: string | undefined
  for (let place = folder.path; ; place = parentOf(place)) {
    const manifest = joinPath(place, 'package.json')
    if (range === undefined && tree.files.has(manifest)) {
      written = rangeIn((await tree.read(manifest)).toString('utf8'))
      const least = written === undefined ? undefined : /\d+(?:\.\d+){0,2}(?:-[\w.]+)?/.exec(written)?.[0]
      if (least !== undefined) {
        const version = least.includes('-') ? least : [...least.split('.'), '0', '0'].slice(0, 3).join('.')
        range = { version, from: manifest, exact: false }
      }
    }
    for (const [name, read] of lockFiles) {
      const file = joinPath(place, name)
      if (!tree.files.has(file)) continue
      const version = read((await tree.read(file)).toString('utf8'), written)
      if (version !== undefined) return { version, from: file, exact: true }
    }
    if (place === '.') return range
  }
}

function rangeIn(text: string): string | undefined {
  try {
    const manifest = JSON.parse(text) as unknown
    for (const key of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']) {
      const range = fieldOf(fieldOf(manifest, key), 'prisma')
      if (typeof range === 'string') return range
    }
  } catch {
    // No JSON: whatever installs packages tells it.
  }
  return undefined
}

const semver = String.raw`\d+\.\d+\.\d+(?:-[\w.-]+)?`

/** What each lock file says of the package; `range` is that of the nearest package.json, where several are locked. */
const lockFiles: readonly (readonly [string, (text: string, range: string | undefined) => string | undefined])[] = [
  ['package-lock.json', (text) => npmLocked(text)],
  ['npm-shrinkwrap.json', (text) => npmLocked(text)],
  // pnpm: importers name it as `prisma: specifier, version: 7.4.1(…)`, packages as `prisma@7.4.1:`, `/prisma@6.1.0:` or `/prisma/5.1.0:`.
  [
    'pnpm-lock.yaml',
    (text, range) =>
      one(text, new RegExp(`^ +'?/?prisma[@/](${semver})`, 'gm'), range) ??
      one(text, new RegExp(`^ +prisma:\\n +specifier: .*\\n +version: '?(${semver})`, 'gm'), range)
  ],
  // Yarn 1: `prisma@^7.4.0:` and `  version "7.4.1"`; Yarn 2 on: `"prisma@npm:^7.4.0":` and `  version: 7.4.1`.
  ['yarn.lock', (text, range) => one(text, new RegExp(`^"?prisma@[^\\n]*:\\n +version:? "?(${semver})`, 'gm'), range)],
  // Bun: `"prisma": ["prisma@7.4.1", …]`.
  ['bun.lock', (text, range) => one(text, new RegExp(`\\["prisma@(${semver})"`, 'g'), range)]
]

function npmLocked(text: string): string | undefined {
  try {
    const lock = JSON.parse(text) as unknown
    const found =
      fieldOf(fieldOf(fieldOf(lock, 'packages'), 'node_modules/prisma'), 'version') ??
      // lockfileVersion 1 of npm 6.
      fieldOf(fieldOf(fieldOf(lock, 'dependencies'), 'prisma'), 'version')
    return typeof found === 'string' ? found : undefined
  } catch {
    return undefined
  }
}

/** The version that is locked; where there are several, the one that the range is of by its major version. */
function one(text: string, pattern: RegExp, range: string | undefined): string | undefined {
  const versions = [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))]
  if (versions.length < 2) return versions[0]
  const major = range === undefined ? undefined : /\d+/.exec(range)?.[0]
  const fitting = versions.filter((version) => version.split('.')[0] === major)
  return fitting.length === 1 ? fitting[0] : undefined
}
