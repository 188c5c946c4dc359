import { notFound, refuseFields } from './errors.ts'
import { parseBody } from './json-body.ts'
import type { Operation, RepositoryCall } from './operation.ts'
import { paginate } from './pagination.ts'
import { signedIn } from './permissions.ts'
import { pullInPath } from './pull-content.ts'
import { labelShape, plainColor } from './shapes/label.ts'
import { takeId, timestamp, type Pull } from './state.ts'

/** As for comments: a pull request asks for `pull-requests`, whatever `issues` is. */
const read = { permission: 'pull-requests', access: 'read', orElse: 'issues' } as const
const write = { permission: 'pull-requests', access: 'write', orElse: 'issues' } as const

/** Labels of a pull request. */
export const issueLabelOperations: readonly Operation[] = [
  {
    id: 'issues/list-labels-on-issue',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/issues/{issue_number}/labels',
    documentation: 'issues/labels#list-labels-for-an-issue',
    scope: 'repository',
    needs: read,
    run: (call) => paginate(call, pullInPath(call).labels, (name) => labelShape(call, name))
  },
  {
    id: 'issues/add-labels',
    method: 'POST',
    site: 'api',
    path: '/repos/{owner}/{repo}/issues/{issue_number}/labels',
    documentation: 'issues/labels#add-labels-to-an-issue',
    scope: 'repository',
    needs: write,
    run: (call) => {
      const pull = pullInPath(call)
      for (const name of namesIn(call)) addLabel(call, pull, name)
      return { status: 200, body: pull.labels.map((name) => labelShape(call, name)) }
    }
  },
  {
    id: 'issues/remove-label',
    method: 'DELETE',
    site: 'api',
    path: '/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}',
    documentation: 'issues/labels#remove-a-label-from-an-issue',
    scope: 'repository',
    needs: write,
    run: (call) => {
      const pull = pullInPath(call)
      const name = call.params['name'] ?? ''
      if (!pull.labels.includes(name)) throw notFound(call.documentation)
      pull.labels = pull.labels.filter((candidate) => candidate !== name)
      happened(call, pull, 'unlabeled', name)
      return { status: 200, body: pull.labels.map((left) => labelShape(call, left)) }
    }
  }
]

/** The body is an object with `labels`, or a list; each is a name, or an object with one. */
function namesIn(call: RepositoryCall): readonly string[] {
  const sent = parseBody(call.request.body, call.documentation)
  const list: unknown = Array.isArray(sent) ? sent : typeof sent === 'object' && 'labels' in sent ? sent.labels : []
  const names = (Array.isArray(list) ? list : []).map((label: unknown) =>
    typeof label === 'object' && label !== null && 'name' in label ? label.name : label
  )
  if (names.every((name): name is string => typeof name === 'string' && name !== '')) return names
  throw refuseFields([{ resource: 'Label', code: 'invalid', field: 'name' }], call.documentation)
}

function addLabel(call: RepositoryCall, pull: Pull, name: string): void {
  const { repository, state } = call
  if (pull.labels.includes(name)) return
  if (!repository.labels.some((label) => label.name === name)) {
    repository.labels.push({ id: takeId(state), name, color: plainColor, description: null })
  }
  pull.labels.push(name)
  happened(call, pull, 'labeled', name)
}

function happened(call: RepositoryCall, pull: Pull, event: 'labeled' | 'unlabeled', name: string): void {
  const color = call.repository.labels.find((label) => label.name === name)?.color ?? plainColor
  const createdAt = timestamp(call.request.now)
  const actorId = signedIn(call.actor).user.id
  pull.events.push({ id: takeId(call.state), actorId, createdAt, event, label: { name, color } })
  pull.updatedAt = createdAt
}
