/**
 * The names of a restore by swap: of the database that is filled, and of the one that was there before.
 *
 * @param at milliseconds since the epoch
 */
export function namesAt(database: string, at: number): { readonly made: string; readonly kept: string } {
  const time = new Date(at)
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z/g, '')
    .replace('T', '_')
  return { made: shortened(database, `_restoring_${time}`), kept: shortened(database, `_before_${time}`) }
}

/** Whether a database is one that a restore of this one makes. */
export function isRestoring(name: string, database: string): boolean {
  const ending = /_restoring_\d{8}_\d{6}$/.exec(name)?.[0]
  return ending !== undefined && name === shortened(database, ending)
}

/** At most 63 bytes, as PostgreSQL cuts longer names. */
function shortened(database: string, ending: string): string {
  let stem = database
  while (Buffer.byteLength(stem + ending) > 63) stem = stem.slice(0, -1)
  return stem + ending
}
