import { notFound, refuse } from './errors.ts'
import type { Operation, RepositoryCall } from './operation.ts'
import { mayPush } from './permissions.ts'
import { publicUserShape, userShape } from './shapes/user.ts'
import type { Role, User } from './state.ts'

/** What people may do in a repository. */
export const collaboratorOperations: readonly Operation[] = [
  {
    id: 'repos/get-collaborator-permission-level',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/collaborators/{username}/permission',
    documentation: 'collaborators/collaborators#get-repository-permissions-for-a-user',
    scope: 'repository',
    needs: { permission: 'metadata', access: 'read' },
    run: (call) => {
      const { actor, state, repository, documentation } = call
      if (actor.kind === 'anonymous') throw refuse(401, 'Requires authentication', documentation)
      // yegor256/rultor#1407. An app needs no more than metadata (star-history/star-history#539).
      if (actor.kind === 'classic' && !mayPush(state, actor, repository)) {
        throw refuse(403, 'Must have push access to view collaborator permission.', documentation)
      }
      const user = state.users.find(({ login }) => login.toLowerCase() === call.params['username']?.toLowerCase())
      if (user === undefined) throw refuse(404, `${call.params['username'] ?? ''} is not a user`, documentation)
      const role = roleOf(call, user)
      return {
        status: 200,
        body: {
          permission: base[role],
          role_name: role,
          user: { ...userShape(user, call.links), permissions: rights(role), role_name: role }
        }
      }
    }
  },
  {
    id: 'users/get-by-username',
    method: 'GET',
    site: 'api',
    path: '/users/{username}',
    documentation: 'users/users#get-a-user',
    scope: 'global',
    run: (call) => {
      const user = call.state.users.find(({ login }) => login.toLowerCase() === call.params['username']?.toLowerCase())
      if (user === undefined) throw notFound(call.documentation)
      const repositories = call.state.repositories.filter(({ ownerId }) => ownerId === user.id)
      return { status: 200, body: publicUserShape(user, call.links, repositories.length) }
    }
  }
]

/** "The maintain role is mapped to write and the triage role is mapped to read" (get-repository-permissions-for-a-user). */
const base: Readonly<Record<Role, 'admin' | 'write' | 'read' | 'none'>> = {
  admin: 'admin',
  maintain: 'write',
  write: 'write',
  triage: 'read',
  read: 'read',
  none: 'none'
}

/** Everybody reads what is public; a user owns what is theirs. */
function roleOf({ repository }: RepositoryCall, user: User): Role {
  if (repository.ownerId === user.id && user.type === 'User') return 'admin'
  const named = repository.collaborators.find(({ userId }) => userId === user.id)?.role
  return named ?? (repository.private ? 'none' : 'read')
}

const ranks: readonly Role[] = ['none', 'read', 'triage', 'write', 'maintain', 'admin']

function rights(role: Role): object {
  const atLeast = (needed: Role): boolean => ranks.indexOf(role) >= ranks.indexOf(needed)
  return {
    admin: atLeast('admin'),
    maintain: atLeast('maintain'),
    push: atLeast('write'),
    triage: atLeast('triage'),
    pull: atLeast('read')
  }
}
