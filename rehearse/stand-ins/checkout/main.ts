import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fail, info, input, notRehearsed, required, setOutput } from '../shared/runner.ts'

const workspace = required('GITHUB_WORKSPACE')
const own = required('GITHUB_REPOSITORY')
const target = resolve(workspace, input('path') || '.')

if (input('repository').toLowerCase() === own.toLowerCase()) checkOut()
else notRehearsed(`checkout of ${input('repository')}: only ${own} is at hand`)

/**
 * As actions/checkout does it: a fetch of one commit without tags unless asked for more, so that a workflow that
 * forgot `fetch-depth: 0` fails here too.
 */
function checkOut(): void {
  mkdirSync(target, { recursive: true })
  if (input('clean') !== 'false')
    for (const name of readdirSync(target)) rmSync(join(target, name), { recursive: true })
  const address = `${required('GITHUB_SERVER_URL')}/${own}`
  git('init', '--quiet', target)
  git('remote', 'add', 'origin', address)
  // Fetches and pushes go through the rehearsal's helper on PATH, while the address stays GitHub's.
  git('config', 'remote.origin.vcs', 'rehearsal')

  const wanted = wantedRef()
  const depth = Number(input('fetch-depth') || '1')
  const options = depth > 0 ? [`--depth=${depth}`] : []
  const refspecs =
    depth > 0
      ? [
          `+${wanted.commit || wanted.ref}:${wanted.local}`,
          ...(input('fetch-tags') === 'true' ? ['+refs/tags/*:refs/tags/*'] : [])
        ]
      : [
          '+refs/heads/*:refs/remotes/origin/*',
          '+refs/tags/*:refs/tags/*',
          // A pull request's merge is on no branch (checkout's ref-helper.ts, getRefSpecForAllHistory).
          ...(wanted.ref.startsWith('refs/pull/') ? [`+${wanted.commit || wanted.ref}:${wanted.local}`] : [])
        ]
  // `--no-tags`: tags come only when they are asked for (checkout's git-command-manager.ts).
  git('fetch', '--quiet', '--no-tags', '--prune', ...options, 'origin', ...refspecs)
  if (wanted.branch !== undefined) git('checkout', '--quiet', '--force', '-B', wanted.branch, wanted.local)
  else git('checkout', '--quiet', '--force', '--detach', depth > 0 ? wanted.local : wanted.commit || wanted.ref)
  if (input('submodules') !== '' && input('submodules') !== 'false') notRehearsed('checkout of submodules')

  const commit = git('rev-parse', 'HEAD').trim()
  setOutput('ref', wanted.ref)
  setOutput('commit', commit)
  info(`${own} at ${wanted.ref} (${commit})`)
}

interface Wanted {
  readonly ref: string
  readonly commit: string
  /** Where the commit is kept in the clone. */
  readonly local: string
  readonly branch?: string
}

function wantedRef(): Wanted {
  const asked = input('ref')
  const eventRef = required('GITHUB_REF')
  if (asked === '' || asked === eventRef) return at(eventRef, required('GITHUB_SHA'))
  if (/^[0-9a-f]{40}$/.test(asked)) return { ref: asked, commit: asked, local: 'refs/remotes/origin/checkout' }
  if (asked.startsWith('refs/')) return at(asked, '')
  // A bare name may be a branch or a tag; checkout tries them in this order (ref-helper.ts).
  const remote = git('ls-remote', 'origin', `refs/heads/${asked}`, `refs/tags/${asked}`)
  const found = [`refs/heads/${asked}`, `refs/tags/${asked}`].find((ref) =>
    remote.split('\n').some((line) => line.endsWith(`\t${ref}`))
  )
  return found === undefined ? fail(`A branch or tag with the name '${asked}' could not be found`) : at(found, '')
}

function at(ref: string, commit: string): Wanted {
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1]
  if (branch !== undefined) return { ref, commit, local: `refs/remotes/origin/${branch}`, branch }
  const pull = /^refs\/pull\/(.+)$/.exec(ref)?.[1]
  return { ref, commit, local: pull === undefined ? ref : `refs/remotes/pull/${pull}` }
}

function git(...args: readonly string[]): string {
  try {
    const place = args[0] === 'init' ? [] : ['-C', target]
    return execFileSync('git', [...place, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  } catch {
    return fail(`The process 'git ${args.join(' ')}' failed`)
  }
}
