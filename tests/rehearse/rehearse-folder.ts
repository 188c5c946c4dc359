import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readOptions } from '../../rehearse/options.ts'
import type { Outcome } from '../../rehearse/outcome.ts'
import { rehearse } from '../../rehearse/rehearsal.ts'
import { writeReports } from '../../rehearse/report-folder.ts'
import { temporaryFolder } from '../support/run-action.ts'

const project = join(import.meta.dirname, '..', '..')

/** What a rehearsal gave: its outcome, what it said, and all text of its report. */
export interface Rehearsed {
  /** That of the repository itself. */
  readonly outcome: Outcome
  /** Those of what was rehearsed first, and its own. */
  readonly outcomes: readonly Outcome[]
  readonly said: string
  readonly report: Readonly<Record<'page' | 'markdown', string>>
}

/** Writes files into a new folder. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder('consumer')
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

/** Rehearses with these arguments, as the command does, in this process. */
export async function rehearseWith(args: readonly string[]): Promise<Rehearsed> {
  const read = readOptions(args)
  if (!('options' in read)) throw new Error(`bad arguments: ${JSON.stringify(read)}`)
  const said: string[] = []
  const surroundings = { project, say: (line: string) => said.push(line), signal: new AbortController().signal }
  const outcomes = await rehearse(read.options, surroundings)
  const outcome = outcomes.at(-1)
  if (outcome === undefined) throw new Error('a rehearsal without an outcome')
  return {
    outcome,
    outcomes,
    said: said.join('\n'),
    report: writeReports(outcomes, temporaryFolder('report')).at(-1) ?? { page: '', markdown: '' }
  }
}

/** Rehearses a repository that has this one workflow, for the tag v1.0.0 unless the arguments say otherwise. */
export async function rehearseWorkflow(
  workflow: string,
  files: Readonly<Record<string, string>> = {},
  args: readonly string[] = []
): Promise<Rehearsed> {
  const folder = folderOf({ '.github/workflows/release.yml': workflow, ...files })
  const tag = args.includes('--tag') ? [] : ['--tag', 'v1.0.0']
  return rehearseWith(['--repo', folder, ...tag, ...args.map((arg) => arg.replace('FOLDER', folder))])
}

/** The text that steps wrote into their summaries. */
export function summaries({ outcome }: Rehearsed): string {
  return outcome.jobs.flatMap(({ steps }) => steps.map(({ summary }) => summary)).join('\n')
}
