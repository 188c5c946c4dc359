import { existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { ActionError, type Problem } from '../actions/shared/problem.ts'
import { frontDoors } from './archive.ts'
import type { Git } from './git.ts'
import { unexpectedInputs } from './inputs.ts'
import { allWorkflows, leafJobs, planWorkflow, type PlannedWorkflow } from './plan.ts'
import { needsPostgres, postgresServices } from './postgres.ts'
import { tagAtHead, tagProblems } from './repository.ts'
import { secretNames, variableNames } from './secrets.ts'
import { settingsFile } from './settings.ts'
import type { SettledOptions } from './settled-options.ts'
import { hasStandIn } from './stand-ins.ts'
import { dispatchInputs, scheduleOf, triggerProblems } from './triggers.ts'
import { actionMetadata, cannotRun, parseUses, reachableUses, type UsesAt } from './uses.ts'
import { readWorkflow, type Workflow } from './workflow.ts'
import { readFileSync } from 'node:fs'

/** Everything that is known before anything starts. */
export interface Preparation {
  /** Folder of the consumer's repository. */
  readonly source: string
  readonly plan: PlannedWorkflow
  readonly tag: string | undefined
  readonly inputs: Readonly<Record<string, string>>
  /** The schedule that starts it. */
  readonly cron?: string
  readonly actions: readonly ActionRepository[]
  /** What is likely a mistake although GitHub runs it, told beforehand and in the end. */
  readonly warnings: readonly string[]
  /** Parts that will not be rehearsed, told beforehand. */
  readonly notRehearsed: readonly string[]
  /** The `uses:` of local actions that act cannot run; they are left out. */
  readonly leftOutSteps: ReadonlySet<string>
  /** Workflows and composite actions, as text: where secrets and variables are named. */
  readonly texts: readonly string[]
  readonly needsPython: boolean
  readonly needsPostgres: boolean
  /** It sets up Elixir, Erlang/OTP or Gleam. */
  readonly needsBeam: boolean
}

/** A repository that steps take actions from, at one ref, and what stands for it. */
export interface ActionRepository {
  readonly repository: string
  readonly ref: string
  readonly paths: readonly string[]
  readonly kind: 'own' | 'stand-in' | 'supplied' | 'not-rehearsed'
  /** Folder given with --action. */
  readonly folder?: string
}

/**
 * Reads the consumer's workflow and everything it reaches.
 *
 * @param project root of this project
 * @throws ActionError with every problem found
 */
export async function prepare(options: SettledOptions, project: string, git: Git): Promise<Preparation> {
  const source = options.repository
  // "Scheduled workflows will only run on the default branch" (docs.github.com, events that trigger workflows).
  const tag =
    options.event === 'schedule' ? undefined : (options.tag ?? (await tagAtHead(source, git)) ?? options.usualTag)
  if (tag === undefined && options.event === 'push') {
    throw problem(
      'rehearse-tag',
      `no tag is given for ${source}, and none is at its HEAD`,
      `give it with --tag, or name it in ${settingsFile}`
    )
  }
  const badTag = tag === undefined ? [] : await tagProblems(tag, git)
  if (badTag.length > 0) throw new ActionError(badTag)
  const onPull = options.event === 'pull_request' || options.event === 'pull_request_review'
  const ref = tag === undefined || onPull ? 'refs/heads/main' : `refs/tags/${tag}`
  const workflow = await chooseWorkflow(options, source, ref)

  const problems: Problem[] = [...triggerProblems(workflow, options.event, ref)]
  const dispatched = options.event === 'workflow_dispatch' ? dispatchInputs(workflow, options.inputs) : { inputs: {} }
  if ('problems' in dispatched) problems.push(...dispatched.problems)
  const schedule = options.event === 'schedule' && problems.length === 0 && scheduleOf(workflow, options.cron)
  if (schedule && 'problems' in schedule) problems.push(...schedule.problems)
  const folderOf = suppliedFolders(options, problems)
  const { plan, problems: planProblems } = planWorkflow(workflow, { repositoryFolder: source, folderOf })
  problems.push(...planProblems)
  const uses = leafJobs(plan).flatMap((job) => reachableUses(job.job.steps, job.path, source, folderOf))
  const actions = actionRepositories(uses, frontDoors(project), folderOf, problems)
  const unrunnable = unrunnableSteps(plan, source, folderOf)
  problems.push(...unusableActions(uses, actions, project, folderOf))
  if (problems.length > 0) throw new ActionError(unique(problems))

  const texts = [...allWorkflows(plan).map((one) => one.text), ...compositeTexts(uses, source, folderOf)]
  return {
    source,
    plan,
    tag,
    inputs: 'inputs' in dispatched ? dispatched.inputs : {},
    ...(schedule && 'cron' in schedule && { cron: schedule.cron }),
    actions,
    warnings: [
      ...new Set([
        ...unexpectedInputs(uses, actions, project, source),
        ...unnamed('--secret', options.secrets, secretNames(texts)),
        ...unnamed('--var', options.variables, variableNames(texts))
      ])
    ],
    notRehearsed: [...leftOut(plan, uses), ...new Set(unrunnable.values())],
    leftOutSteps: new Set(unrunnable.keys()),
    texts,
    needsPostgres: needsPostgres(plan),
    needsBeam: actions.some(({ repository }) => repository === 'erlef/setup-beam'),
    needsPython:
      actions.some(({ repository }) => repository === 'actions/setup-python') ||
      texts.some((text) => /\bpip[3x]?\b|\bpython3?\b|\btwine\b/.test(text))
  }
}

async function chooseWorkflow(options: SettledOptions, source: string, ref: string): Promise<Workflow> {
  const folder = join(source, '.github', 'workflows')
  const names = existsSync(folder) ? (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).toSorted() : []
  if (options.workflow !== undefined) {
    // The path counts from the repository or its workflows, but one that counts from here is understood too.
    const file = [join(source, options.workflow), join(folder, options.workflow), resolve(options.workflow)].find(
      (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true
    )
    if (file === undefined) {
      throw problem(
        'rehearse-no-workflow',
        `there is no workflow ${options.workflow} in ${source}`,
        `name one of ${names.join(', ') || 'its workflows; it has none in .github/workflows'}`
      )
    }
    return readOrThrow(file, relative(source, file).replaceAll('\\', '/'))
  }
  const workflows = names.map((name) => readOrThrow(join(folder, name), `.github/workflows/${name}`))
  const started = workflows.filter((workflow) => triggerProblems(workflow, options.event, ref).length === 0)
  const [only] = started
  if (only !== undefined && started.length === 1) return only
  const message =
    started.length === 0
      ? `a ${options.event} of ${ref} starts none of the workflows in ${folder} (${names.join(', ') || 'there are none'})`
      : `a ${options.event} of ${ref} starts ${started.length} workflows: ${started.map(({ path }) => path).join(', ')}`
  throw problem('rehearse-no-workflow', message, 'name the workflow with --workflow')
}

/** Values on the command line that the workflow never asks for, most likely misspelt. */
function unnamed(option: string, given: ReadonlyMap<string, string>, named: readonly string[]): string[] {
  return [...given.keys()]
    .filter((name) => !named.includes(name))
    .map((name) => `${option} ${name}: the workflow names nothing so; it names ${named.join(', ') || 'none'}`)
}

function readOrThrow(file: string, path: string): Workflow {
  const read = readWorkflow(file, path)
  if ('problems' in read) throw new ActionError(read.problems)
  return read.workflow
}

function suppliedFolders(
  options: SettledOptions,
  problems: Problem[]
): (repository: string, ref: string) => string | undefined {
  const folders = new Map<string, string>()
  for (const [reference, folder] of options.actions) {
    const path = resolve(folder)
    if (!existsSync(path)) {
      problems.push({
        code: 'rehearse-action',
        message: `--action ${reference}: there is no folder ${path}`,
        hint: 'give the folder of the action’s repository'
      })
    }
    folders.set(reference.toLowerCase(), path)
  }
  return (repository, ref) => folders.get(`${repository}@${ref}`.toLowerCase())
}

function actionRepositories(
  uses: readonly UsesAt[],
  doors: readonly string[],
  folderOf: (repository: string, ref: string) => string | undefined,
  problems: Problem[]
): readonly ActionRepository[] {
  const found = new Map<string, { repository: string; ref: string; paths: Set<string> }>()
  for (const { uses: reference, file } of uses) {
    if (reference.kind === 'unknown') {
      problems.push({
        code: 'rehearse-uses',
        message: `"${reference.text}" names no action`,
        hint: 'write owner/repository@ref, ./folder or docker://image',
        file
      })
    }
    if (reference.kind !== 'repository') continue
    const key = `${reference.repository}@${reference.ref}`
    const entry = found.get(key) ?? { repository: reference.repository, ref: reference.ref, paths: new Set() }
    entry.paths.add(reference.path)
    found.set(key, entry)
  }
  return [...found.values()].map(({ repository, ref, paths }) => {
    const folder = folderOf(repository, ref)
    const all = [...paths]
    const kind =
      folder !== undefined
        ? 'supplied'
        : all.some((path) => doors.includes(path))
          ? 'own'
          : all.every((path) => hasStandIn(repository, path))
            ? 'stand-in'
            : 'not-rehearsed'
    return { repository, ref, paths: all, kind, ...(folder !== undefined && { folder }) }
  })
}

/** Supplied actions that have no metadata or need Docker, and front doors that do not exist or are not built. */
function unusableActions(
  uses: readonly UsesAt[],
  actions: readonly ActionRepository[],
  project: string,
  folderOf: (repository: string, ref: string) => string | undefined
): Problem[] {
  const doors = frontDoors(project)
  return actions.flatMap((action) =>
    action.paths.flatMap((path): Problem[] => {
      const name = `${action.repository}${path === '' ? '' : `/${path}`}@${action.ref}`
      const file = uses.find(({ uses: one }) => one.text === name)?.file
      const at = file === undefined ? {} : { file }
      if (action.kind === 'own') {
        if (!doors.includes(path)) {
          return [
            {
              code: 'rehearse-uses',
              message: `there is no action ${name}`,
              hint: `the actions are ${doors.join(', ')}`,
              ...at
            }
          ]
        }
        return existsSync(join(project, 'dist', path, 'index.js'))
          ? []
          : [{ code: 'rehearse-build', message: `dist/${path}/index.js is not built`, hint: 'run npm run build' }]
      }
      if (action.folder === undefined) return []
      const metadata = actionMetadata(join(action.folder, path))
      if (metadata === undefined) {
        return [
          {
            code: 'rehearse-action',
            message: `${join(action.folder, path)} has no action.yml`,
            hint: 'give the folder of the action’s repository, checked out and built',
            ...at
          }
        ]
      }
      const cause = cannotRun(parseUses(name), action.folder, folderOf)
      return cause !== undefined
        ? [
            {
              code: 'rehearse-action',
              message: `${name} cannot be rehearsed: ${cause}`,
              hint: 'leave out --action for it; it is then told as not rehearsed',
              ...at
            }
          ]
        : []
    })
  )
}

function leftOut(plan: PlannedWorkflow, uses: readonly UsesAt[]): readonly string[] {
  const walk = (one: PlannedWorkflow): string[] =>
    one.jobs.flatMap((job) => [
      ...(job.notRehearsed === undefined ? [] : [`job ${job.key}: ${job.notRehearsed}`]),
      ...postgresServices(job.job).others.map(
        ({ name, why }) => `job ${job.key}: its service ${name} was not started, ${why}`
      ),
      ...(job.called === undefined ? [] : walk(job.called))
    ])
  const docker = uses.flatMap(({ uses: one }) =>
    one.kind === 'docker' ? [`${one.text}: there is no Docker here`] : []
  )
  return [...walk(plan), ...new Set(docker)]
}

/** Local actions that a job's own steps use and act cannot run, each with its cause. */
function unrunnableSteps(
  plan: PlannedWorkflow,
  source: string,
  folderOf: (repository: string, ref: string) => string | undefined
): ReadonlyMap<string, string> {
  const causes = new Map<string, string>()
  for (const { uses } of leafJobs(plan).flatMap((job) => job.job.steps)) {
    const reference = uses === undefined ? undefined : parseUses(uses)
    if (reference?.kind !== 'local') continue
    const cause = cannotRun(reference, source, folderOf)
    if (cause !== undefined)
      causes.set(reference.text, cause.startsWith(reference.text) ? cause : `${reference.text}: ${cause}`)
  }
  return causes
}

function compositeTexts(
  uses: readonly UsesAt[],
  source: string,
  folderOf: (repository: string, ref: string) => string | undefined
): string[] {
  return uses.flatMap(({ uses: reference }) => {
    const supplied = reference.kind === 'repository' ? folderOf(reference.repository, reference.ref) : source
    if (supplied === undefined || (reference.kind !== 'local' && reference.kind !== 'repository')) return []
    const metadata = actionMetadata(join(supplied, reference.path))
    return metadata === undefined ? [] : [readFileSync(metadata, 'utf8')]
  })
}

function unique(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((one) => [`${one.file ?? ''} ${one.message}`, one])).values()]
}

function problem(code: string, message: string, hint: string): ActionError {
  return new ActionError([{ code, message, hint }])
}
