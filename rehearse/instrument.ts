import { Document, isMap, isScalar, isSeq, parseDocument, visit } from 'yaml'
import type { PlannedJob, PlannedWorkflow } from './plan.ts'
import { parseUses } from './uses.ts'

/** Pseudo repository under which the copies of called workflows are given to act. */
export const calledWorkflows = { repository: 'rehearsal/workflows', ref: 'local' } as const
/** Pseudo action for a step that needs Docker. */
export const dockerStep = { repository: 'rehearsal/docker-step', ref: 'local' } as const

export interface InstrumentedWorkflows {
  /** The consumer's workflow. */
  readonly main: string
  /** Copies of the workflows that it calls, by file name; one for each calling job. */
  readonly called: ReadonlyMap<string, string>
}

/**
 * Copies of the workflows with what act needs in order to tell the jobs apart. act gives all jobs one token and one
 * environment, so each job's copy gets an `env` of its own: a proxy address that names the job, its OIDC endpoint, its
 * home. The consumer's steps stay as they are, and so does the file in the repository that the jobs check out.
 *
 * @param environmentOf variables of a job; those in `defaults` give way to what the workflow sets itself
 */
export function instrument(
  plan: PlannedWorkflow,
  environmentOf: (job: PlannedJob) => {
    readonly fixed: Readonly<Record<string, string>>
    readonly defaults: Readonly<Record<string, string>>
  }
): InstrumentedWorkflows {
  const called = new Map<string, string>()
  // GitHub's `github.workflow` is the outermost workflow's name, or its path when it has none; act takes the file's.
  const name = plan.workflow.name ?? plan.workflow.path

  const copy = (planned: PlannedWorkflow): string => {
    const document = withoutAliases(parseDocument(planned.workflow.text, { merge: false }))
    document.set('name', name)
    // act does not enforce permissions (the sandbox does), but refuses scopes that are younger than itself.
    document.delete('permissions')
    for (const job of planned.jobs) {
      const at = ['jobs', job.job.id]
      document.deleteIn([...at, 'permissions'])
      if (job.called !== undefined) {
        const file = `${job.key.replaceAll(/[^\w-]/g, '.')}.yml`
        called.set(file, copy(job.called))
        const { repository, ref } = calledWorkflows
        document.setIn([...at, 'uses'], `${repository}/.github/workflows/${file}@${ref}`)
      } else if (job.job.container !== undefined) {
        leaveOut(document, at)
      } else {
        addEnvironment(document, at, environmentOf(job))
        if (job.labels === undefined) document.setIn([...at, 'runs-on'], 'self-hosted')
        rewriteSteps(document, [...at, 'steps'])
      }
    }
    return document.toString({ lineWidth: 0 })
  }

  return { main: copy(plan), called }
}

/** act fails a job with a container when there is no Docker; skipped, it takes those that need it along. */
function leaveOut(document: Document, at: readonly string[]): void {
  document.deleteIn([...at, 'container'])
  document.deleteIn([...at, 'services'])
  document.setIn([...at, 'if'], false)
}

function addEnvironment(
  document: Document,
  at: readonly string[],
  added: { readonly fixed: Readonly<Record<string, string>>; readonly defaults: Readonly<Record<string, string>> }
): void {
  const own = document.getIn([...at, 'env'], true)
  const has = (key: string): boolean => isMap(own) && own.has(key)
  const defaults = Object.entries(added.defaults).filter(([key]) => !has(key))
  for (const [key, value] of [...Object.entries(added.fixed), ...defaults]) document.setIn([...at, 'env', key], value)
}

/** With `env: *shared`, a change for one job would be one for all, so the copy has the values in each place. */
function withoutAliases(document: Document): Document {
  const aliases: string[] = []
  visit(document, {
    Alias(_, { source }) {
      aliases.push(source)
    }
  })
  return aliases.length === 0 ? document : new Document(document.toJS(), { aliasDuplicateObjects: false })
}

/** Steps that act cannot run: `docker://` images, and `$/path`, which it does not know yet (the same as `./path`). */
function rewriteSteps(document: Document, path: readonly string[]): void {
  const steps = document.getIn(path, true)
  if (!isSeq(steps)) return
  for (const step of steps.items) {
    if (!isMap(step)) continue
    const uses = step.get('uses', true)
    if (!isScalar(uses) || typeof uses.value !== 'string') continue
    if (parseUses(uses.value).kind === 'docker') {
      step.set('uses', `${dockerStep.repository}@${dockerStep.ref}`)
    } else if (uses.value.startsWith('$/')) {
      step.set('uses', `./${uses.value.slice(2)}`)
    }
  }
}
