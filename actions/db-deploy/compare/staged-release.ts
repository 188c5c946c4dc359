import { constants, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, sep } from 'node:path'
import { fail } from '../../shared/problem.ts'

/**
 * Lets a release run a history that ends where the database is: it takes all that stands in its own `priv` folders, so it
 * runs as a copy in which the files of what is pending are missing. Its scripts find their root from where they stand
 * (https://hexdocs.pm/mix/Mix.Tasks.Release.html, RELEASE_ROOT). The copy is removed after `use`.
 *
 * @param binary absolute, as `mix release` makes it: ROOT/bin/NAME
 * @param pending paths of the files that the copy must not have; their names count, as a release has copies of its own
 * @throws ActionError where the release has them elsewhere, and would run them
 */
export async function withAppliedRelease<T>(
  binary: string,
  pending: readonly string[],
  temp: string | undefined,
  use: (binary: string) => Promise<T>
): Promise<T> {
  const root = dirname(dirname(binary))
  const left = new Set(pending.map((path) => basename(path)))
  const met = new Set<string>()
  const place = mkdtempSync(join(temp ?? tmpdir(), 'applied-release-'))
  try {
    const copy = join(place, basename(root))
    cpSync(root, copy, {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
      filter: (path) => {
        const name = basename(path)
        if (!left.has(name) || !relative(root, path).split(sep).includes('priv')) return true
        met.add(name)
        return false
      }
    })
    const kept = [...left].filter((name) => !met.has(name))
    if (kept.length > 0) {
      fail({
        code: 'schema-not-compared',
        message: `The release ${basename(root)} has no ${kept.join(', ')} below lib/*/priv, so what is pending cannot be taken out of it.`,
        hint: 'Build the release from the same commit as the migrations, before this step; or compare in a job that has the Mix project.'
      })
    }
    return await use(join(copy, relative(root, binary)))
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
