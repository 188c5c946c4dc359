import type { Problem } from '../shared/problem.ts'
import type { Secrets } from '../shared/secrets.ts'
import { makeKey } from '../shared/hex/hex-refusals.ts'

/** What a run shows to Hex. */
export type Credential =
  | { readonly kind: 'none' }
  /** `authorization`: the header as Hex takes it, the bare key or `Bearer TOKEN`. */
  | { readonly kind: 'api key' | 'oauth token'; readonly authorization: string }

/**
 * The one place where credentials come from.
 * @param given.apiKey what the user gave, without surrounding white space; `checkKeyForm` has passed
 * @param secrets masks the token within `Bearer TOKEN` also by itself, as servers quote it
 */
export function hexCredentials(
  given: { readonly apiKey: string | undefined },
  secrets: Pick<Secrets, 'add'>
): Credential {
  const { apiKey } = given
  if (apiKey === undefined || apiKey === '') return { kind: 'none' }
  const token = /^Bearer +(.*)$/i.exec(apiKey)?.[1]
  secrets.add(token ?? apiKey)
  // Hex knows the scheme in this spelling only (hexpm, auth_helpers.ex `authenticate_at`).
  if (token !== undefined) return { kind: 'oauth token', authorization: `Bearer ${token}` }
  return { kind: 'api key', authorization: apiKey }
}

/**
 * Whether a key can be one at all. The form of a key is Hex's to change, so only what no header can hold, or what is
 * surely something else, is a problem. The value is never shown.
 */
export function checkKeyForm(apiKey: string): readonly Problem[] {
  const token = apiKey.replace(/^Bearer(?: +|$)/i, '')
  const fault = keyFaults.find(({ when }) => when.test(token))
  if (fault === undefined) return []
  return [{ code: 'hex-key-form', message: `The API key ${fault.what}.`, hint: fault.hint }]
}

const storeAgain =
  'Store the secret again with the key alone: one word, without quotes, line breaks or a name before it.'

const keyFaults: readonly { readonly when: RegExp; readonly what: string; readonly hint: string }[] = [
  { when: /[\r\n]/, what: 'has a line break in it', hint: storeAgain },
  {
    when: /^Basic /i,
    what: 'is a user and password (Basic), which Hex no longer takes',
    hint: makeKey
  },
  { when: /\s/, what: 'has white space in it', hint: storeAgain },
  { when: /^["'`]|["'`]$/, what: 'is in quotes', hint: storeAgain },
  { when: /^$/, what: 'has nothing after “Bearer”', hint: storeAgain },
  { when: /^\$\{\{|^\$[A-Z_]/, what: 'is the name of a variable, not its value', hint: storeAgain },
  { when: /[^\u0021-\u007e]/, what: 'has characters that no key has', hint: storeAgain }
]
