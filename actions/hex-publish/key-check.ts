import { isObject, text } from '../shared/hex/hex-answers.ts'
import { hexProblem, readPackage, type HexApi, type HexPackage, type HexPackageInfo } from '../shared/hex/hex-api.ts'
import { makeKey } from '../shared/hex/hex-refusals.ts'
import { ActionError, type Problem } from '../shared/problem.ts'
import { permissionsText, readOwnKey, readsRepository, writeAccess, type HexKey } from './key-permissions.ts'
import { checkOwner, type KeyOwner } from './package-owner.ts'
import { readableTime } from './readable-time.ts'

/** What can be known of a key before anything is written. */
export interface KeyFacts {
  readonly state: 'may write' | 'refused' | 'not checked'
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
  /** Whose key it is, what it may do, until when. */
  readonly notes: readonly string[]
  readonly notChecked: readonly string[]
  /** Whether the key may read an organization's registry, without which nobody can wait for it; absent: not known. */
  readonly readsRegistry?: boolean
}

/** A key that ends sooner is worth a warning. Milliseconds. */
const soon = 14 * 24 * 3_600_000

/**
 * Checks a key with reads alone: is it known, may it write this package, until when, and may its owner. An API key asks
 * `/auth` for its owner (with `api:read`, which every key for a package has; `api:write` would fail those) and finds
 * itself in `/keys`. An OAuth token is in no list, and is asked about with `api:write`.
 * @param now milliseconds since the epoch
 * @param published the package as it is (`undefined`: it does not exist), where somebody reads it already
 */
export async function checkKey(
  api: HexApi,
  pkg: HexPackage,
  now: number,
  published?: Promise<HexPackageInfo | undefined>
): Promise<KeyFacts> {
  if (api.key === undefined) return unknown('the API key: none was given')
  const resource = isOAuth(api.key) ? 'write' : 'read'
  try {
    const what = `GET /auth?domain=api&resource=${resource}`
    const answer = await api.get(`/auth?domain=api&resource=${resource}`)
    if (answer.status !== 200 && answer.status !== 204) {
      const problem = hexProblem(answer, what)
      return refusals.has(answer.status) ? refused(problem) : unknown(`the API key: ${problem.message}`)
    }
    if (isOAuth(api.key)) return oauthFacts(pkg)
    return await keyFacts(api, pkg, await (published ?? readPackage(api, pkg)), readOwner(answer.body), now)
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    return unknown(`the API key: ${error.message}`)
  }
}

/**
 * Statuses of a key that will not do: unknown, revoked, or for repositories or docs alone (401), of somebody who must
 * first verify an address (403), of a deactivated account (400: the request itself is right).
 */
const refusals: ReadonlySet<number> = new Set([400, 401, 403])

function isOAuth(key: string): boolean {
  return key.startsWith('Bearer ')
}

function oauthFacts(pkg: HexPackage): KeyFacts {
  return {
    state: 'may write',
    problems: [],
    warnings: [],
    notes: ['an OAuth token with the scope api:write'],
    notChecked: [
      'whether Hex asks this token for a one-time password when it writes, as it does of users’ tokens',
      `whether the token’s owner may publish ${pkg.name}, and until when the token lasts`
    ]
  }
}

function readOwner(body: unknown): KeyOwner | undefined {
  const key = isObject(body) ? body['key'] : undefined
  const owner = isObject(key) ? key['owner'] : undefined
  if (!isObject(owner)) return undefined
  const name = text(owner, 'name')
  const type = owner['type']
  return name !== undefined && (type === 'user' || type === 'organization') ? { type, name } : undefined
}

async function keyFacts(
  api: HexApi,
  pkg: HexPackage,
  published: HexPackageInfo | undefined,
  owner: KeyOwner | undefined,
  now: number
): Promise<KeyFacts> {
  const list = await ownKey(api, pkg, owner)
  const ownership = await checkOwner(api, pkg, published, list.owner)
  const { key } = list
  const permission = key === undefined ? [] : checkPermissions(key, pkg, published !== undefined, list.owner)
  const billing =
    key === undefined || pkg.organization === undefined ? [] : await checkBilling(api, key, pkg.organization)
  const problems = [...permission, ...ownership.problems, ...billing]
  return {
    state: problems.length > 0 ? 'refused' : key === undefined ? 'not checked' : 'may write',
    problems,
    warnings: key === undefined ? [] : checkExpiry(key, now),
    notes: [...(key === undefined ? [] : [described(key, list.owner)]), ...ownership.notes],
    notChecked: [
      ...(key === undefined ? [`the permissions and the expiry of the API key: ${list.why}`] : []),
      ...ownership.notChecked
    ],
    ...(key === undefined || pkg.organization === undefined
      ? {}
      : { readsRegistry: readsRepository(key.permissions, pkg.organization) })
  }
}

type Listed =
  | { readonly key: HexKey; readonly owner: KeyOwner | undefined }
  | { readonly key?: undefined; readonly why: string; readonly owner: KeyOwner | undefined }

/**
 * The key among its owner's. An organization's keys are in its own list, and `/keys` answers them 404; so a server that
 * does not name the owner (before July 2026, `/auth` answered 204 to keys too) is told apart by that.
 */
async function ownKey(api: HexApi, pkg: HexPackage, owner: KeyOwner | undefined): Promise<Listed> {
  const organization = (name: string): string => `/orgs/${encodeURIComponent(name)}/keys`
  let path = owner?.type === 'organization' ? organization(owner.name) : '/keys'
  let answer = await api.get(path)
  let known = owner
  if (answer.status === 404 && owner === undefined && pkg.organization !== undefined) {
    path = organization(pkg.organization)
    answer = await api.get(path)
    if (answer.status === 200) known = { type: 'organization', name: pkg.organization }
  }
  if (answer.status !== 200) return { why: hexProblem(answer, `GET ${path}`).message, owner: known }
  const key = readOwnKey(answer.body)
  if (key === undefined) return { why: `GET ${path} does not show it`, owner: known }
  return { key, owner: known }
}

function checkPermissions(
  key: HexKey,
  pkg: HexPackage,
  exists: boolean,
  owner: KeyOwner | undefined
): readonly Problem[] {
  const access = writeAccess(key.permissions, pkg)
  if (access === 'write' || (access === 'this package' && exists)) return []
  const may = described(key, owner)
  if (access === 'this package') {
    return [
      {
        code: 'hex-key-new-package',
        message: `${pkg.name} is not on Hex yet, and a key for one package cannot create it: ${may}.`,
        hint: `Publish the first release with a key that has “Write” under API, and use a key for the package from then on. ${makeKey}`
      }
    ]
  }
  return [
    {
      code: 'hex-key-not-allowed',
      message: `The API key may not publish ${pkg.name}: ${may}.`,
      hint: `It needs api:write${exists ? `, or package:${pkg.organization ?? 'hexpm'}/${pkg.name}` : ''}. ${makeKey}`
    }
  ]
}

function checkExpiry(key: HexKey, now: number): readonly Problem[] {
  if (key.revokeAt === undefined || key.revokeAt - now > soon) return []
  const days = Math.max(0, Math.floor((key.revokeAt - now) / (24 * 3_600_000)))
  return [
    {
      code: 'hex-key-expires',
      message: `The API key “${key.name}” ends ${readableTime(key.revokeAt)}, in ${days} ${days === 1 ? 'day' : 'days'}.`,
      hint: `Make a new one and store it in the secret before that. ${makeKey}`
    }
  ]
}

/** Hex says whether an organization is paid for only to keys that may read its repository. */
async function checkBilling(api: HexApi, key: HexKey, organization: string): Promise<readonly Problem[]> {
  if (!readsRepository(key.permissions, organization)) return []
  const path = `/auth?domain=repository&resource=${encodeURIComponent(organization)}`
  const answer = await api.get(path)
  return answer.status === 401 || answer.status === 403 ? [hexProblem(answer, `GET ${path}`)] : []
}

function described(key: HexKey, owner: KeyOwner | undefined): string {
  const whose = owner === undefined ? '' : ` of the ${owner.type} ${owner.name}`
  const until = key.revokeAt === undefined ? 'does not expire' : `ends ${readableTime(key.revokeAt)}`
  return `the key “${key.name}”${whose} has ${permissionsText(key.permissions)} and ${until}`
}

function refused(problem: Problem): KeyFacts {
  return { state: 'refused', problems: [problem], warnings: [], notes: [], notChecked: [] }
}

function unknown(what: string): KeyFacts {
  return { state: 'not checked', problems: [], warnings: [], notes: [], notChecked: [what] }
}
