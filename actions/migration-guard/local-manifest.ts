import { resolve } from 'node:path'
import { fail } from '../shared/problem.ts'
import { openGit } from './git.ts'
import { listTree, resolveCommit } from './git-tree.ts'
import { makeManifest } from './manifest.ts'
import { repositoryIn } from './repository-url.ts'
import { below } from './source-listing.ts'

/** What the command asks for. */
export interface ManifestCommand {
  /** The folder of migrations, relative to the repository's root. */
  readonly folder: string
  /** Branch, tag or commit that the configuration names as `source.ref`; undefined: the branch that is checked out. */
  readonly ref: string | undefined
  /** The source's checkout, relative to where the command runs. */
  readonly path: string
}

/**
 * The manifest of a folder as the source has it at a ref: what is committed, not what lies in the working tree.
 * @throws {ActionError}
 */
export async function localManifest(command: ManifestCommand, env: NodeJS.ProcessEnv): Promise<string> {
  const opened = await openGit(resolve(command.path), env, false)
  if (!('git' in opened)) return fail({ code: 'not-a-checkout', message: opened.why, hint: opened.atTerminal })
  const { git } = opened
  const said = async (...args: readonly string[]): Promise<string> =>
    (await git.run(args)).output.toString('utf8').trim()
  const ref = command.ref ?? ((await said('symbolic-ref', '--quiet', '--short', 'HEAD')) || 'HEAD')
  const commit = (await resolveCommit(git, ref)) ?? (await resolveCommit(git, `refs/remotes/origin/${ref}`))
  if (commit === undefined) {
    return fail({
      code: 'change-without-base',
      message: `${JSON.stringify(ref)} names no commit of this clone.`,
      hint: 'Give --ref the branch, tag or commit that `source.ref` of the configuration names, and fetch it first.'
    })
  }
  const repository = repositoryIn(await said('config', '--get', 'remote.origin.url'))?.repository
  const path = command.folder.replace(/^\.\//, '').replace(/\/+$/, '')
  const files = below((await listTree(git, commit)) ?? new Map(), path)
  if (repository === undefined || files.size === 0) {
    return fail({
      code: 'guard-manifest',
      message:
        repository === undefined
          ? 'The remote origin of this clone is no repository of a server, so the manifest could not name it.'
          : `${ref} has no file in ${path}.`,
      hint: 'Run this in a clone of the source of truth, with the folder of its migrations relative to the root.'
    })
  }
  return makeManifest({ repository, ref, commit, path, files })
}
