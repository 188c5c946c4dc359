import { parseWorkflow, type Workflow } from '../../rehearse/workflow.ts'

/** The workflow in this text; throws when there is none. */
export function workflowOf(text: string): Workflow {
  const read = parseWorkflow(text, '.github/workflows/release.yml')
  if ('problems' in read) throw new Error(read.problems.map(({ message }) => message).join('; '))
  return read.workflow
}
