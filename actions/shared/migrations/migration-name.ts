import type { Framework } from './migration.ts'

/** What a migration is called: the part that it is ordered by, and the rest. */
export interface MigrationName {
  /** Ecto: the integer, without leading zeros, as it stands in `schema_migrations`. Prisma: the digits as written, '' without. */
  readonly version: string
  readonly name: string
}

/**
 * Reads the base name of a file as Ecto does: `Integer.parse` of the name without its last extension, then `_` and the
 * rest (ecto_sql, lib/ecto/migrator.ex, extract_migration_info/1). Undefined for what Ecto passes over silently.
 */
export function ectoName(base: string): MigrationName | undefined {
  const match = /^([+-]?)(\d+)_(.*)$/s.exec(withoutExtension(base))
  if (match === null) return undefined
  const [, sign = '', digits = '', name = ''] = match
  return { version: BigInt(sign === '-' ? `-${digits}` : digits).toString(), name }
}

/** As Elixir's Path.rootname/1: without the last extension; a leading dot begins none. */
function withoutExtension(base: string): string {
  const dot = base.lastIndexOf('.')
  return dot > 0 ? base.slice(0, dot) : base
}

/** Prisma orders by the whole name of the folder and reads nothing out of it; `TIMESTAMP_name` is only its habit. */
export function prismaName(folder: string): MigrationName {
  const match = /^(\d+)(?:_(.*))?$/s.exec(folder)
  return match === null ? { version: '', name: folder } : { version: match[1] ?? '', name: match[2] ?? '' }
}

/**
 * Which of two migrations the tool runs first: Ecto by the integer, then by the name (Enum.sort of
 * `{version, name, file}`); Prisma by the folder's whole name.
 */
export function compareNames(framework: Framework, a: MigrationName, b: MigrationName): number {
  if (framework === 'ecto') {
    const [left, right] = [BigInt(a.version), BigInt(b.version)]
    if (left !== right) return left < right ? -1 : 1
    return compareText(a.name, b.name)
  }
  return compareText(spelled(a), spelled(b))
}

/** `20250101120000_add_users`: the name as one text. */
export function spelled({ version, name }: MigrationName): string {
  if (version === '') return name
  return name === '' ? version : `${version}_${name}`
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** What a version says as a time. */
export type VersionTime =
  /** 14 digits that are a time of the calendar, UTC. */
  | { readonly kind: 'time'; readonly at: number }
  /** 14 digits that are none, such as a month 13; `fault` goes on from "has ". */
  | { readonly kind: 'no time'; readonly fault: string }
  /** Numbered in another way. */
  | { readonly kind: 'number'; readonly digits: number }
  | { readonly kind: 'none' }

/** Reads a version as `YYYYMMDDHHMMSS`, which both generators write in UTC. */
export function timeOf(version: string): VersionTime {
  if (version === '') return { kind: 'none' }
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(version)
  if (match === null) return { kind: 'number', digits: version.replace('-', '').length }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  const fault =
    month < 1 || month > 12
      ? `the month ${match[2] ?? ''}`
      : day < 1 || day > daysIn(year, month)
        ? `the day ${match[3] ?? ''} of month ${match[2] ?? ''}`
        : hour > 23
          ? `the hour ${match[4] ?? ''}`
          : minute > 59
            ? `the minute ${match[5] ?? ''}`
            : second > 59
              ? `the second ${match[6] ?? ''}`
              : undefined
  if (fault !== undefined) return { kind: 'no time', fault }
  return { kind: 'time', at: Date.UTC(year, month - 1, day, hour, minute, second) }
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

/** A time as a version: `YYYYMMDDHHMMSS`, UTC. */
export function versionAt(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replaceAll(/\D/g, '')
}
