import type { RepositoryCall } from '../operation.ts'
import type { Label } from '../state.ts'
import { nodeId } from './node-id.ts'
import { repositoryUrls } from './repository-urls.ts'

/** The grey that GitHub gives a label that is made by naming it. */
export const plainColor = 'ededed'

/** Schema label. */
export function labelShape(call: RepositoryCall, name: string): object {
  const { repository } = call
  const label: Label = repository.labels.find((candidate) => candidate.name === name) ?? {
    id: 0,
    name,
    color: plainColor,
    description: null
  }
  return {
    id: label.id,
    node_id: nodeId('LA', repository.id, label.id),
    url: `${repositoryUrls(call).api}/labels/${encodeURIComponent(name)}`,
    name,
    color: label.color,
    default: false,
    description: label.description
  }
}
