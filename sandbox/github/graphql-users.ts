import type { RepositoryCall } from './operation.ts'
import { nodeId } from './shapes/node-id.ts'
import type { User } from './state.ts'

/** What a GraphQL request is answered from; there is no repository yet. */
export type GraphqlCall = Omit<RepositoryCall, 'repository' | 'params' | 'documentation'>

/** An actor. An app is named without the `[bot]` that REST gives it. */
export function userFields(call: Pick<GraphqlCall, 'links'>, user: User): object {
  return { ...viewerFields(call, user), login: user.login.replace(/\[bot\]$/, '') }
}

/** Whose token it is; here an app keeps its `[bot]`, and is a user. */
export function viewerFields(call: Pick<GraphqlCall, 'links'>, user: User): object {
  return {
    __typename: user.type,
    id: nodeId('U', user.id),
    databaseId: user.id,
    login: user.login,
    name: null,
    url: `${call.links.html}/${user.login}`
  }
}
