/** What a dump in custom format says of itself, before any of its data: its header and its table of contents. */
export interface DumpContents {
  /** Name of the database that was dumped. */
  readonly database: string
  /** As pg_restore writes it: `2026-11-21 19:27:40 UTC`. */
  readonly createdAt: string
  /** `CUSTOM`, `TAR`, `DIRECTORY` */
  readonly format: string
  /** `18.4` */
  readonly serverVersion: string
  /** Of the pg_dump that wrote it. */
  readonly dumpVersion: string
  /** Also those that pg_restore does not list, such as the encoding. */
  readonly entryCount: number
  readonly entries: readonly DumpEntry[]
}

/** One line of the table of contents. */
export interface DumpEntry {
  /** The catalog of the dumped database that it comes from, as its oid: 1259 is pg_class. 0 for data and comments. */
  readonly catalog: number
  /** Its oid in that catalog; of data the table's. */
  readonly oid: number
  /** Kind, schema, name and owner, separated by blanks, which each may hold: `TABLE DATA public users deployer`. */
  readonly text: string
  /** As `pg_restore --use-list` takes it. */
  readonly line: string
}

/** pg_class */
export const relationCatalog = 1259

/** @param listing what `pg_restore --list` writes; @returns undefined where it is none */
export function parseContents(listing: string): DumpContents | undefined {
  const field = (name: string): string | undefined => new RegExp(`^;\\s+${name}: (.*)$`, 'm').exec(listing)?.[1]
  const createdAt = /^; Archive created at (.*)$/m.exec(listing)?.[1]
  const [database, format, serverVersion, dumpVersion, count] = [
    field('dbname'),
    field('Format'),
    field('Dumped from database version'),
    field('Dumped by pg_dump version'),
    field('TOC Entries')
  ]
  if (createdAt === undefined || database === undefined || format === undefined || count === undefined) return undefined
  return {
    database,
    createdAt,
    format,
    // `15.18 (Debian 15.18-0+deb12u1)`
    serverVersion: serverVersion?.split(' ', 1)[0] ?? '',
    dumpVersion: dumpVersion?.split(' ', 1)[0] ?? '',
    entryCount: Number(count),
    entries: listing.split('\n').flatMap((line): DumpEntry[] => {
      const found = /^\d+; (\d+) (\d+) (.*)$/.exec(line)
      return found === null
        ? []
        : [{ catalog: Number(found[1]), oid: Number(found[2]), text: (found[3] ?? '').trimEnd(), line }]
    })
  }
}

export function isTableData(entry: DumpEntry): boolean {
  return entry.text.startsWith('TABLE DATA ')
}

/** The bytes of large objects: one entry for all, since 17 one for many (pg_dump.c, `dumpLOs`). */
export function isLargeObjects(entry: DumpEntry): boolean {
  return entry.text.startsWith('BLOBS ')
}

/** Whether the contents have this relation: its definition, and its rows where it has some of its own. */
export function holdsRelation(
  { entries }: Pick<DumpContents, 'entries'>,
  relation: { readonly oid: number; readonly hasRows: boolean }
): boolean {
  const ofIt = entries.filter(({ oid }) => oid === relation.oid)
  return ofIt.some(({ catalog }) => catalog === relationCatalog) && (!relation.hasRows || ofIt.some(isTableData))
}
