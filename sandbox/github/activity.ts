import type { Answer, Operation, RepositoryCall } from './operation.ts'
import { nodeId } from './shapes/node-id.ts'
import { userShape } from './shapes/user.ts'
import { userById, type Activity } from './state.ts'

/** Who moved which branch, and when: pushes, forced ones, merges, creations and deletions. */
export const activityOperations: readonly Operation[] = [
  {
    id: 'repos/list-activities',
    method: 'GET',
    site: 'api',
    path: '/repos/{owner}/{repo}/activity',
    documentation: 'repos/repos#list-repository-activities',
    scope: 'repository',
    needs: { permission: 'contents', access: 'read' },
    run: listActivity
  }
]

/** Unlike other lists this one is paged by cursors: `after` and `before` name an entry of the list. */
function listActivity(call: RepositoryCall): Answer {
  const query = call.request.url.searchParams
  const size = Math.min(Math.max(Number(query.get('per_page') ?? 30) || 30, 1), 100)
  const ordered = matching(call)
  const at = (cursor: string | null): number => ordered.findIndex(({ id }) => cursorOf(id) === cursor)
  const [after, before] = [query.get('after'), query.get('before')]
  const start = after !== null ? at(after) + 1 : before !== null ? Math.max(0, at(before) - size) : 0
  const page = ordered.slice(start, start + size)
  const links: string[] = []
  const link = (relation: string, name: string, entry: Activity | undefined): void => {
    if (entry === undefined) return
    const url = new URL(call.request.url)
    for (const cursor of ['after', 'before']) url.searchParams.delete(cursor)
    url.searchParams.set(name, cursorOf(entry.id))
    links.push(`<${url.href}>; rel="${relation}"`)
  }
  if (start + size < ordered.length) link('next', 'after', page.at(-1))
  if (start > 0) link('prev', 'before', page[0])
  const body = page.map((entry) => activityShape(call, entry))
  return links.length === 0 ? { status: 200, body } : { status: 200, body, headers: { link: links.join(', ') } }
}

function cursorOf(id: number): string {
  return Buffer.from(`activity:${id}`).toString('base64url')
}

const day = 86_400_000
const periods: Readonly<Record<string, number>> = {
  day,
  week: 7 * day,
  month: 30 * day,
  quarter: 90 * day,
  year: 365 * day
}

/** `ref` is a branch's name, or the whole reference. Newest first unless asked otherwise. */
function matching(call: RepositoryCall): readonly Activity[] {
  const query = call.request.url.searchParams
  const [ref, actor, type] = [query.get('ref'), query.get('actor'), query.get('activity_type')]
  const period = periods[query.get('time_period') ?? '']
  const oldestFirst = call.repository.activity.filter(
    (entry) =>
      (ref === null || entry.ref === ref || entry.ref === `refs/heads/${ref}`) &&
      (type === null || entry.type === type) &&
      (actor === null || userById(call.state, entry.actorId).login === actor) &&
      (period === undefined || Date.parse(entry.timestamp) > call.request.now - period)
  )
  return query.get('direction') === 'asc' ? oldestFirst : oldestFirst.toReversed()
}

/** Schema activity. */
function activityShape(call: RepositoryCall, entry: Activity): object {
  return {
    id: entry.id,
    node_id: nodeId('PSH', call.repository.id, entry.id),
    before: entry.before,
    after: entry.after,
    ref: entry.ref,
    timestamp: entry.timestamp,
    activity_type: entry.type,
    actor: userShape(userById(call.state, entry.actorId), call.links)
  }
}
