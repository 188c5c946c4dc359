import type { Annotation, Listener, RanJob, RanStep } from './record.ts'

/** Where progress goes: a terminal, a log, a test. */
export type Say = (line: string) => void

/** One line a step with its time, when it ends, under its job's name. */
export function progress(say: Say): Listener {
  return {
    stepEnded(job, step) {
      if (isNoise(step)) return
      say(
        `  ${marks[step.forgiven ? 'skipped' : step.result]} ${seconds(step.milliseconds)}  ${job.name}: ${stepName(step)}`
      )
      if (step.result !== 'failure' || step.forgiven) return
      const errors = step.annotations.filter(({ level }) => level === 'error').map(annotationText)
      for (const line of [...errors.flatMap((text) => text.split('\n')), ...step.tail.slice(-12)]) {
        say(`             │ ${line}`)
      }
    },
    jobEnded(job) {
      say(`${marks[job.result]} ${job.name}${placeNote(job)}`)
    }
  }
}

/** `error: Title: message (file:line)`, each part once. */
export function annotationText({ level, message, title, place }: Annotation): string {
  const heading = title === undefined || message.includes(title) ? '' : `${title}: `
  return `${level}: ${heading}${message}${place === undefined || message.includes(place) ? '' : ` (${place})`}`
}

/** ` (ran on Linux instead of Windows)`, or nothing. */
export function placeNote(job: Pick<RanJob, 'insteadOf'>): string {
  return job.insteadOf === undefined ? '' : ` (${ranHere} instead of ${job.insteadOf})`
}

export function stepName(step: Pick<RanStep, 'name' | 'stage'>): string {
  return step.stage === 'Main' ? step.name : `${step.stage} ${step.name}`
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`.padStart(7)
}

export const marks = { success: '✓', failure: '✗', skipped: '○', unfinished: '?' } as const

const ranHere = `ran on ${process.platform === 'win32' ? 'Windows' : process.platform === 'darwin' ? 'macOS' : 'Linux'}`

/** Pre and post stages that only say that they had nothing to do. */
function isNoise(step: RanStep): boolean {
  return step.stage !== 'Main' && step.result === 'success' && step.milliseconds < 50
}
