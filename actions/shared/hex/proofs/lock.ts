import type { Problem } from '../../problem.ts'
import { parseElixirVersion } from '../elixir-version.ts'
import { readMixLock, type HexLock, type LockEntry } from '../mix-lock.ts'
import { textOf, type Place } from '../mix-project.ts'
import { disproved, elsewhere, notAvailable, proved, type Proof, type Wanted } from './proof.ts'

export interface LockProof {
  readonly proof: Proof
  /** The entry, where it is one of Hex, whatever else is wrong with it. */
  readonly entry: (HexLock & { readonly line: number }) | undefined
  /** What keeps the file from being read. */
  readonly problems: readonly Problem[]
}

/**
 * Proof 1: the lock file holds a release of Hex. It is no proof alone: the entry stays when mix.exs is changed to
 * `path:`, and neither `mix deps.get --check-locked` nor `mix deps.unlock --check-unused` minds.
 */
export async function proveLock(wanted: Wanted, packageName: string, lock: Place): Promise<LockProof> {
  const file = lock.shown
  const text = await textOf(lock.path)
  if (text === undefined) {
    const detail = `There is no ${file}.`
    return {
      proof: elsewhere(notAvailable(1, detail, 'Run `mix deps.get` and commit the lock file.', { file })),
      entry: undefined,
      problems: []
    }
  }
  const read = readMixLock(text, file)
  if ('problems' in read) {
    const detail = 'The lock file cannot be read.'
    return {
      proof: notAvailable(1, detail, 'Mend the lock file first.', { file }),
      entry: undefined,
      problems: read.problems
    }
  }
  const entry = read.lock.get(wanted.name)
  return {
    proof: proofOf(wanted, packageName, entry, file),
    entry: entry?.kind === 'hex' ? entry : undefined,
    problems: []
  }
}

const notFromHex = 'dependency-not-from-hex'

function proofOf(wanted: Wanted, packageName: string, entry: LockEntry | undefined, file: string): Proof {
  const { name } = wanted
  if (entry === undefined) {
    return elsewhere(
      disproved(
        1,
        `The lock file has no entry for ${name}, as is so for a dependency by path.`,
        {
          code: notFromHex,
          hint: `Write \`{:${name}, "~> …"}\` without \`path:\` in mix.exs, run \`mix deps.get\` and commit the lock file.`
        },
        { file }
      )
    )
  }
  const place = { file, line: entry.line }
  if (entry.kind !== 'hex') {
    const what = entry.kind === 'git' ? 'a git repository' : entry.why
    const proof = disproved(
      1,
      `The entry for ${name} in the lock file is ${what}.`,
      {
        code: notFromHex,
        hint: `Write \`{:${name}, "~> …"}\` in mix.exs, run \`mix deps.get\` and commit the lock file.`
      },
      place
    )
    return entry.kind === 'git' ? elsewhere(proof) : proof
  }
  if (entry.package !== packageName) {
    return disproved(
      1,
      `The lock file holds the package ${entry.package} for ${name}, and mix.exs asks for ${packageName}.`,
      { code: 'dependency-stale', hint: 'Run `mix deps.get` and commit the lock file.' },
      place
    )
  }
  if (entry.repository !== wanted.repository) {
    return disproved(
      1,
      `${name} is locked from the repository ${entry.repository}, not from ${wanted.repository}.`,
      { code: notFromHex, hint: repositoryHint(entry.repository) },
      place
    )
  }
  if (parseElixirVersion(entry.version) === undefined) {
    return disproved(
      1,
      `${JSON.stringify(entry.version)}, which is locked for ${name}, is no version.`,
      { code: 'mix-lock-unreadable', hint: `Run \`mix deps.update ${name}\` and commit the lock file.` },
      place
    )
  }
  if (wanted.version !== undefined && entry.version !== wanted.version) {
    return disproved(
      1,
      `${name} is locked at ${entry.version}, and ${wanted.version} was asked for.`,
      {
        code: 'dependency-other-version',
        hint: `Run \`mix deps.update ${name}\` with a requirement that ${wanted.version} meets, or ask for ${entry.version} (input dependency of hex-publish, hex-dependencies of migration-guard).`
      },
      place
    )
  }
  return checksumProof(wanted, entry, place)
}

function checksumProof(
  { name }: Wanted,
  entry: HexLock,
  place: { readonly file: string; readonly line: number }
): Proof {
  const checksums = { inner: entry.innerChecksum, outer: entry.outerChecksum }
  for (const [which, checksum] of Object.entries(checksums)) {
    if (checksum === undefined) {
      return notAvailable(
        1,
        `The entry for ${name} has no ${which} checksum; a Hex of before 2020 wrote it.`,
        `Run \`mix deps.get\` with a Hex of today and commit the lock file.`,
        place
      )
    }
    if (!/^[0-9a-f]{64}$/.test(checksum)) {
      return disproved(
        1,
        `The ${which} checksum of ${name}, ${JSON.stringify(checksum)}, is not 64 lower-case hexadecimal digits.`,
        { code: 'mix-lock-unreadable', hint: `Run \`mix deps.update ${name}\` and commit the lock file.` },
        place
      )
    }
  }
  const newer = entry.newer ? '; the entry has fields of a later Hex, which were not read' : ''
  return proved(
    1,
    `${entry.package} ${entry.version} from ${entry.repository}, outer checksum ${entry.outerChecksum ?? ''}${newer}.`,
    place
  )
}

function repositoryHint(repository: string): string {
  const organization = /^hexpm:(.+)$/.exec(repository)?.[1]
  // Hex itself writes "hexpm:#{organization}" (lib/hex/scm.ex).
  if (organization === 'nil')
    return 'Take `organization: nil` out of the dependency in mix.exs: Hex reads it as the name "nil".'
  return organization === undefined
    ? 'Where this is wanted, set input organization to that of the package; a repository of your own is no part of Hex, and cannot be proved here.'
    : `Where this is wanted, set \`organization: ${organization}\`; otherwise take \`organization:\` out of the dependency in mix.exs.`
}
