import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { temporaryFolder } from '../../support/run-action.ts'

/**
 * A folder with programs that call themselves pg_dump and pg_restore, as shell scripts: for what the real ones do rarely.
 * `pg_dump` has the file's path as `$file`. Each keeps its arguments and the names of its variables in the folder.
 */
export function standIns(
  programs: { readonly version?: string; readonly dump?: string; readonly list?: string; readonly rows?: string } = {}
): string {
  const { version = '18.4', dump = 'echo PGDMP > "$file"', list = '', rows = whole } = programs
  const folder = temporaryFolder('programs')
  writeFileSync(join(folder, 'listing'), list)
  writeFileSync(join(folder, 'rows'), rows)
  const script = (name: string, body: string): void => {
    const text = `#!/bin/sh
here=${folder}
for each in "$@"; do case "$each" in
  --version) echo "${name} (PostgreSQL) ${version}"; exit 0 ;;
  --file=*) file="\${each#--file=}" ;;
esac; done
echo "$@" >> "$here/${name}.arguments"
env >> "$here/${name}.environment"
${body}
`
    writeFileSync(join(folder, name), text, { mode: 0o755 })
  }
  script('pg_dump', dump)
  script('pg_restore', 'case "$1" in --list) cat "$here/listing" ;; --data-only) cat "$here/rows" ;; esac')
  return folder
}

export const whole = '-- PostgreSQL database dump complete\n'

/** What `pg_restore --list` says of a dump with these entries. */
export function listing(...entries: readonly string[]): string {
  return [
    '; Archive created at 2026-01-02 03:04:05 UTC',
    ';     dbname: app',
    `;     TOC Entries: ${entries.length + 4}`,
    ';     Format: CUSTOM',
    ';     Dumped from database version: 18.4',
    ';     Dumped by pg_dump version: 18.4',
    ...entries,
    ''
  ].join('\n')
}
