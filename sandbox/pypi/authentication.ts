import { UploadRefused } from './answers.ts'
import { normalizeName, type ProjectRecord, type PublisherRecord, type Registry, type TokenRecord } from './registry.ts'

/** Addresses of the index's own pages, which its messages name. */
export interface HelpPages {
  help(anchor: string): string
}

/** Who uploads, by a token that is known; whether it may is asked of `mayUpload`. */
export interface Identity {
  readonly token: TokenRecord
  /** `undefined` for a user. */
  readonly publisher?: PublisherRecord
}

/**
 * Takes the token from the Authorization header: Basic with the user name `__token__`, Bearer, or token
 * (warehouse/macaroons/security_policy.py).
 *
 * @throws UploadRefused for a user name with a password, and when there is no token that is known
 */
export function identify(registry: Registry, authorization: string | undefined, pages: HelpPages): Identity {
  const basic = basicCredentials(authorization)
  if (basic !== undefined && basic.user !== '__token__')
    throw new UploadRefused(
      403,
      'Username/Password authentication is no longer supported. Migrate to API Tokens or Trusted Publishers instead. ' +
        `See ${pages.help('apitoken')} and ${pages.help('trusted-publishers')}`,
      { phraseOnly: true }
    )
  // Blanks around the token are cut off in the Basic form only.
  const presented = basic?.password.trim() ?? /^(?:token|bearer) (.*)$/i.exec(authorization ?? '')?.[1]
  const token = registry.tokens.find((known) => known.token === presented)
  if (token === undefined)
    throw new UploadRefused(
      403,
      `Invalid or non-existent authentication information. See ${pages.help('invalid-auth')} for more information.`
    )
  if (token.identity.kind === 'user') return { token }
  const id = token.identity.publisher
  const publisher = registry.publishers.find((each) => each.id === id)
  return publisher === undefined ? { token } : { token, publisher }
}

/**
 * Whether the identity may upload to the project.
 * @param now milliseconds since the epoch
 * @throws UploadRefused
 */
export function mayUpload(identity: Identity, project: ProjectRecord, now: number, pages: HelpPages): void {
  const { token, publisher } = identity
  const refuse = (text: string): UploadRefused => new UploadRefused(403, text)
  const faults: string[] = []
  if (publisher !== undefined && publisher.projects?.includes(project.normalizedName) === false)
    faults.push(`OIDC scoped token is not valid for project '${project.name}'`)
  if (token.projects?.map(normalizeName).includes(project.normalizedName) === false)
    faults.push(`project-scoped token is not valid for project: '${project.name}'`)
  // Whole seconds, the last one excluded.
  const second = Math.floor(now / 1000)
  if (token.expires !== undefined && second >= Math.floor(token.expires / 1000)) faults.push('token is expired')
  if (faults[0] !== undefined) throw refuse(`Invalid API Token: ${faults[0]}`)

  const closed = project.status === 'archived' || project.status === 'quarantined'
  const owner = token.identity.kind === 'publisher' || project.owners.includes(token.identity.user)
  if (!closed && owner) return
  const who = token.identity.kind === 'user' ? `The user '${token.identity.user}'` : 'The given token'
  throw refuse(
    `${who} isn't allowed to upload to project '${project.name}'. See ${pages.help('project-name')} for more information.`
  )
}

function basicCredentials(
  authorization: string | undefined
): { readonly user: string; readonly password: string } | undefined {
  const encoded = /^basic (.*)$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  return colon < 0 ? undefined : { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}
