import type { ActLine } from './act.ts'
import { cellLabels, systemOf, thisSystem, type System } from './labels.ts'
import { oneLine, safeLines, type Mask } from './masking.ts'
import type { PlannedJob } from './plan.ts'
import { plain, mapping } from './workflow.ts'

export type Result = 'success' | 'failure' | 'skipped' | 'unfinished'

/** One job as it ran: a cell of the matrix is one by itself. Every text in it is masked and safe to show. */
export interface RanJob {
  readonly name: string
  readonly planned: PlannedJob | undefined
  readonly result: Result
  /** The system it asks for, when that is not the one it ran on. */
  readonly insteadOf?: System
  readonly steps: readonly RanStep[]
}

export interface RanStep {
  readonly name: string
  readonly stage: string
  readonly result: Result
  readonly milliseconds: number
  /** Failed, and the job went on (`continue-on-error`). */
  readonly forgiven: boolean
  /** Markdown. */
  readonly summary: string
  readonly annotations: readonly Annotation[]
  /** The end of its output without annotations, kept for steps that fail. */
  readonly tail: readonly string[]
}

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly message: string
  readonly title?: string
  readonly place?: string
}

/** What is heard while the jobs run. */
export interface Listener {
  readonly jobStarted?: (job: RanJob) => void
  readonly stepEnded?: (job: RanJob, step: RanStep) => void
  readonly jobEnded?: (job: RanJob) => void
}

/** What the stream said in the end. */
export interface RunRecord {
  readonly jobs: readonly RanJob[]
  /** What act says is wrong outside any step. */
  readonly errors: readonly string[]
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }
type OpenStep = Writable<RanStep> & { annotations: Annotation[]; tail: string[] }
type OpenJob = Writable<RanJob> & { steps: OpenStep[]; open: Map<string, OpenStep> }

const tailLength = 40
/** GitHub shows a summary of 1 MiB for a step. */
const summaryLimit = 1 << 20

/**
 * Makes a record out of act's lines.
 *
 * @param planned all jobs, callers and called
 * @param workflow name of the workflow, as act prints it before each job's
 */
export function recorder(
  planned: readonly PlannedJob[],
  workflow: string,
  mask: Mask,
  listener: Listener = {}
): { readonly take: (line: ActLine) => void; readonly finish: () => RunRecord } {
  const jobs = new Map<string, OpenJob>()
  const errors: string[] = []
  const shown = (text: string): string => oneLine(mask.hide(text))

  const jobOf = (line: ActLine, name: string): OpenJob => {
    const known = jobs.get(name)
    if (known !== undefined) return known
    const plannedJob = findPlanned(planned, name, line.jobId)
    const wanted = wantedSystem(plannedJob, line)
    const job: OpenJob = {
      name: shown(displayName(name, workflow, plannedJob, line.matrix)),
      planned: plannedJob,
      result: 'unfinished',
      steps: [],
      open: new Map(),
      ...(wanted !== undefined && wanted !== thisSystem && { insteadOf: wanted })
    }
    jobs.set(name, job)
    listener.jobStarted?.(job)
    return job
  }
  const stepOf = (line: ActLine, job: OpenJob): OpenStep | undefined => {
    if (line.step === undefined || line.stage === undefined) return undefined
    // Steps inside a composite action belong to the step that uses it.
    const key = `${line.stage} ${line.stepIds[0] ?? ''}`
    const known = job.open.get(key)
    if (known !== undefined) return known
    // What act says while it looks for an action is no step yet.
    if (!line.message.startsWith('⭐') && line.level !== 'error' && line.stepResult === undefined) return undefined
    const step: OpenStep = {
      name: shown(line.step.split(/\r?\n/)[0] ?? ''),
      stage: line.stage,
      result: 'unfinished',
      milliseconds: 0,
      forgiven: false,
      summary: '',
      annotations: [],
      tail: []
    }
    job.open.set(key, step)
    job.steps.push(step)
    return step
  }

  return {
    take(line) {
      if (line.command === 'add-mask' && line.argument !== undefined) mask.add(line.argument)
      if (line.job === undefined) {
        if (line.level === 'error' || line.level === 'fatal') errors.push(shown(line.message))
        return
      }
      if (line.jobId === undefined) return
      if (!jobs.has(line.job) && isCall(planned, line)) {
        if (line.level === 'error') errors.push(`${shown(line.job)}: ${shown(line.message)}`)
        return
      }
      const job = jobOf(line, line.job)
      if (line.jobResult !== undefined) {
        job.result = resultOf(line.jobResult)
        listener.jobEnded?.(job)
        return
      }
      const step = stepOf(line, job)
      if (step === undefined) {
        if (line.level === 'error') errors.push(`${job.name}: ${shown(line.message)}`)
        return
      }
      // Annotations are kept as such; act's line has them as the raw command.
      if (line.isOutput || (line.level === 'error' && line.command === undefined)) {
        step.tail.push(...safeLines(mask.hide(line.message.replace(/\r?\n$/, ''))).split('\n'))
        if (step.tail.length > tailLength) step.tail.splice(0, step.tail.length - tailLength)
      }
      if (line.message === 'Failed but continue next step') step.forgiven = true
      if (line.summary !== undefined) step.summary = mask.hide(line.summary).slice(0, summaryLimit)
      takeAnnotation(line, step, mask)
      if (line.stepResult !== undefined && line.stepIds.length === 1) {
        step.result = resultOf(line.stepResult)
        step.milliseconds = (line.executionTime ?? 0) / 1e6
        listener.stepEnded?.(job, step)
      }
    },
    finish: () => ({ jobs: [...jobs.values()], errors })
  }
}

function takeAnnotation(line: ActLine, step: OpenStep, mask: Mask): void {
  if (line.command !== 'error' && line.command !== 'warning' && line.command !== 'notice') return
  const message = mask.hide(line.argument ?? '')
  const { title, file, line: row } = line.properties
  // act gives a command's argument as it came, escapes undone.
  step.annotations.push({
    level: line.command,
    message: safeLines(message),
    ...(title !== undefined && { title: oneLine(mask.hide(title)) }),
    ...(file !== undefined && { place: oneLine(mask.hide(row === undefined ? file : `${file}:${row}`)) })
  })
}

function resultOf(word: string): Result {
  return word === 'success' || word === 'failure' || word === 'skipped' ? word : 'failure'
}

/**
 * act says `workflow/job` and, for jobs of a called workflow, `caller/workflow/job`; the workflow's name says nothing.
 * Cells of a matrix have a number behind them, where GitHub puts their values when the job has no name of its own.
 */
function displayName(
  name: string,
  workflow: string,
  planned: PlannedJob | undefined,
  matrix: Readonly<Record<string, unknown>>
): string {
  const job = name.startsWith(`${workflow}/`) ? name.slice(workflow.length + 1) : name.replace(`/${workflow}/`, ' / ')
  const values = Object.values(matrix).filter((value) => typeof value !== 'object')
  if (values.length === 0) return job
  const base = job.replace(/-\d+$/, '')
  return planned?.job.name?.includes('matrix.') === true ? base : `${base} (${values.map(String).join(', ')})`
}

/**
 * The calling job itself has lines too, when act looks for the workflow; it is no job that runs. One that does, in a
 * called workflow, may have the same id: its first line is of a step.
 */
function isCall(planned: readonly PlannedJob[], line: ActLine): boolean {
  return planned.some((job) => job.job.id === line.jobId && job.called !== undefined) && line.step === undefined
}

function findPlanned(planned: readonly PlannedJob[], name: string, id: string | undefined): PlannedJob | undefined {
  const candidates = planned.filter((job) => job.job.id === id && job.called === undefined)
  if (candidates.length <= 1) return candidates[0]
  const caller = name.split('/')[0] ?? ''
  return (
    candidates.find((job) => job.key.includes('/') && caller.replace(/-\d+$/, '') === job.key.split('/').at(-2)) ??
    candidates.find((job) => !job.key.includes('/'))
  )
}

function wantedSystem(planned: PlannedJob | undefined, line: ActLine): System | undefined {
  if (planned === undefined) return undefined
  const labels = cellLabels(planned.job.runsOn, mapping(plain(line.matrix))) ?? planned.labels
  return labels === undefined ? undefined : systemOf(labels)
}
