import { join } from 'node:path'
import { installPrograms } from '../../scripts/install-database-programs.ts'

/** The folder with the real pg_dump and pg_restore of a version: 15 as Debian has it, 18 from PyPI. */
export function clientFolder(version: 15 | 18): string {
  return installPrograms(join(import.meta.dirname, '..', '..', '.tools'), `postgresql-client-${version}`)
}
