import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fail, type Problem } from '../actions/shared/problem.ts'
import type { Git } from './git.ts'
import type { Pull } from './pulls.ts'

/** The consumer's repository as the jobs will see it. */
export interface TemporaryRepository {
  /** Work tree, for act to start in. */
  readonly folder: string
  /** Bare repository that stands for the one on GitHub: jobs fetch from it and push to it. */
  readonly origin: string
  readonly owner: string
  readonly name: string
  /** The repository does not say where on GitHub it is. */
  readonly ownerIsMadeUp: boolean
  readonly defaultBranch: string
  /** What runs: of a pull request, its merge with the branch that it goes to. */
  readonly sha: string
  readonly message: string
  readonly pull?: PulledCommits
  /** Commit by full ref name. */
  readonly refs: ReadonlyMap<string, string>
  /** What the user should know about how it was made. */
  readonly remarks: readonly string[]
}

/** The commits of a pull request. */
export interface PulledCommits {
  readonly base: string
  readonly head: string
  readonly merge: string
}

/**
 * Copies a repository with its history and the working tree as it is now, and tags it. Ignored and untracked files, hooks,
 * configuration and credentials stay behind.
 *
 * @param source folder of the consumer; need not be a git repository, or may be a folder inside one
 * @param tag a name that git takes; set on the result, moved when it is elsewhere; `undefined` sets none
 * @param work empty folder for the result
 * @param pull a pull request to make on top: its branch, its head and its merge
 */
export async function temporaryRepository(
  source: string,
  tag: string | undefined,
  work: string,
  git: Git,
  pull?: Pull
): Promise<TemporaryRepository> {
  const folder = join(work, 'repository')
  const remarks: string[] = []
  const isRepository = await isTopLevel(source, git)
  const defaultBranch = isRepository ? await branchOf(source, git) : 'main'

  if (isRepository) {
    await git(['clone', '--quiet', '--no-hardlinks', '--no-checkout', source, folder])
    await git(['checkout', '--quiet', '-B', defaultBranch, 'HEAD'], { cwd: folder })
  } else {
    await git(['init', '--quiet', `--initial-branch=${defaultBranch}`, folder])
  }
  const head = isRepository ? (await git(['rev-parse', 'HEAD'], { cwd: folder })).trim() : ''
  await copyWorkingTree(source, folder, git, remarks)
  await git(['add', '--all'], { cwd: folder })
  const changed = (await git(['status', '--porcelain'], { cwd: folder })) !== ''
  if (changed || !isRepository) {
    const message = isRepository ? 'Rehearse the working tree' : 'Rehearse the folder'
    await git(['commit', '--quiet', '--allow-empty', '--no-verify', '-m', message], { cwd: folder })
    if (isRepository)
      remarks.push('the working tree has changes that are not committed; they are part of the rehearsal')
  }
  const base = (await git(['rev-parse', 'HEAD'], { cwd: folder })).trim()
  const pulled = pull === undefined ? undefined : await commitPull(pull, base, defaultBranch, folder, git)
  const sha = pulled?.merge ?? base
  if (tag !== undefined) await setTag(tag, { head, sha }, folder, git, remarks)

  const { owner, name, ownerIsMadeUp } = await nameOnGitHub(source, isRepository, git)
  await git(['remote', 'remove', 'origin'], { cwd: folder }).catch(() => '')
  await git(['remote', 'add', 'origin', `https://github.com/${owner}/${name}`], { cwd: folder })
  const origin = join(work, 'origin.git')
  // `--mirror`: refs/pull too, as GitHub has them.
  await git(['clone', '--quiet', '--mirror', '--no-hardlinks', folder, origin])
  // actions/checkout fetches by commit, which GitHub allows.
  await git(['config', 'uploadpack.allowAnySHA1InWant', 'true'], { cwd: origin })
  return {
    folder,
    origin,
    owner,
    name,
    ownerIsMadeUp,
    defaultBranch,
    sha,
    message: (await git(['log', '-1', '--format=%B'], { cwd: folder })).trim(),
    ...(pulled !== undefined && { pull: pulled }),
    refs: await refsOf(origin, git),
    remarks
  }
}

/** The patch on a branch of its own, and the merge that GitHub makes of it to run workflows on. */
async function commitPull(
  pull: Pull,
  base: string,
  defaultBranch: string,
  folder: string,
  git: Git
): Promise<PulledCommits> {
  if (pull.branch === defaultBranch) {
    fail({
      code: 'rehearse-settings',
      message: `the pull request ${pull.name} has the branch ${pull.branch}, to which it goes`,
      hint: 'give it another `branch`'
    })
  }
  // The repository may have a branch of that name: this one is the pull request's here.
  await git(['checkout', '--quiet', '-B', pull.branch, base], { cwd: folder })
  await git(['apply', '--index', pull.patch], { cwd: folder }).catch((error: unknown) => {
    const said = String(error).split('\n').slice(1).join(' ').trim()
    fail({
      code: 'rehearse-patch',
      message: `the patch of the pull request ${pull.name} does not fit the repository: ${said}`,
      hint: `make it anew: change the files, then git diff --binary > ${basename(pull.patch)}`
    })
  })
  const author = [`--author=${pull.author} <${pull.author}@users.noreply.github.com>`]
  await git(['commit', '--quiet', '--no-verify', ...author, '-m', pull.title], { cwd: folder })
  const head = (await git(['rev-parse', 'HEAD'], { cwd: folder })).trim()
  await git(['checkout', '--quiet', '--detach', base], { cwd: folder })
  await git(['merge', '--quiet', '--no-ff', '--no-verify', '-m', `Merge ${head} into ${base}`, head], { cwd: folder })
  const merge = (await git(['rev-parse', 'HEAD'], { cwd: folder })).trim()
  await git(['update-ref', `refs/pull/${pull.number}/head`, head], { cwd: folder })
  await git(['update-ref', `refs/pull/${pull.number}/merge`, merge], { cwd: folder })
  return { base, head, merge }
}

/** The newest tag at HEAD; `undefined` when there is none or the folder is no repository. */
export async function tagAtHead(source: string, git: Git): Promise<string | undefined> {
  if (!(await isTopLevel(source, git))) return undefined
  const tags = await git(['tag', '--points-at', 'HEAD', '--sort=-creatordate'], { cwd: source }).catch(() => '')
  return tags.split('\n').find((tag) => tag !== '')
}

/** Why git would not take this name for a tag; empty when it would. */
export async function tagProblems(tag: string, git: Git): Promise<readonly Problem[]> {
  // git refuses a tag that looks like an option although the format of refs allows it.
  const valid =
    !tag.startsWith('-') &&
    (await git(['check-ref-format', `refs/tags/${tag}`]).then(
      () => true,
      () => false
    ))
  if (valid) return []
  return [
    {
      code: 'rehearse-tag',
      message: `"${tag}" is no name for a tag`,
      hint: 'git allows no spaces, no control characters and none of ~^:?*[\\ in it; see git check-ref-format'
    }
  ]
}

async function isTopLevel(source: string, git: Git): Promise<boolean> {
  const top = await git(['rev-parse', '--show-toplevel'], { cwd: source }).catch(() => '')
  const hasCommit = await git(['rev-parse', '--verify', '--quiet', 'HEAD'], { cwd: source }).catch(() => '')
  return top !== '' && hasCommit !== '' && realpathSync(top.trim()) === realpathSync(source)
}

async function branchOf(source: string, git: Git): Promise<string> {
  const head = await git(['symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD'], { cwd: source }).catch(
    () => ''
  )
  if (head !== '') return head.trim().replace(/^origin\//, '')
  const branches = (await git(['branch', '--format=%(refname:short)'], { cwd: source })).split('\n')
  const current = (await git(['branch', '--show-current'], { cwd: source })).trim()
  return ['main', 'master'].find((name) => branches.includes(name)) ?? (current === '' ? 'main' : current)
}

/** Files that hold secrets as a rule, act's own among them: never taken from a folder that is not in git. */
const credentialFiles = new Set([
  ...['.env', '.secrets', '.vars', '.input', '.actrc'],
  ...['.npmrc', '.yarnrc', '.yarnrc.yml', '.pypirc', '.netrc', '_netrc', '.git-credentials', 'pip.conf', 'pip.ini']
])

/**
 * What git knows is copied, as it is in the working tree: a runner has nothing else, and files beside it are where
 * credentials lie.
 */
async function copyWorkingTree(source: string, folder: string, git: Git, remarks: string[]): Promise<void> {
  const tracked = names(await git(['ls-files', '-z', '--cached', '--deduplicate'], { cwd: source }).catch(() => ''))
  if (tracked.length === 0) {
    // The ignore rules of a folder outside git are read by making the copy's index look at it.
    const files = names(
      await git(['--work-tree', source, 'ls-files', '-z', '--others', '--exclude-standard'], { cwd: folder })
    )
    const isKept = (name: string): boolean => !credentialFiles.has(basename(name))
    copyFiles(files.filter(isKept), source, folder, remarks)
    tell(
      'files that hold credentials as a rule are left out',
      files.filter((name) => !isKept(name)),
      remarks
    )
    return
  }
  for (const name of names(await git(['ls-files', '-z'], { cwd: folder }))) {
    if (!existsSync(join(source, name))) rmSync(join(folder, name), { force: true })
  }
  copyFiles(tracked, source, folder, remarks)
  const others = names(await git(['ls-files', '-z', '--others', '--exclude-standard'], { cwd: source }))
  tell('files that git does not know are left out (git add takes them in)', others, remarks)
}

function tell(what: string, files: readonly string[], remarks: string[]): void {
  if (files.length === 0) return
  const more = files.length > 10 ? ` and ${files.length - 10} more` : ''
  remarks.push(`${what}: ${files.slice(0, 10).join(', ')}${more}`)
}

function copyFiles(files: readonly string[], source: string, folder: string, remarks: string[]): void {
  for (const name of files) {
    const from = join(source, name)
    const to = join(folder, name)
    const stats = lstatSync(from, { throwIfNoEntry: false })
    if (stats === undefined) continue
    if (stats.isDirectory()) {
      remarks.push(`the submodule or nested repository ${name} is left out`)
      continue
    }
    mkdirSync(dirname(to), { recursive: true })
    rmSync(to, { force: true, recursive: true })
    if (stats.isSymbolicLink()) symlinkSync(readlinkSync(from), to)
    else copyFileSync(from, to)
  }
}

function names(listing: string): string[] {
  return listing.split('\0').filter((name) => name !== '')
}

/** @param at the commit that the source is at, and the one that also has its working tree */
async function setTag(
  tag: string,
  at: { readonly head: string; readonly sha: string },
  folder: string,
  git: Git,
  remarks: string[]
): Promise<void> {
  const found = await git(['rev-parse', '--verify', '--quiet', `refs/tags/${tag}^{commit}`], { cwd: folder }).catch(
    () => ''
  )
  const there = found.trim()
  if (there === at.sha) return
  if (there !== '' && there !== at.head) {
    remarks.push(
      `the tag ${tag} is at ${there.slice(0, 10)}, and the working tree at ${at.head.slice(0, 10)}: the working tree is rehearsed, not the tag`
    )
  }
  await git(['tag', '--force', '--no-sign', tag, at.sha], { cwd: folder })
}

async function nameOnGitHub(
  source: string,
  isRepository: boolean,
  git: Git
): Promise<Pick<TemporaryRepository, 'owner' | 'name' | 'ownerIsMadeUp'>> {
  const address = isRepository ? await git(['remote', 'get-url', 'origin'], { cwd: source }).catch(() => '') : ''
  const match = /github\.com[:/]([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?\s*$/.exec(address)
  if (match?.[1] !== undefined && match[2] !== undefined)
    return { owner: match[1], name: match[2], ownerIsMadeUp: false }
  const name = basename(realpathSync(source)).replaceAll(/[^\w.-]+/g, '-')
  return { owner: 'octo-org', name, ownerIsMadeUp: true }
}

async function refsOf(origin: string, git: Git): Promise<ReadonlyMap<string, string>> {
  // `*objectname` is the commit that an annotated tag points at.
  const lines = await git(['for-each-ref', '--format=%(refname) %(objectname) %(*objectname)'], { cwd: origin })
  const refs = new Map<string, string>()
  for (const line of lines.split('\n')) {
    const [ref = '', object = '', commit = ''] = line.split(' ')
    if (ref !== '') refs.set(ref, commit === '' ? object : commit)
  }
  return refs
}
