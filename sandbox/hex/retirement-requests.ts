import type { SandboxResponse } from '../service.ts'
import { cached, errorAnswer } from './answers.ts'
import type { Plain } from './external-terms.ts'
import { scheduleBuild } from './registry.ts'
import type { Errors } from './release-metadata.ts'
import { invalidVersion, releaseOf } from './release-requests.ts'
import { retirementReasons, type Package, type Retirement } from './state.ts'
import { authorize, packageOf, packageOwner, type Visit } from './visit.ts'

/** `POST …/releases/VERSION/retire`, at any time, and again to change it. */
export function retire(visit: Visit): SandboxResponse {
  const refused = invalidVersion(visit) ?? refuse(visit, releaseOf(visit)?.package)
  if (refused !== undefined) return refused
  const found = releaseOf(visit)
  if (found === undefined) return errorAnswer(visit.format, 404)
  const retirement = castRetirement(visit.parameters)
  if ('errors' in retirement) return errorAnswer(visit.format, 422, { errors: { retirement: retirement.errors } })
  found.release.retirement = retirement
  return done(visit, found.package)
}

/** `DELETE …/releases/VERSION/retire`. */
export function unretire(visit: Visit): SandboxResponse {
  const refused = invalidVersion(visit) ?? refuse(visit, releaseOf(visit)?.package)
  if (refused !== undefined) return refused
  const found = releaseOf(visit)
  if (found === undefined) return errorAnswer(visit.format, 404)
  found.release.retirement = null
  return done(visit, found.package)
}

/** `POST /packages/NAME/retire`: every release that is not retired yet, or with `replace` each one. */
export function retireAll(visit: Visit): SandboxResponse {
  const owned = packageOf(visit)
  const refused = refuse(visit, owned)
  if (refused !== undefined) return refused
  if (owned === undefined) return errorAnswer(visit.format, 404)
  const retirement = castRetirement(visit.parameters)
  if ('errors' in retirement) return errorAnswer(visit.format, 422, { errors: { retirement: retirement.errors } })
  const replace = visit.parameters.replace === true || visit.parameters.replace === 'true'
  for (const release of owned.releases) if (replace || release.retirement === null) release.retirement = retirement
  return done(visit, owned)
}

function refuse(visit: Visit, owned: Package | undefined): SandboxResponse | undefined {
  return authorize(visit, {
    domains: [
      { domain: 'api', resource: 'write' },
      { domain: 'package', package: owned }
    ],
    checks: [packageOwner(owned)]
  })
}

/** Retiring forces the package's time (`Multi.update(:package, …, force: true)`) and a new registry object. */
function done({ state, request }: Visit, owned: Package): SandboxResponse {
  owned.updatedAt = request.now
  scheduleBuild(state, owned, request.now)
  return { status: 204, headers: cached('private') }
}

/** `ReleaseRetirement.changeset/2`. */
function castRetirement(parameters: Readonly<Record<string, Plain>>): Retirement | { readonly errors: Errors } {
  const given = castText(parameters.reason)
  const message = castText(parameters.message)
  const reason = retirementReasons.find((each) => each === given)
  const reasonError =
    given === undefined
      ? wrongType
      : given === null
        ? "can't be blank"
        : reason === undefined
          ? 'is invalid'
          : undefined
  const messageError = message === undefined ? wrongType : lengthError(message)
  if (reason !== undefined && message !== undefined && messageError === undefined) return { reason, message }
  return {
    errors: {
      ...(reasonError !== undefined && { reason: reasonError }),
      ...(messageError !== undefined && { message: messageError })
    }
  }
}

const wrongType = 'expected type string'

/** Text of blanks alone is none; `undefined` for what is no text. */
function castText(value: Plain | undefined): string | null | undefined {
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') return undefined
  return value.trimStart() === '' ? null : value
}

function lengthError(message: string | null): string | undefined {
  if (message === null) return undefined
  const { length } = Array.from(message)
  if (length < 3) return 'should be at least 3 character(s)'
  return length > 140 ? 'should be at most 140 character(s)' : undefined
}
