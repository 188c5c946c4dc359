import { glob, readFile, stat } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { errorCode } from '../../shared/http-failure.ts'
import { fail, type Problem } from '../../shared/problem.ts'

/** A tarball as it lay on the disk. From here on only `bytes` count: what is inspected is what is sent. */
export interface TarballFile {
  readonly bytes: Buffer
  /** Absolute. */
  readonly path: string
  /** Relative to the workspace where it lies in it. */
  readonly shown: string
  /** What the tool that built it warned of, where it was built here. */
  readonly warnings?: readonly string[]
}

/** No tarball of Hex is longer than 16 MiB; what is far beyond is not read into memory to say so. Bytes. */
const longestRead = 64 * 1024 * 1024

/**
 * Finds the one file that the input `tarball` names, and reads it.
 * @param pattern a path or a glob (node:fs), relative to the workspace or absolute
 * @throws {ActionError} where it is no file, several, or none that can be read
 */
export async function readTarballFile(workspace: string, pattern: string): Promise<TarballFile> {
  const paths = await matches(workspace, pattern)
  const [path, ...others] = paths
  if (path === undefined) {
    return fail({
      code: 'tarball-unmatched',
      message: `No file matches ${JSON.stringify(pattern)} in the input tarball.`,
      hint: 'It is relative to the workspace. Jobs share no files: download the artifact of the job that built it in an earlier step.'
    })
  }
  if (others.length > 0) {
    return fail({
      code: 'tarball-ambiguous',
      message: `${JSON.stringify(pattern)} in the input tarball matches ${paths.length} files: ${shownSome(workspace, paths)}.`,
      hint: 'A run publishes one package. Name one file, or take what an earlier build left out of the folder.'
    })
  }
  const shown = shownPath(workspace, path)
  try {
    const { size } = await stat(path)
    if (size > longestRead) return fail(unreadable(shown, `it has ${size} bytes, and Hex takes 16 MiB`))
    return { bytes: await readFile(path), path, shown }
  } catch (error) {
    const code = errorCode(error)
    if (!/^E[A-Z0-9]+$/.test(code)) throw error
    return fail(unreadable(shown, code))
  }
}

function unreadable(shown: string, why: string): Problem {
  return {
    code: 'file-unreadable',
    message: `${shown} cannot be read: ${why}.`,
    hint: 'Check that it is the tarball of a package, its owner and its permissions; a step in a container may have written it as root.',
    file: shown
  }
}

/** A file of exactly this name goes first: `demo[1].tar` is a name as well as a glob. */
async function matches(workspace: string, pattern: string): Promise<readonly string[]> {
  const literal = resolve(workspace, pattern)
  if (await isFile(literal)) return [literal]
  const found: string[] = []
  for await (const path of glob(pattern, { cwd: workspace })) {
    const absolute = resolve(workspace, path)
    if (await isFile(absolute)) found.push(absolute)
  }
  return [...new Set(found)].sort()
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false
  )
}

function shownSome(workspace: string, paths: readonly string[]): string {
  const told = paths.slice(0, 5).map((path) => shownPath(workspace, path))
  return `${told.join(', ')}${paths.length > told.length ? ', …' : ''}`
}

function shownPath(workspace: string, path: string): string {
  const way = relative(workspace, path)
  return way === '..' || way.startsWith(`..${sep}`) ? path : way.replaceAll(sep, '/')
}
