import type { Github } from './github.ts'
import { fields, sameLogin, text } from './answer-fields.ts'

/** Whose token it is that writes: recognises what it wrote before. */
export type IsOwn = (login: string) => boolean

/**
 * Finds out as whom a token writes. GraphQL's `viewer` answers to every kind of token; `GET /user` to people's only. A
 * token that neither answers to is taken for GITHUB_TOKEN. Comments of others with our mark are not ours: anybody can
 * paste it.
 */
export async function writerAccount(github: Github): Promise<IsOwn> {
  const viewer = text(fields(fields(await github.graphql('query { viewer { login } }', {}))['viewer'])['login'])
  const login = viewer ?? text(fields((await github.get('/user')).body)['login']) ?? 'github-actions[bot]'
  // REST gives apps a `[bot]` that GraphQL may leave out; no person can have one in the name.
  return (other) => sameLogin(other, login) || sameLogin(other, `${login}[bot]`)
}
