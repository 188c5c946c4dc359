import { isObject, text } from '../../shared/hex/hex-answers.ts'
import { hexProblem, type HexApi } from '../../shared/hex/hex-api.ts'
import { makeKey } from '../../shared/hex/hex-refusals.ts'
import type { Problem } from '../../shared/problem.ts'
import { permissionsText, readOwnKey, type KeyPermission } from '../key-permissions.ts'

/**
 * What of a key is known to be wrong before the package's name is: Hex refuses it, or it may not write any package.
 * Nothing is built for such a key. All else, and what cannot be read, is left to the check with the name (key-check.ts).
 */
export async function refusedKey(api: HexApi): Promise<readonly Problem[]> {
  if (api.key === undefined) return []
  const resource = api.key.startsWith('Bearer ') ? 'write' : 'read'
  const path = `/auth?domain=api&resource=${resource}`
  const answer = await api.get(path)
  if (answer.status === 401 || answer.status === 403) return [hexProblem(answer, `GET ${path}`)]
  if (answer.status !== 200 || resource === 'write') return []
  const listed = await api.get(`${ownerPath(answer.body)}/keys`)
  const key = listed.status === 200 ? readOwnKey(listed.body) : undefined
  if (key === undefined || key.permissions.some(mayPublish)) return []
  return [
    {
      code: 'hex-key-not-allowed',
      message: `The API key may not publish: the key “${key.name}” has ${permissionsText(key.permissions)}.`,
      hint: `It needs api:write, or the package where it exists already. ${makeKey}`
    }
  ]
}

/** An organization's keys are in a list of its own; `/keys` answers them 404. */
function ownerPath(body: unknown): string {
  const key = isObject(body) ? body['key'] : undefined
  const owner = isObject(key) ? key['owner'] : undefined
  const name = isObject(owner) && owner['type'] === 'organization' ? text(owner, 'name') : undefined
  return name === undefined ? '' : `/orgs/${encodeURIComponent(name)}`
}

function mayPublish({ domain, resource }: KeyPermission): boolean {
  return domain === 'package' || (domain === 'api' && resource !== 'read')
}
