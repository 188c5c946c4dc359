import { stripVTControlCharacters } from 'node:util'
import type { HexLock } from '../mix-lock.ts'
import { disproved, elsewhere, notAvailable, proved, type Proof, type Wanted } from './proof.ts'

/** What `mix deps` said. */
export interface MixDepsRun {
  readonly exitCode: number | null
  readonly output: string
}

/**
 * Proof 3: Mix, having run mix.exs, says itself where it takes the dependency from.
 *
 * @param run undefined where there is no Mix to ask
 */
export function proveMixDeps(wanted: Wanted, locked: HexLock | undefined, run: MixDepsRun | undefined): Proof {
  const { name } = wanted
  const hint = 'Run this after setup-beam and `mix deps.get`, so that `mix deps` works.'
  if (run === undefined) return notAvailable(3, 'There is no mix on PATH.', hint)
  if (run.exitCode !== 0) {
    const said = run.output.split('\n').findLast((line) => line.trim() !== '') ?? 'nothing'
    return notAvailable(
      3,
      `\`mix deps\` ended with ${run.exitCode ?? 'no exit code'} and said last: ${said.trim()}`,
      hint
    )
  }
  const expected = locked && lockedAt(locked)
  const all = readMixDeps(run.output).get(name) ?? []
  // Mix lists each once, in an umbrella too; where it ever lists one in two ways, none may be other than expected.
  const listed = all.find(({ source, lockedAt }) => source !== 'Hex package' || lockedAt !== expected) ?? all[0]
  if (listed === undefined) {
    return disproved(3, `Mix does not list ${name} among the dependencies.`, {
      code: 'dependency-not-from-hex',
      hint: `Write \`{:${name}, "~> …"}\` plainly in mix.exs.`
    })
  }
  if (listed.source !== 'Hex package') {
    return elsewhere(
      disproved(3, `Mix takes ${name} from ${listed.source}, not from Hex.`, {
        code: 'dependency-not-from-hex',
        hint: `Write \`{:${name}, "~> …"}\` in mix.exs, or see which variable of this job's environment makes mix.exs take another source.`
      })
    )
  }
  const status = listed.status === undefined || listed.status === 'ok' ? '' : `; ${listed.status}`
  if (listed.lockedAt === undefined || expected === undefined) {
    return notAvailable(3, `Mix takes ${name} from Hex, and shows no locked version${status}.`, hint)
  }
  if (listed.lockedAt !== expected) {
    return disproved(3, `Mix has ${name} locked at ${listed.lockedAt}, and the lock file says ${expected}.`, {
      code: 'dependency-stale',
      hint: 'Run `mix deps.get` and commit the lock file.'
    })
  }
  if (unfetched.test(listed.status ?? '')) {
    return notAvailable(3, `Mix takes ${name} from Hex, and says: ${listed.status ?? ''}.`, hint)
  }
  if (!settled.test(listed.status ?? 'ok')) {
    return disproved(3, `Mix takes ${name} from Hex, and says: ${listed.status ?? ''}.`, {
      code: 'dependency-stale',
      hint: 'Run `mix deps.get`, see with `mix deps` that it says nothing of the kind, and commit the lock file.'
    })
  }
  return proved(3, `Hex package, locked at ${listed.lockedAt}${status}.`)
}

// Of what Mix can say (Mix.Dep.format_status/1): nothing of these is about where the dependency comes from, they tell
// that it is not compiled yet.
const settled = /^ok$|build is outdated|was built with|could not find an app file|^the app file/
const unfetched = /^the dependency is not available/

/** As Hex shows it (lib/hex/scm.ex, `format_lock`): with the first eight digits of the outer checksum. */
function lockedAt({ version, repository, package: name, outerChecksum }: HexLock): string {
  return `${version} (${repository === 'hexpm' ? '' : `${repository}/`}${name}) ${outerChecksum?.slice(0, 8) ?? ''}`
}

export interface ListedDependency {
  /** `Hex package`, a path, or a git address. */
  readonly source: string
  readonly lockedAt: string | undefined
  /** `ok`, or what Mix says instead. */
  readonly status: string | undefined
}

/**
 * Reads what `mix deps` prints: `* NAME VERSION (SOURCE) (MANAGER)`, then indented `locked at …` and a status. Version
 * and manager are not always there.
 */
export function readMixDeps(output: string): ReadonlyMap<string, readonly ListedDependency[]> {
  const listed = new Map<string, ListedDependency[]>()
  let current: ListedDependency[] = []
  // A project can turn colours on (`config :elixir, ansi_enabled: true`).
  for (const line of stripVTControlCharacters(output).split(/\r?\n/)) {
    const head = /^\* (\S+)(?: [^ (]\S*)? \((.*?)\)(?: \([a-z0-9]+\))?$/.exec(line)
    if (head !== null) {
      const [, name = '', source = ''] = head
      current = listed.get(name) ?? []
      current.push({ source, lockedAt: undefined, status: undefined })
      listed.set(name, current)
      continue
    }
    const last = current.at(-1)
    if (last === undefined || !/^ {2}\S/.test(line)) continue
    const locked = /^ {2}locked at (.+)$/.exec(line)?.[1]
    if (locked !== undefined) current[current.length - 1] = { ...last, lockedAt: locked }
    else if (last.status === undefined) current[current.length - 1] = { ...last, status: line.trim() }
  }
  return listed
}
