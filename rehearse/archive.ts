import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Git } from './git.ts'

/**
 * Unpacks what a runner downloads for `uses: org/release-actions/…`: GitHub's archive of the commit that the working
 * tree would make, `export-ignore` honoured. What is not committed yet counts, what git ignores does not.
 *
 * @param project root of this project, a git work tree
 * @param target folder for the archive's files
 * @param work folder for what is made on the way
 * @see https://git-scm.com/docs/git-archive (`export-ignore`)
 */
export async function unpackRunnerArchive(project: string, target: string, work: string, git: Git): Promise<void> {
  const objects = join(work, 'archive-objects')
  mkdirSync(objects, { recursive: true })
  const own = (await git(['rev-parse', '--git-path', 'objects'], { cwd: project })).trim()
  // An index and an object store beside the project's own: a rehearsal leaves no trace in its repository.
  const env = {
    GIT_INDEX_FILE: join(work, 'archive-index'),
    GIT_OBJECT_DIRECTORY: objects,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: resolve(project, own)
  }
  await git(['add', '--all', '--', '.'], { cwd: project, env })
  const tree = (await git(['write-tree'], { cwd: project, env })).trim()
  const tar = join(work, 'archive.tar')
  await git(['archive', '--format=tar', `--output=${tar}`, tree], { cwd: project, env })
  mkdirSync(target, { recursive: true })
  await promisify(execFile)('tar', ['-xf', tar, '-C', target])
}

/** Names of the front doors: root folders with an action.yml. */
export function frontDoors(project: string): readonly string[] {
  return readdirSync(project, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(project, entry.name, 'action.yml')))
    .map((entry) => entry.name)
}
