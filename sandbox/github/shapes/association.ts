import { ownerOf, type GithubState, type Repository, type User } from '../state.ts'

/** Schema author-association: what somebody is to a repository. */
export function associationOf(
  state: GithubState,
  repository: Repository,
  user: User
): 'OWNER' | 'MEMBER' | 'COLLABORATOR' | 'CONTRIBUTOR' | 'NONE' {
  const owner = ownerOf(state, repository)
  if (user.id === owner.id) return 'OWNER'
  const member = state.teams.some(
    (team) =>
      team.organizationId === owner.id &&
      team.members.some(({ userId, state: membership }) => userId === user.id && membership === 'active')
  )
  if (member) return 'MEMBER'
  if (repository.collaborators.some(({ userId, role }) => userId === user.id && role !== 'none')) return 'COLLABORATOR'
  return repository.pulls.some(({ authorId, merged }) => authorId === user.id && merged !== null)
    ? 'CONTRIBUTOR'
    : 'NONE'
}
