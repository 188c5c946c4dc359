import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { eventPayload, idOf, type RunFacts } from './event.ts'
import type { InstrumentedWorkflows } from './instrument.ts'
import { leafJobs, type PlannedWorkflow } from './plan.ts'
import type { Secret } from './secrets.ts'

/** The files that act reads instead of its default ones. */
export interface ActFiles {
  readonly workflow: string
  readonly event: string
  readonly environment: string
  readonly secrets: string
  readonly variables: string
  readonly inputs: string
}

/**
 * Writes them into a folder of their own. Secrets go through a file, since a command line is for all to see.
 *
 * @param token the GITHUB_TOKEN of all jobs
 */
export function writeActFiles(
  folder: string,
  copies: InstrumentedWorkflows,
  facts: RunFacts,
  secrets: readonly Secret[],
  token: string,
  variables: ReadonlyMap<string, string>
): ActFiles {
  mkdirSync(folder, { recursive: true })
  const write = (name: string, content: unknown, mode?: number): string => {
    const file = join(folder, name)
    writeFileSync(
      file,
      typeof content === 'string' ? content : JSON.stringify(content, null, 1),
      mode === undefined ? {} : { mode }
    )
    return file
  }
  return {
    workflow: write(basename(facts.workflowPath), copies.main),
    event: write('event.json', eventPayload(facts)),
    // JSON is YAML, which act reads whole; its `.env` format would change quotes and dollars.
    environment: write('environment.yml', runEnvironment(facts)),
    secrets: write(
      'secrets.yml',
      Object.fromEntries([...secrets.map(({ name, value }) => [name, value]), ['GITHUB_TOKEN', token]]),
      0o600
    ),
    variables: write('variables.yml', Object.fromEntries(variables)),
    inputs: write('inputs.yml', {})
  }
}

/** What GitHub tells every step and act does not, or tells the same in every run. */
function runEnvironment(facts: RunFacts): Readonly<Record<string, string>> {
  const full = `${facts.owner}/${facts.name}`
  return {
    GITHUB_REPOSITORY: full,
    GITHUB_REPOSITORY_OWNER: facts.owner,
    GITHUB_REPOSITORY_ID: String(idOf(full)),
    GITHUB_REPOSITORY_OWNER_ID: String(idOf(facts.owner)),
    GITHUB_ACTOR_ID: String(idOf(facts.actor)),
    GITHUB_TRIGGERING_ACTOR: facts.actor,
    GITHUB_REF: facts.ref,
    GITHUB_REF_PROTECTED: 'false',
    GITHUB_RUN_ID: facts.runId,
    GITHUB_RUN_NUMBER: '1',
    GITHUB_RUN_ATTEMPT: String(facts.attempt),
    GITHUB_RETENTION_DAYS: '90',
    GITHUB_WORKFLOW_REF: `${full}/${facts.workflowPath}@${facts.ref}`,
    GITHUB_WORKFLOW_SHA: facts.sha,
    RUNNER_NAME: 'rehearsal',
    RUNNER_ENVIRONMENT: 'github-hosted'
  }
}

/**
 * act's arguments: every label on this machine, every action in a folder, nothing fetched, no server beyond loopback.
 *
 * @param folder work tree of the repository
 * @param actions `OWNER/REPO@REF` → folder
 * @param work folder for what act keeps
 */
export function actArguments(
  facts: RunFacts,
  plan: PlannedWorkflow,
  folder: string,
  files: ActFiles,
  actions: ReadonlyMap<string, string>,
  work: string
): readonly string[] {
  const labels = new Set(['self-hosted', ...leafJobs(plan).flatMap((job) => job.labels ?? [])])
  return [
    facts.event,
    ...['--directory', folder],
    ...['--workflows', files.workflow],
    ...['--eventpath', files.event],
    ...['--env-file', files.environment],
    ...['--secret-file', files.secrets],
    ...['--var-file', files.variables],
    ...['--input-file', files.inputs],
    ...['--actor', facts.actor],
    ...['--defaultbranch', facts.defaultBranch],
    ...['--action-cache-path', join(work, 'cache')],
    ...['--cache-server-path', join(work, 'cache-server')],
    ...['--cache-server-addr', '127.0.0.1'],
    ...['--artifact-server-addr', '127.0.0.1'],
    ...['--container-daemon-socket', '-'],
    '--no-cache-server',
    '--no-skip-checkout',
    '--action-offline-mode',
    '--pull=false',
    '--json',
    ...[...labels].flatMap((label) => ['--platform', `${label}=-self-hosted`]),
    ...[...actions].flatMap(([reference, target]) => ['--local-repository', `${reference}=${target}`])
  ]
}
