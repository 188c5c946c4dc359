import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createGithub, type Github } from '../shared/github.ts'
import { ActionError } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import { listApiTree, readCommit } from './api-tree.ts'
import type { Change } from './change.ts'
import type { Source } from './configuration.ts'
import { openGit } from './git.ts'
import { listTree, resolveCommit } from './git-tree.ts'
import type { Inputs } from './inputs.ts'
import type { NotAvailable, SourceListing } from './listing.ts'
import { readManifest } from './manifest.ts'
import { repositoryIn } from './repository-url.ts'
import type { Tree, TreeFile } from './tree.ts'

type Asked = Pick<Inputs, 'tokens' | 'context' | 'environment'>

/**
 * What the source of truth has: asked of GitHub, else of a checkout beside this one, else of the committed manifest.
 * The manifest is read from the head: a change that ports a migration brings its line along, and because the manifest
 * is frozen, that line is reviewed.
 *
 * @param fromFork the pull request comes from a fork, whose runs get no secrets
 */
export async function readSource(
  source: Source,
  change: Pick<Change, 'head'>,
  inputs: Asked,
  world: Pick<World, 'http' | 'clock' | 'log'>,
  fromFork = false
): Promise<SourceListing> {
  const noSecrets = fromFork && inputs.tokens.source === undefined
  const failures: NotAvailable[] = []
  for (const read of [readByApi, readCheckout, readCommitted]) {
    const listing = await read(source, change.head, inputs, world)
    if (listing === undefined) continue
    if ('files' in listing) {
      if (listing.files.size > 0) return listing
      failures.push({
        notAvailable: `${listing.label} has nothing in ${source.path}.`,
        next: 'Correct `source.path` or `source.ref` in the configuration.'
      })
    } else {
      failures.push(noSecrets && read === readByApi ? { ...listing, next: ofForks(source) } : listing)
      world.log.debug(listing.notAvailable)
    }
  }
  if (failures.length === 0)
    return noSecrets ? { ...nothingToAsk(source), next: ofForks(source) } : nothingToAsk(source)
  return {
    notAvailable: failures.map(({ notAvailable }) => notAvailable).join(' '),
    next: failures.map(({ next }) => next).join(' Or: ')
  }
}

/** Whoever opened it can give no token, and the workflow mostly has one already. */
function ofForks({ manifest, repository }: Source): string {
  return manifest === undefined
    ? `A pull request from a fork gets no secrets, and so no \`source-token\`: a maintainer sets \`source.manifest\` to a committed list of what ${repository} has, or brings the change in from a branch of this repository.`
    : `A pull request from a fork gets no secrets, and so no \`source-token\`: bring the manifest ${manifest} up to date, or bring the change in from a branch of this repository.`
}

function nothingToAsk({ repository }: Source): NotAvailable {
  return {
    notAvailable: `There is no token to read ${repository} with, and the configuration names neither a checkout nor a manifest of it.`,
    next: 'Give input `source-token` a token that can read it (`contents: read`), or set `source.manifest`.'
  }
}

async function readByApi(
  source: Source,
  _: Tree,
  { tokens, context }: Asked,
  { http, clock }: Pick<World, 'http' | 'clock'>
): Promise<SourceListing | undefined> {
  const token = tokens.source ?? tokens.github
  if (token === undefined) return undefined
  const { repository, ref, path } = source
  const github: Github = createGithub({ http, clock, apiUrl: context.apiUrl, graphqlUrl: context.graphqlUrl, token })
  try {
    const commit = await readCommit(github, repository, ref)
    const files = below(await listApiTree(github, repository, commit.tree), path)
    return { label: labelOf(source, commit.sha), files, commit: commit.sha, way: 'api' }
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    const own = tokens.source === undefined && repository !== context.repository
    return {
      notAvailable: `${repository}@${ref} cannot be read: ${error.message.replace(/[.!]?$/, '.')}`,
      next: own
        ? 'Give input `source-token` a token that can read it (`contents: read`): the job’s own reads no other private repository, and GitHub answers 404 for what a token may not see.'
        : (error.problems[0]?.hint ?? '')
    }
  }
}

async function readCheckout(
  source: Source,
  _: Tree,
  { context, environment }: Asked
): Promise<SourceListing | undefined> {
  const { checkout, repository, ref, path } = source
  if (checkout === undefined) return undefined
  const next =
    environment['GITHUB_ACTIONS'] === 'true'
      ? `Check ${repository} out at ${ref} into ${checkout} in an earlier step (actions/checkout with repository, ref and path).`
      : `Clone ${repository} into ${checkout}, which \`source.checkout\` names, at ${ref}.`
  const folder = resolve(context.workspace, checkout)
  if (!existsSync(folder))
    return { notAvailable: `There is no folder ${checkout}, which \`source.checkout\` names.`, next }
  const opened = await openGit(folder, environment, false)
  if (!('git' in opened)) return { notAvailable: opened.why, next }
  const { git } = opened
  const url = (await git.run(['config', '--get', 'remote.origin.url'])).output.toString('utf8').trim()
  // A folder within this repository's own checkout would open that.
  if (repositoryIn(url)?.repository.toLowerCase() !== repository.toLowerCase())
    return {
      notAvailable: `${checkout} is not a checkout of ${repository}: its origin is ${withoutUser(url) || 'none'}.`,
      next
    }
  const commit = await resolveCommit(git, 'HEAD')
  const named = /^[0-9a-f]{40,64}$/.test(ref) ? ref : undefined
  if (commit !== undefined && named !== undefined && named !== commit)
    return { notAvailable: `${checkout} is at ${commit}, and ${ref} is asked for.`, next }
  const files = commit === undefined ? undefined : await listTree(git, commit)
  if (commit === undefined || files === undefined)
    return { notAvailable: `${checkout} has no commit whose files could be read.`, next }
  return { label: `${labelOf(source, commit)} in ${checkout}`, files: below(files, path), commit, way: 'checkout' }
}

async function readCommitted(source: Source, head: Tree): Promise<SourceListing | undefined> {
  const { manifest: file } = source
  if (file === undefined) return undefined
  const next = `Write it anew in a checkout of ${source.repository} with the command manifest of the guard, and commit it as ${file}.`
  if (!head.files.has(file)) return { notAvailable: `There is no manifest ${file}.`, next }
  const read = readManifest((await head.read(file)).toString('utf8'), file)
  if ('problems' in read) {
    const said = read.problems.map(({ line, message }) => `line ${line ?? 1}: ${message}`)
    return { notAvailable: `The manifest ${file} cannot be read: ${said.slice(0, 3).join(' ')}`, next }
  }
  const { manifest } = read
  const others = (['repository', 'ref', 'path'] as const).filter(
    (key) => manifest[key].toLowerCase() !== source[key].toLowerCase()
  )
  if (others.length > 0) {
    const said = others.map((key) => `${key} ${manifest[key]} instead of ${source[key]}`)
    return { notAvailable: `The manifest ${file} is of another source: ${said.join(', ')}.`, next }
  }
  const { files, commit } = manifest
  return { label: `${labelOf(source, commit)} by ${file}`, files, commit, way: 'manifest' }
}

/** The regular files of a folder, by their path below it: what a link or a submodule leads to is none of its files. */
export function below(files: ReadonlyMap<string, TreeFile>, folder: string): Map<string, string> {
  const prefix = folder === '.' ? '' : `${folder}/`
  return new Map(
    [...files].flatMap(([path, { blob, mode }]) =>
      path.startsWith(prefix) && mode.startsWith('100') ? [[path.slice(prefix.length), blob] as const] : []
    )
  )
}

function labelOf({ repository, ref }: Source, commit: string): string {
  return `${repository}@${ref} (${commit.slice(0, 7)})`
}

/** An address may have a password in it. */
function withoutUser(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//')
}
