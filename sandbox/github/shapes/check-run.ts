import type { RepositoryCall } from '../operation.ts'
import { ownerOf, type CheckRun } from '../state.ts'
import { nodeId } from './node-id.ts'
import { repositoryUrls } from './repository-urls.ts'
import { userShape } from './user.ts'

/** Schema check-run. */
export function checkRunShape(call: RepositoryCall, run: CheckRun): object {
  const { api, html } = repositoryUrls(call)
  const url = `${api}/check-runs/${run.id}`
  const page = run.runId === null ? `${html}/runs/${run.id}` : `${html}/actions/runs/${run.runId}/job/${run.id}`
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CR', call.repository.id, run.id),
    head_sha: run.headSha,
    external_id: '',
    url,
    html_url: page,
    details_url: page,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: `${url}/annotations` },
    check_suite: { id: run.suiteId },
    app: actionsAppShape(call),
    pull_requests: []
  }
}

/** Schema integration: GitHub Actions, whose id on github.com is 15368. */
function actionsAppShape(call: RepositoryCall): object {
  return {
    id: 15368,
    slug: 'github-actions',
    node_id: nodeId('A', 15368),
    owner: userShape(ownerOf(call.state, call.repository), call.links),
    name: 'GitHub Actions',
    description: 'Automate your workflow from idea to production',
    external_url: 'https://help.github.com/en/actions',
    html_url: `${call.links.html}/apps/github-actions`,
    created_at: '2018-07-30T09:30:17Z',
    updated_at: '2024-04-10T20:33:16Z',
    permissions: { actions: 'write', checks: 'write', contents: 'write', statuses: 'write' },
    events: []
  }
}
