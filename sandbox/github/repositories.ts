import { notFound } from './errors.ts'
import type { Operation } from './operation.ts'
import { repositoryShape } from './shapes/repository.ts'

/** The repository itself, and its setting for immutable releases. */
export const repositoryOperations: readonly Operation[] = [
  {
    id: 'repos/get',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}',
    documentation: 'repos/repos#get-a-repository',
    scope: 'repository',
    needs: { permission: 'metadata', access: 'read' },
    run: (call) => ({ status: 200, body: repositoryShape(call) })
  },
  {
    id: 'repos/check-immutable-releases',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/immutable-releases',
    documentation: 'repos/repos#check-if-immutable-releases-are-enabled-for-a-repository',
    scope: 'repository',
    needs: { permission: 'administration', access: 'read' },
    run: (call) => {
      if (!call.repository.immutableReleases) throw notFound(call.documentation)
      return { status: 200, body: { enabled: true, enforced_by_owner: false } }
    }
  },
  {
    id: 'repos/enable-immutable-releases',
    method: 'PUT',
    site: 'api',
    path: '/repos/{owner}/{repo}/immutable-releases',
    documentation: 'repos/repos#enable-immutable-releases',
    scope: 'repository',
    needs: { permission: 'administration', access: 'write' },
    run: (call) => {
      call.repository.immutableReleases = true
      return { status: 204 }
    }
  },
  {
    id: 'repos/disable-immutable-releases',
    method: 'DELETE',
    site: 'api',
    path: '/repos/{owner}/{repo}/immutable-releases',
    documentation: 'repos/repos#disable-immutable-releases',
    scope: 'repository',
    needs: { permission: 'administration', access: 'write' },
    run: (call) => {
      // What was published as immutable stays so; only later releases are free again.
      call.repository.immutableReleases = false
      return { status: 204 }
    }
  }
]
