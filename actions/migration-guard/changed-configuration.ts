import type { Problem } from '../shared/problem.ts'
import type { Change } from './change.ts'
import { readConfiguration } from './configuration-file.ts'
import { defaultConfiguration } from './inputs.ts'

/** What the configuration that a change brings comes to, once it is merged. */
export interface ChangedConfiguration {
  readonly file: string
  /** Why it cannot be read; empty where it can. */
  readonly problems: readonly Problem[]
}

/** How a configuration is chosen, as for the base. */
export interface HowChosen {
  /** The configuration that holds now; undefined without one. */
  readonly holds: string | undefined
  /** What input `config` names. */
  readonly asked: string
  readonly knownRules: ReadonlySet<string>
  readonly running: string | undefined
}

/**
 * Reads the configuration that would hold after the merge, where the change writes it or a workflow, which may name
 * another one. It decides nothing of this change; but a broken one, once merged, fails every run, also the one that
 * mends it.
 *
 * @returns undefined where the change brings none
 */
export async function readChangedConfiguration(
  { files, target, head }: Change,
  { holds, asked, knownRules, running }: HowChosen
): Promise<ChangedConfiguration | undefined> {
  const written = new Set(files.filter(({ kind }) => kind !== 'deleted').map(({ path }) => path))
  const namesOther = [...written].some((path) => workflowFile.test(path))
  if (!namesOther && ![holds, asked, defaultConfiguration].some((path) => path !== undefined && written.has(path)))
    return undefined

  const read = await readConfiguration(head, asked, knownRules, running)
  const problems = 'problems' in read ? read.problems : []
  const file = 'problems' in read ? problems[0]?.file : read.configuration.file
  if (file === undefined) return undefined
  const isNew = written.has(file) || (namesOther && file !== holds)
  const before = target.files.get(file)
  const after = head.files.get(file)
  // What is in the branch already is no fault of this change: a branch may be behind the one that it goes to.
  const isMerged = file === holds && before?.blob === after?.blob && before?.mode === after?.mode
  return isNew && !isMerged ? { file, problems } : undefined
}

const workflowFile = /^\.github\/.*\.ya?ml$/
