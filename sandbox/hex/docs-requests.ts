import type { SandboxResponse } from '../service.ts'
import { cached, errorAnswer } from './answers.ts'
import { invalidVersion, releaseOf, writeDemand } from './release-requests.ts'
import { inflate } from './inflate.ts'
import { largestContents, largestTarball } from './tarball.ts'
import { docsTarballUrl } from './views.ts'
import { authorize, billingActive, repositoryAccess, type Visit } from './visit.ts'

/** `POST /packages/NAME/releases/VERSION/docs`: takes what it is given, and always replaces. */
export function createDocs(visit: Visit): SandboxResponse {
  const { format, addresses, request } = visit
  const refused = refuseDocs(visit)
  if (refused !== undefined) return refused
  const found = releaseOf(visit)
  if (found === undefined) return errorAnswer(format, 404)
  if (request.body.length > largestTarball) return errorAnswer(format, 422, { errors: { tar: 'too big' } })
  const contents = inflate(request.body, largestContents)
  if (contents === 'too big') return errorAnswer(format, 422, { errors: { tar: 'too big (uncompressed)' } })
  // What is no gzip fails inside `:zlib.safeInflate`.
  if (contents === 'unreadable') return errorAnswer(format, 500)
  found.release.docs = request.body
  found.release.hasDocs = true
  const location = docsTarballUrl(addresses, found.package, found.release.version)
  return { status: 201, headers: { ...cached('public'), location }, body: '' }
}

/** What is refused from the head alone. */
export function refuseDocs(visit: Visit): SandboxResponse | undefined {
  const invalid = invalidVersion(visit)
  if (invalid !== undefined) return invalid
  const found = releaseOf(visit)
  return found === undefined ? errorAnswer(visit.format, 404) : authorize(visit, writeDemand(found.package))
}

/** `GET …/docs`: sends on to the tarball. */
export function showDocs(visit: Visit): SandboxResponse {
  const invalid = invalidVersion(visit)
  if (invalid !== undefined) return invalid
  const found = releaseOf(visit)
  if (found === undefined) return errorAnswer(visit.format, 404)
  const refused = authorize(visit, {
    domains: [{ domain: 'api', resource: 'read' }],
    checks: [repositoryAccess, billingActive]
  })
  if (refused !== undefined) return refused
  if (!found.release.hasDocs) return errorAnswer(visit.format, 404)
  const location = docsTarballUrl(visit.addresses, found.package, found.release.version)
  const body = `<html><body>You are being <a href="${location}">redirected</a>.</body></html>`
  return { status: 302, headers: { location, 'content-type': 'text/html; charset=utf-8' }, body }
}

/** `DELETE …/docs`, at any time. */
export function removeDocs(visit: Visit): SandboxResponse {
  const refused = refuseDocs(visit)
  if (refused !== undefined) return refused
  const found = releaseOf(visit)
  if (found !== undefined) {
    found.release.hasDocs = false
    found.release.docs = null
  }
  return { status: 204, headers: cached('private') }
}
