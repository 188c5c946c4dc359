import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ActionRun } from '../support/run-action.ts'

/** One numbered line of the runbook in a job summary, with the blocks under it as a person copies them. */
export interface RunbookStep {
  readonly text: string
  readonly blocks: readonly { readonly language: 'sql' | 'sh'; readonly text: string }[]
}

/** The runbook of a failed run: what stands under "What to do now". */
export function runbookOf({ summary }: ActionRun): readonly RunbookStep[] {
  const [, section = ''] = summary.split('### What to do now')
  const [body = ''] = section.split('\n### ')
  return body
    .split(/^- \*\*\d+\.\*\* /m)
    .slice(1)
    .map((item) => ({
      text: item.replaceAll(/^ {2}```[\s\S]*?^ {2}```$/gm, '').trim(),
      blocks: [...item.matchAll(/^ {2}```(sql|sh)\n([\s\S]*?)\n {2}```$/gm)].map(([, language, text = '']) => ({
        language: language === 'sql' ? ('sql' as const) : ('sh' as const),
        text: text.replaceAll(/^ {2}/gm, '')
      }))
    }))
}

/** Does by hand what one step says, block by block. @throws Error where there is no such step, or a block fails */
export async function follow(
  run: ActionRun,
  words: string,
  how: {
    readonly sql: (text: string) => Promise<unknown>
    readonly folder: string
    readonly env: Readonly<Record<string, string>>
  }
): Promise<void> {
  const step = runbookOf(run).find(({ text }) => text.includes(words))
  if (step === undefined || step.blocks.length === 0)
    throw new Error(`no step with commands says: ${words}\n${run.summary}`)
  for (const { language, text } of step.blocks) {
    if (language === 'sql') await how.sql(text)
    else
      await promisify(execFile)('sh', ['-e', '-c', text], {
        cwd: how.folder,
        env: { PATH: process.env['PATH'], HOME: how.folder, ...how.env },
        timeout: 60_000
      })
  }
}
