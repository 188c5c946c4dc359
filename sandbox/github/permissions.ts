import type { SandboxRequest } from '../service.ts'
import { badCredentials, notFound, refuse, type Refusal } from './errors.ts'
import type { Need } from './operation.ts'
import type { Access, GithubState, Permissions, Repository, Token, User } from './state.ts'
import { ownerOf, userById } from './state.ts'

/** Who sends a request. A job's permissions are already taken off an integration's. */
export type Actor =
  | { readonly kind: 'anonymous' }
  | { readonly kind: Token['kind']; readonly user: User; readonly token: Token; readonly permissions: Permissions }

export type SignedIn = Exclude<Actor, { readonly kind: 'anonymous' }>

/** The actor of a write; the permission check before it has turned anonymous ones away. */
export function signedIn(actor: Actor): SignedIn {
  if (actor.kind === 'anonymous') throw new Error('An anonymous request got past the permission check')
  return actor
}

const rank: Readonly<Record<Access, number>> = { none: 0, read: 1, write: 2 }

/**
 * Reads the Authorization header: `Bearer T`, `token T`, or Basic with the token as the password, which git and curl
 * send. Throws a 401 Refusal for a token that GitHub does not know.
 */
export function authenticate(state: GithubState, request: SandboxRequest): Actor {
  const header = request.headers.authorization
  if (header === undefined) return { kind: 'anonymous' }
  const presented = presentedToken(header)
  const token = state.tokens.find((candidate) => candidate.token === presented)
  if (token === undefined) throw badCredentials()
  // `permissions:` of a job limits GITHUB_TOKEN only; a personal token that a job carries keeps what it has.
  const permissions =
    token.kind === 'integration' ? lesser(token.permissions, jobLimits(state, request.job)) : token.permissions
  return { kind: token.kind, user: userById(state, token.userId), token, permissions }
}

function presentedToken(header: string): string | undefined {
  const [scheme = '', value = ''] = header.split(/\s+/, 2)
  if (/^(bearer|token)$/i.test(scheme)) return value
  if (!/^basic$/i.test(scheme)) return undefined
  const [user = '', password = ''] = Buffer.from(value, 'base64').toString().split(':', 2)
  return password === '' || password === 'x-oauth-basic' ? user : password
}

/**
 * What the job that sends a request may do at most; `undefined` where no job is known at all. Among known jobs a
 * request of nobody's may do nothing: a program that loses the proxy's user name must not gain by it.
 */
function jobLimits(state: GithubState, job: string | undefined): Permissions | undefined {
  if (Object.keys(state.jobs).length === 0) return undefined
  return (job === undefined ? undefined : state.jobs[job]) ?? {}
}

/** What is not named in a job's permissions is `none` (docs: defining access for the GITHUB_TOKEN permissions). */
function lesser(token: Permissions, job: Permissions | undefined): Permissions {
  if (job === undefined) return token
  return Object.fromEntries(
    Object.entries(token).map(([name, access]) => {
      const limit = job[name] ?? 'none'
      return [name, rank[limit] < rank[access] ? limit : access]
    })
  )
}

/** Whether the actor has at least `access`. Everyone may read what is public; every token may read metadata. */
export function may(
  state: GithubState,
  actor: Actor,
  repository: Repository,
  permission: string,
  access: Access
): boolean {
  if (access === 'read' && !repository.private && permission !== 'administration') return true
  if (actor.kind === 'anonymous' || !reaches(state, actor.token, repository)) return false
  if (permission === 'metadata' && access === 'read') return true
  return rank[actor.permissions[permission] ?? 'none'] >= rank[access]
}

/** Whether the actor may see drafts and the `permissions.push` that the repository shows. */
export function mayPush(state: GithubState, actor: Actor, repository: Repository): boolean {
  return may(state, actor, repository, 'contents', 'write')
}

/**
 * The refusal for a request that lacks a permission, or undefined when it has it. GitHub says 404 where it would
 * otherwise tell that something private exists, and names the kind of token where it does not.
 */
export function refusalFor(
  state: GithubState,
  actor: Actor,
  repository: Repository,
  needs: Need,
  documentation: string
): Refusal | undefined {
  if (may(state, actor, repository, needs.permission, needs.access)) return undefined
  if (actor.kind === 'anonymous') {
    return repository.private ? notFound(documentation) : refuse(401, 'Requires authentication', documentation)
  }
  if (repository.private && !reaches(state, actor.token, repository)) return notFound(documentation)
  if (actor.kind === 'classic') {
    return needs.permission === 'administration' && !repository.private
      ? refuse(403, 'Must have admin rights to Repository.', documentation)
      : notFound(documentation)
  }
  const bearer = actor.kind === 'integration' ? 'integration' : 'personal access token'
  return refuse(403, `Resource not accessible by ${bearer}`, documentation, {
    'x-accepted-github-permissions': [needs.permission, needs.orElse]
      .flatMap((name) => (name === undefined ? [] : `${name.replaceAll('-', '_')}=${needs.access}`))
      .join('; ')
  })
}

function reaches(state: GithubState, token: Token, repository: Repository): boolean {
  if (token.repositories === undefined) return true
  const name = `${ownerOf(state, repository).login}/${repository.name}`.toLowerCase()
  return token.repositories.some((candidate) => candidate.toLowerCase() === name)
}
