import type { Problem } from '../../shared/problem.ts'
import { readDuration } from '../duration.ts'

/** The words that `warn-after` and `fail-after` take, each with the stage that it means; `total` is the whole run. */
const stageWords: Readonly<Record<string, string>> = {
  preflight: 'preflight',
  backup: 'backup',
  lock: 'lock',
  migration: 'migrate',
  migrations: 'migrate',
  migrate: 'migrate',
  seed: 'seed',
  smoke: 'smoke',
  verification: 'verify',
  verify: 'verify',
  restore: 'restore',
  rollback: 'rollback',
  drift: 'drift',
  diff: 'diff',
  total: 'total'
}

/** Stages that are one thing to whoever limits it; every other has its own name. */
export const stagesOf: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'verify',
    ['verify', 'second-status', 'indexes', 'extensions', 'smoke', 'verify-files', 'expect-app', 'verify-commands']
  ],
  ['restore', ['restore', 'swap']],
  ['rollback', ['rollback', 'resolve']]
])

/**
 * Reads `warn-after` or `fail-after`: lengths of time with the stage that each is for, `10m migration, 30s seed`, one a
 * line or with commas between.
 * @param input its name, for problems
 * @returns milliseconds by the name of the stage (`migrate`), or everything that is wrong with it
 */
export function readTimeLimits(
  text: string,
  input: string
): { readonly limits: ReadonlyMap<string, number> } | { readonly problems: readonly Problem[] } {
  const limits = new Map<string, number>()
  const problems: Problem[] = []
  const reject = (entry: string, why: string): void => {
    problems.push({
      code: 'deploy-input',
      message: `Input ${input} has ${JSON.stringify(entry)}, ${why}.`,
      hint: `Write a length of time and what it is for, as in \`${input}: 10m migration, 30s seed\`; units are ms, s, m and h, and the words are: ${Object.keys(stageWords).join(', ')}.`
    })
  }
  for (const entry of text.split(/[,\n]/).map((each) => each.trim())) {
    if (entry === '') continue
    const [, time = '', word = ''] = /^(.*?)\s+([a-z]+)$/i.exec(entry) ?? []
    const limit = readDuration(time)
    const stage = stageWords[word.toLowerCase()]
    if (limit === undefined || limit === 0) reject(entry, 'which has no length of time in front of a word')
    else if (stage === undefined) reject(entry, 'whose word names no part of a run')
    else if (limits.has(stage)) reject(entry, 'and a limit for that part stands before it')
    else limits.set(stage, limit)
  }
  return problems.length > 0 ? { problems } : { limits }
}
