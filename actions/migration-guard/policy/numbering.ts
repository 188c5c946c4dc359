import { compareNames, timeOf, versionAt } from '../../shared/migrations/migration-name.ts'
import type { Framework } from '../../shared/migrations/migration.ts'
import type { Migration } from '../../shared/migrations/migration-set.ts'
import { writtenVersion } from './wording.ts'

/** How a folder's migrations are numbered, judged by most of them. */
export type Numbering = 'time' | 'number' | 'none'

/** A timestamp may be a day ahead: clocks are wrong, and some generators write local time. */
export const tolerance = 86_400_000

/** How migrations are numbered; without any, as both generators do. */
export function numberingOf(migrations: readonly Migration[]): Numbering {
  if (migrations.length === 0) return 'time'
  const count = (wanted: (digits: number) => boolean): number =>
    migrations.filter(({ version }) => version !== '' && wanted(version.length)).length
  const times = count((digits) => digits === 14)
  if (times * 2 >= migrations.length) return 'time'
  return count(() => true) * 2 >= migrations.length ? 'number' : 'none'
}

/**
 * The newest of the migrations that a new one can be expected to come after. What is numbered unlike the others, or lies
 * in the future, is no measure: nothing sensible could be newer.
 */
export function newestOf(
  framework: Framework,
  migrations: readonly Migration[],
  numbering: Numbering,
  now: number
): Migration | undefined {
  if (numbering === 'none') return undefined
  return migrations
    .filter(({ version }) => (numbering === 'time' ? isPlausibleTime(version, now) : version !== ''))
    .reduce<Migration | undefined>(
      (newest, migration) =>
        newest === undefined || compareNames(framework, migration, newest) > 0 ? migration : newest,
      undefined
    )
}

function isPlausibleTime(version: string, now: number): boolean {
  return version.length === 14 && version <= versionAt(now + tolerance)
}

/**
 * Versions for migrations that must come last, in their order: later than everything that is there, free, and not in
 * the future where that is possible. Undefined where the numbering gives none, as with names alone.
 */
export function nextVersions(
  framework: Framework,
  numbering: Numbering,
  there: readonly Migration[],
  count: number,
  now: number
): readonly string[] | undefined {
  const newest = newestOf(framework, there, numbering, now)
  const used = new Set(there.map(({ version }) => version))
  if (numbering === 'time') return nextTimes(newest?.version, used, count, now)
  if (numbering === 'number' && newest !== undefined) {
    const versions = nextNumbers(newest, used, count)
    const follows = versions.every(
      (version, index) =>
        compareNames(
          framework,
          { version, name: '' },
          index === 0 ? newest : { version: versions[index - 1] ?? '', name: '' }
        ) > 0
    )
    return follows ? versions : undefined
  }
  return undefined
}

function nextTimes(
  newest: string | undefined,
  used: ReadonlySet<string>,
  count: number,
  now: number
): readonly string[] {
  const found: string[] = []
  let at = Math.floor(now / 1000) * 1000
  if (newest !== undefined && newest >= versionAt(at)) at = after(newest)
  while (found.length < count) {
    const version = versionAt(at)
    if (!used.has(version) && (newest === undefined || version > newest)) found.push(version)
    at += 1000
  }
  return found
}

/** The first second behind a version, which may be no time, such as a second 62: then the next minute, hour or day. */
function after(version: string): number {
  const exact = timeOf(version)
  if (exact.kind === 'time') return exact.at + 1000
  for (const [digits, rest, step] of [
    [12, '00', 60_000],
    [10, '0000', 3_600_000],
    [8, '000000', 86_400_000]
  ] as const) {
    const start = timeOf(version.slice(0, digits) + rest)
    if (start.kind === 'time') return start.at + step
  }
  // A month or a day that is none: the year after it.
  return Date.UTC(Number(version.slice(0, 4)) + 1, 0, 1)
}

function nextNumbers(newest: Migration, used: ReadonlySet<string>, count: number): readonly string[] {
  const width = writtenVersion(newest).length
  const found: string[] = []
  for (let next = BigInt(newest.version) + 1n; found.length < count; next += 1n) {
    if (!used.has(next.toString())) found.push(next.toString().padStart(width, '0'))
  }
  return found
}
