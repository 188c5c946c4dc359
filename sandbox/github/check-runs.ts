import { resolveCommit } from './commit-graph.ts'
import { refuse } from './errors.ts'
import type { Operation } from './operation.ts'
import { paginateUnder } from './pagination.ts'
import { checkRunShape } from './shapes/check-run.ts'

/** Check runs of a commit: what the jobs of its workflow runs came to. */
export const checkRunOperations: readonly Operation[] = [
  {
    id: 'checks/list-for-ref',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/commits/{ref}/check-runs',
    documentation: 'checks/runs#list-check-runs-for-a-git-reference',
    scope: 'repository',
    needs: { permission: 'checks', access: 'read' },
    run: (call) => {
      const query = call.request.url.searchParams
      const asked = call.params['ref'] ?? ''
      const commit = resolveCommit(call.repository, asked)
      if (commit === undefined) throw refuse(422, `No commit found for SHA: ${asked}`, call.documentation)
      const [name, status] = [query.get('check_name'), query.get('status')]
      const all = call.repository.checkRuns
        .filter(({ headSha }) => headSha === commit.sha)
        .filter((run) => (name === null || run.name === name) && (status === null || run.status === status))
      // The newest of each name in a suite, unless all are asked for.
      const latest = [...new Map(all.map((run) => [`${run.suiteId} ${run.name}`, run])).values()]
      const listed = query.get('filter') === 'all' ? all : latest
      return paginateUnder(call, 'check_runs', listed.toReversed(), (run) => checkRunShape(call, run))
    }
  }
]
