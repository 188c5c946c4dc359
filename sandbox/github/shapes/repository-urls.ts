import type { RepositoryCall } from '../operation.ts'
import { ownerOf } from '../state.ts'

/** Roots of a repository's addresses, for the address that the client used. */
export function repositoryUrls(call: Pick<RepositoryCall, 'state' | 'repository' | 'links'>): {
  readonly fullName: string
  readonly api: string
  readonly html: string
  readonly uploads: string
} {
  const fullName = `${ownerOf(call.state, call.repository).login}/${call.repository.name}`
  return {
    fullName,
    api: `${call.links.api}/repos/${fullName}`,
    html: `${call.links.html}/${fullName}`,
    uploads: `${call.links.uploads}/repos/${fullName}`
  }
}
